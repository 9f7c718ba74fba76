-- One row per account and SKU as of the account's latest snapshot: what is there, how old it is, how long it lasts, and what to do.
-- The rules are those of the docs of the columns reorder_hint and clearance_hint.
{%- set lead = days_setting('stock_lead_time_days') %}
{%- set safety = days_setting('stock_safety_days') %}
{%- set soon = days_setting('stock_reorder_soon_days') %}
{%- set cover = days_setting('stock_cover_days') %}
{%- set clear = days_setting('stock_clear_days') %}
{{ config(indexes=[{'columns': ['sku_key'], 'unique': true}, {'columns': ['account_id']}]) }}

with latest as (
    select
        inventory.account_id as account_id,
        max(inventory.date_day) as date_day
    from {{ ref('fct_inventory') }} as inventory
    group by inventory.account_id
),

-- How long goods took from the order to the shelf: lines received in the last year, else what open lines promise.
purchases as (
    select
        purchase_orders.sku as sku,
        max(purchase_orders.ordered_on) as last_ordered_on,
        avg(
            case
                when
                    purchase_orders.received_on >= purchase_orders.ordered_on
                    and purchase_orders.received_on > cast({{ build_instant() }} as date) - 365
                    then cast(purchase_orders.received_on - purchase_orders.ordered_on as numeric)
            end
        ) as received_lead_days,
        avg(
            case
                when
                    purchase_orders.received_on is null
                    and not purchase_orders.is_closed
                    and purchase_orders.expected_on >= purchase_orders.ordered_on
                    then cast(purchase_orders.expected_on - purchase_orders.ordered_on as numeric)
            end
        ) as promised_lead_days,
        sum(
            case
                when purchase_orders.received_on is null and not purchase_orders.is_closed
                    then
                        case
                            when purchase_orders.units_ordered > coalesce(purchase_orders.units_received, 0)
                                then purchase_orders.units_ordered - coalesce(purchase_orders.units_received, 0)
                            else 0
                        end
            end
        ) as on_order_units
    from {{ ref('stg_erp__purchase_orders') }} as purchase_orders
    group by purchase_orders.sku
),

warehouse_days as (
    select
        warehouse_stock.account_id as account_id,
        max(warehouse_stock.date_day) as date_day
    from {{ ref('fct_warehouse_stock') }} as warehouse_stock
    group by warehouse_stock.account_id
),

warehouse as (
    select
        warehouse_stock.sku as sku,
        sum(warehouse_stock.warehouse_stock_units) as warehouse_units
    from {{ ref('fct_warehouse_stock') }} as warehouse_stock
    inner join warehouse_days
        on warehouse_stock.account_id = warehouse_days.account_id and warehouse_stock.date_day = warehouse_days.date_day
    group by warehouse_stock.sku
),

positions as (
    select
        inventory.*,
        warehouse.warehouse_units as warehouse_units,
        purchases.on_order_units as on_order_units,
        case
            when purchases.received_lead_days is not null then 'received_orders'
            when purchases.promised_lead_days is not null then 'open_orders'
            else 'default'
        end as lead_time_source,
        cast(ceil(coalesce(purchases.received_lead_days, purchases.promised_lead_days, {{ lead }})) as integer) as lead_time_days,
        -- The month's pace; the quarter's where the month sold nothing, which may be because nothing was there.
        case
            when inventory.units_shipped_30 > 0 then cast(inventory.units_shipped_30 as numeric) / 30
            when inventory.units_shipped_90 > 0 then cast(inventory.units_shipped_90 as numeric) / 90
            when inventory.units_shipped_30 = 0 or inventory.units_shipped_90 = 0 then 0
        end as daily_units,
        inventory.stock_units + coalesce(inventory.inbound_units, 0) as coming_units
    from {{ ref('fct_inventory') }} as inventory
    inner join latest on inventory.account_id = latest.account_id and inventory.date_day = latest.date_day
    left outer join warehouse on inventory.sku = warehouse.sku
    left outer join purchases on inventory.sku = purchases.sku
    where inventory.sku is not null
),

hinted as (
    select
        positions.*,
        case
            when positions.coming_units is null or positions.daily_units is null then 'no_data'
            when positions.daily_units = 0 then 'ok'
            when positions.coming_units <= positions.daily_units * (positions.lead_time_days + {{ safety }}) then 'reorder_now'
            when positions.coming_units <= positions.daily_units * (positions.lead_time_days + {{ safety + soon }}) then 'reorder_soon'
            else 'ok'
        end as reorder_hint,
        case
            when positions.aged_stock_units_181 is null or positions.dead_stock_units is null then 'no_data'
            when positions.dead_stock_units > 0 then 'remove_dead'
            when positions.aged_stock_units_181 > positions.daily_units * {{ clear }} then 'clear_aged'
            else 'ok'
        end as clearance_hint
    from positions
)

select
    hinted.sku_key as sku_key,
    {{ dbt.concat(["'account:'", 'hinted.account_id']) }} as account_key,
    hinted.account_id as account_id,
    hinted.sku as sku,
    hinted.date_day as date_day,
    hinted.currency as currency,
    hinted.held_by as held_by,
    hinted.is_listed as is_listed,
    hinted.stock_units as stock_units,
    hinted.reserved_units as reserved_units,
    hinted.inbound_units as inbound_units,
    hinted.unfulfillable_units as unfulfillable_units,
    hinted.warehouse_units as warehouse_units,
    hinted.on_order_units as on_order_units,
    hinted.unit_cost as unit_cost,
    hinted.stock_value as stock_value,
    hinted.stock_age_0_90 as stock_age_0_90,
    hinted.stock_age_91_180 as stock_age_91_180,
    hinted.stock_age_181_270 as stock_age_181_270,
    hinted.stock_age_271_365 as stock_age_271_365,
    hinted.stock_age_366_plus as stock_age_366_plus,
    hinted.stock_age_0_90_value as stock_age_0_90_value,
    hinted.stock_age_91_180_value as stock_age_91_180_value,
    hinted.stock_age_181_270_value as stock_age_181_270_value,
    hinted.stock_age_271_365_value as stock_age_271_365_value,
    hinted.stock_age_366_plus_value as stock_age_366_plus_value,
    hinted.aged_stock_units_181 as aged_stock_units_181,
    hinted.aged_stock_value as aged_stock_value,
    hinted.dead_stock_units as dead_stock_units,
    hinted.excess_units as excess_units,
    hinted.estimated_storage_cost as estimated_storage_cost,
    hinted.estimated_aged_surcharge as estimated_aged_surcharge,
    hinted.units_shipped_30 as units_shipped_30,
    hinted.units_shipped_90 as units_shipped_90,
    hinted.average_units_90 as average_units_90,
    hinted.is_low_inventory as is_low_inventory,
    hinted.is_low_inventory_exempt as is_low_inventory_exempt,
    hinted.daily_units as daily_units,
    {{ ratio('hinted.stock_units', 'hinted.daily_units') }} as days_of_supply,
    {{ ratio('hinted.coming_units', 'hinted.daily_units') }} as days_of_supply_with_inbound,
    hinted.lead_time_days as lead_time_days,
    hinted.lead_time_source as lead_time_source,
    hinted.reorder_hint as reorder_hint,
    case
        when hinted.reorder_hint = 'no_data' and hinted.coming_units is null then 'stock_unknown'
        when hinted.reorder_hint = 'no_data' then 'pace_unknown'
        when hinted.daily_units = 0 then 'nothing_sold'
        when hinted.reorder_hint = 'reorder_now' and hinted.stock_units = 0 then 'out_of_stock'
        when hinted.reorder_hint = 'reorder_now' then 'runs_out_within_lead_time'
        when hinted.reorder_hint = 'reorder_soon' then 'reaches_reorder_point_soon'
        else 'enough_for_lead_time'
    end as reorder_reason,
    case
        when hinted.reorder_hint in ('reorder_now', 'reorder_soon')
            then cast(ceil(hinted.daily_units * (hinted.lead_time_days + {{ safety + cover }})) - hinted.coming_units as bigint)
        when hinted.reorder_hint = 'ok' then 0
    end as reorder_units,
    hinted.clearance_hint as clearance_hint,
    case
        when hinted.clearance_hint = 'no_data' and hinted.aged_stock_units_181 is null then 'age_unknown'
        when hinted.clearance_hint = 'no_data' then 'pace_unknown'
        when hinted.clearance_hint = 'remove_dead' then 'nothing_shipped_in_90_days'
        when hinted.clearance_hint = 'clear_aged' then 'aged_units_outlast_next_charge'
        when hinted.aged_stock_units_181 > 0 then 'aged_units_sell_in_time'
        else 'nothing_aged'
    end as clearance_reason,
    case
        when hinted.clearance_hint = 'remove_dead' then cast(hinted.dead_stock_units as bigint)
        when hinted.clearance_hint = 'clear_aged' then cast(ceil(hinted.aged_stock_units_181 - hinted.daily_units * {{ clear }}) as bigint)
        when hinted.clearance_hint = 'ok' then 0
    end as clearance_units
from hinted
