-- One row per account, snapshot day, SKU, FNSKU and condition: what lies in Amazon's warehouses, how long, and what it is expected to cost.
select
    report_rows._account_id as account_id,
    report_rows.snapshot_date as date_day,
    report_rows.stated_date as stated_date,
    nullif(trim(report_rows.sku), '') as sku,
    report_rows.fnsku as fnsku,
    report_rows.asin as asin,
    report_rows.product_name as product_name,
    report_rows.condition as condition,
    upper(coalesce(report_rows.currency, accounts.currency)) as currency,
    accounts.currency as account_currency,
    cast(report_rows.available as bigint) as available,
    cast(report_rows.reserved_quantity as bigint) as reserved_units,
    cast(report_rows.unfulfillable_quantity as bigint) as unfulfillable_units,
    cast(report_rows.pending_removal_quantity as bigint) as pending_removal_units,
    cast(
        coalesce(
            report_rows.inbound_quantity,
            report_rows.inbound_working + report_rows.inbound_shipped + report_rows.inbound_received
        ) as bigint
    ) as inbound_units,
    cast(report_rows.inv_age_0_to_30_days as bigint) as age_0_to_30_units,
    cast(report_rows.inv_age_31_to_60_days as bigint) as age_31_to_60_units,
    cast(report_rows.inv_age_61_to_90_days as bigint) as age_61_to_90_units,
    cast(report_rows.inv_age_0_to_90_days as bigint) as age_0_to_90_units,
    cast(report_rows.inv_age_91_to_180_days as bigint) as age_91_to_180_units,
    cast(report_rows.inv_age_181_to_270_days as bigint) as age_181_to_270_units,
    cast(report_rows.inv_age_271_to_365_days as bigint) as age_271_to_365_units,
    cast(report_rows.inv_age_181_to_330_days as bigint) as age_181_to_330_units,
    cast(report_rows.inv_age_331_to_365_days as bigint) as age_331_to_365_units,
    cast(report_rows.inv_age_365_plus_days as bigint) as age_365_plus_units,
    cast(report_rows.inv_age_366_to_455_days as bigint) as age_366_to_455_units,
    cast(report_rows.inv_age_456_plus_days as bigint) as age_456_plus_units,
    cast(report_rows.units_shipped_t7 as bigint) as units_shipped_7,
    cast(report_rows.units_shipped_t30 as bigint) as units_shipped_30,
    cast(report_rows.units_shipped_t60 as bigint) as units_shipped_60,
    cast(report_rows.units_shipped_t90 as bigint) as units_shipped_90,
    cast(report_rows.estimated_excess_quantity as bigint) as excess_units,
    report_rows.estimated_storage_cost_next_month as estimated_storage_cost,
    -- The surcharge's stated bands; older reports say what the next long-term storage charge will be.
    case
        when
            coalesce(
                report_rows.estimated_ais_181_210_days,
                report_rows.estimated_ais_211_240_days,
                report_rows.estimated_ais_241_270_days,
                report_rows.estimated_ais_271_300_days,
                report_rows.estimated_ais_301_330_days,
                report_rows.estimated_ais_331_365_days,
                report_rows.estimated_ais_366_455_days,
                report_rows.estimated_ais_456_plus_days
            ) is not null
            then
                coalesce(report_rows.estimated_ais_181_210_days, 0)
                + coalesce(report_rows.estimated_ais_211_240_days, 0)
                + coalesce(report_rows.estimated_ais_241_270_days, 0)
                + coalesce(report_rows.estimated_ais_271_300_days, 0)
                + coalesce(report_rows.estimated_ais_301_330_days, 0)
                + coalesce(report_rows.estimated_ais_331_365_days, 0)
                + coalesce(report_rows.estimated_ais_366_455_days, 0)
                + coalesce(report_rows.estimated_ais_456_plus_days, 0)
        else coalesce(report_rows.estimated_ltsf_next_charge, report_rows.projected_ltsf_11_mo)
    end as estimated_aged_surcharge,
    report_rows.days_of_supply as stated_days_of_supply,
    report_rows.historical_days_of_supply as historical_days_of_supply,
    report_rows.short_term_historical_days_of_supply as short_term_historical_days_of_supply,
    report_rows.long_term_historical_days_of_supply as long_term_historical_days_of_supply,
    lower(trim(report_rows.low_inventory_level_fee_applied)) in ('yes', 'y', 'true') as is_low_inventory_fee_applied,
    lower(trim(report_rows.low_inventory_level_fee_exempt)) in ('yes', 'y', 'true') as is_low_inventory_fee_exempt,
    cast(report_rows.fba_minimum_inventory_level as bigint) as minimum_units,
    report_rows.alert as alert,
    report_rows.recommended_action as recommended_action,
    cast(report_rows.recommended_removal_quantity as bigint) as recommended_removal_units,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__fba_stock_and_age') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
