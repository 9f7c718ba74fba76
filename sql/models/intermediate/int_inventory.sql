-- One row per row of a platform's stock snapshot: what can be sold through the account, and who holds it. Ages, shipped units and
-- expected costs are Amazon's own figures; other platforms give none. Stock without a count (not tracked) and goods that are
-- deleted or mere drafts are no stock.
select
    'amazon_sp.fba_stock_and_age' as stream,
    stock.account_id as account_id,
    stock.date_day as date_day,
    stock.sku as sku,
    'platform' as held_by,
    true as is_listed,
    stock.available as available,
    stock.reserved_units as reserved_units,
    stock.unfulfillable_units as unfulfillable_units,
    stock.inbound_units as inbound_units,
    stock.age_0_to_30_units as age_0_to_30_units,
    stock.age_31_to_60_units as age_31_to_60_units,
    stock.age_61_to_90_units as age_61_to_90_units,
    stock.age_0_to_90_units as age_0_to_90_units,
    stock.age_91_to_180_units as age_91_to_180_units,
    stock.age_181_to_270_units as age_181_to_270_units,
    stock.age_271_to_365_units as age_271_to_365_units,
    stock.age_181_to_330_units as age_181_to_330_units,
    stock.age_331_to_365_units as age_331_to_365_units,
    stock.age_365_plus_units as age_365_plus_units,
    stock.age_366_to_455_units as age_366_to_455_units,
    stock.age_456_plus_units as age_456_plus_units,
    stock.units_shipped_7 as units_shipped_7,
    stock.units_shipped_30 as units_shipped_30,
    stock.units_shipped_60 as units_shipped_60,
    stock.units_shipped_90 as units_shipped_90,
    stock.excess_units as excess_units,
    case
        when stock.currency = stock.account_currency or stock.account_currency is null then stock.estimated_storage_cost
    end as estimated_storage_cost,
    case
        when stock.currency = stock.account_currency or stock.account_currency is null then stock.estimated_aged_surcharge
    end as estimated_aged_surcharge,
    case
        when
            stock.short_term_historical_days_of_supply >= {{ var('low_inventory_days') }}
            or stock.long_term_historical_days_of_supply >= {{ var('low_inventory_days') }} then 0
        when stock.short_term_historical_days_of_supply is not null and stock.long_term_historical_days_of_supply is not null then 1
        when coalesce(stock.short_term_historical_days_of_supply, stock.long_term_historical_days_of_supply) is not null then null
        when stock.historical_days_of_supply < {{ var('low_inventory_days') }} then 1
        when stock.historical_days_of_supply is not null then 0
    end as low_inventory_flag,
    stock.is_low_inventory_fee_exempt as is_low_inventory_fee_exempt,
    stock.load_id as load_id
from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as stock

union all

select
    'shopify.inventory_levels' as stream,
    stock.account_id as account_id,
    stock.date_day as date_day,
    stock.sku as sku,
    'seller' as held_by,
    true as is_listed,
    stock.available as available,
    stock.committed as reserved_units,
    cast(null as bigint) as unfulfillable_units,
    stock.incoming as inbound_units,
    cast(null as bigint) as age_0_to_30_units,
    cast(null as bigint) as age_31_to_60_units,
    cast(null as bigint) as age_61_to_90_units,
    cast(null as bigint) as age_0_to_90_units,
    cast(null as bigint) as age_91_to_180_units,
    cast(null as bigint) as age_181_to_270_units,
    cast(null as bigint) as age_271_to_365_units,
    cast(null as bigint) as age_181_to_330_units,
    cast(null as bigint) as age_331_to_365_units,
    cast(null as bigint) as age_365_plus_units,
    cast(null as bigint) as age_366_to_455_units,
    cast(null as bigint) as age_456_plus_units,
    cast(null as bigint) as units_shipped_7,
    cast(null as bigint) as units_shipped_30,
    cast(null as bigint) as units_shipped_60,
    cast(null as bigint) as units_shipped_90,
    cast(null as bigint) as excess_units,
    cast(null as numeric) as estimated_storage_cost,
    cast(null as numeric) as estimated_aged_surcharge,
    cast(null as bigint) as low_inventory_flag,
    cast(null as boolean) as is_low_inventory_fee_exempt,
    stock.load_id as load_id
from {{ ref('stg_shopify__inventory_levels') }} as stock
where stock.is_tracked

union all

select
    'walmart.inventory' as stream,
    stock.account_id as account_id,
    stock.date_day as date_day,
    stock.sku as sku,
    'seller' as held_by,
    true as is_listed,
    stock.available as available,
    stock.reserved_units as reserved_units,
    cast(null as bigint) as unfulfillable_units,
    cast(null as bigint) as inbound_units,
    cast(null as bigint) as age_0_to_30_units,
    cast(null as bigint) as age_31_to_60_units,
    cast(null as bigint) as age_61_to_90_units,
    cast(null as bigint) as age_0_to_90_units,
    cast(null as bigint) as age_91_to_180_units,
    cast(null as bigint) as age_181_to_270_units,
    cast(null as bigint) as age_271_to_365_units,
    cast(null as bigint) as age_181_to_330_units,
    cast(null as bigint) as age_331_to_365_units,
    cast(null as bigint) as age_365_plus_units,
    cast(null as bigint) as age_366_to_455_units,
    cast(null as bigint) as age_456_plus_units,
    cast(null as bigint) as units_shipped_7,
    cast(null as bigint) as units_shipped_30,
    cast(null as bigint) as units_shipped_60,
    cast(null as bigint) as units_shipped_90,
    cast(null as bigint) as excess_units,
    cast(null as numeric) as estimated_storage_cost,
    cast(null as numeric) as estimated_aged_surcharge,
    cast(null as bigint) as low_inventory_flag,
    cast(null as boolean) as is_low_inventory_fee_exempt,
    stock.load_id as load_id
from {{ ref('stg_walmart__inventory') }} as stock

union all

select
    'walmart.wfs_inventory' as stream,
    stock.account_id as account_id,
    stock.date_day as date_day,
    stock.sku as sku,
    'platform' as held_by,
    true as is_listed,
    stock.available as available,
    stock.on_hand - stock.available as reserved_units,
    cast(null as bigint) as unfulfillable_units,
    cast(null as bigint) as inbound_units,
    cast(null as bigint) as age_0_to_30_units,
    cast(null as bigint) as age_31_to_60_units,
    cast(null as bigint) as age_61_to_90_units,
    cast(null as bigint) as age_0_to_90_units,
    cast(null as bigint) as age_91_to_180_units,
    cast(null as bigint) as age_181_to_270_units,
    cast(null as bigint) as age_271_to_365_units,
    cast(null as bigint) as age_181_to_330_units,
    cast(null as bigint) as age_331_to_365_units,
    cast(null as bigint) as age_365_plus_units,
    cast(null as bigint) as age_366_to_455_units,
    cast(null as bigint) as age_456_plus_units,
    cast(null as bigint) as units_shipped_7,
    cast(null as bigint) as units_shipped_30,
    cast(null as bigint) as units_shipped_60,
    cast(null as bigint) as units_shipped_90,
    cast(null as bigint) as excess_units,
    cast(null as numeric) as estimated_storage_cost,
    cast(null as numeric) as estimated_aged_surcharge,
    cast(null as bigint) as low_inventory_flag,
    cast(null as boolean) as is_low_inventory_fee_exempt,
    stock.load_id as load_id
from {{ ref('stg_walmart__wfs_inventory') }} as stock

union all

select
    'tiktok_shop.products' as stream,
    stock.account_id as account_id,
    stock.date_day as date_day,
    stock.sku as sku,
    'seller' as held_by,
    stock.is_on_sale as is_listed,
    case when stock.is_on_sale then stock.stock else 0 end as available,
    cast(null as bigint) as reserved_units,
    case when stock.is_on_sale then 0 else stock.stock end as unfulfillable_units,
    cast(null as bigint) as inbound_units,
    cast(null as bigint) as age_0_to_30_units,
    cast(null as bigint) as age_31_to_60_units,
    cast(null as bigint) as age_61_to_90_units,
    cast(null as bigint) as age_0_to_90_units,
    cast(null as bigint) as age_91_to_180_units,
    cast(null as bigint) as age_181_to_270_units,
    cast(null as bigint) as age_271_to_365_units,
    cast(null as bigint) as age_181_to_330_units,
    cast(null as bigint) as age_331_to_365_units,
    cast(null as bigint) as age_365_plus_units,
    cast(null as bigint) as age_366_to_455_units,
    cast(null as bigint) as age_456_plus_units,
    cast(null as bigint) as units_shipped_7,
    cast(null as bigint) as units_shipped_30,
    cast(null as bigint) as units_shipped_60,
    cast(null as bigint) as units_shipped_90,
    cast(null as bigint) as excess_units,
    cast(null as numeric) as estimated_storage_cost,
    cast(null as numeric) as estimated_aged_surcharge,
    cast(null as bigint) as low_inventory_flag,
    cast(null as boolean) as is_low_inventory_fee_exempt,
    stock.load_id as load_id
from {{ ref('stg_tiktok_shop__products') }} as stock
where coalesce(stock.product_status, '') not in ('DELETED', 'DRAFT')
