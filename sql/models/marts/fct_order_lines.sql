-- One row per order line of Amazon's own sales. Money is in the line's currency; a cancelled line counts zero, a line without a price
-- yet (pending) has no amount and is counted in unpriced_units, one without a valid cost in uncosted_units.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched('(account_id, order_id) in (select account_id, order_id from ' ~ ref('int_orders_changed') ~ ')') }}",
    indexes=[
        {'columns': ['order_line_key'], 'unique': true},
        {'columns': ['date_day']},
        {'columns': ['account_id', 'order_id']},
    ]
) }}
-- depends_on: {{ ref('int_days_touched') }}
-- depends_on: {{ ref('int_orders_changed') }}

with orders as (
    select stg_orders.*
    from {{ ref('stg_amazon_sp__orders') }} as stg_orders
    where
        not stg_orders.is_other_channel
        {%- if not is_rebuild() %}
        and (stg_orders.account_id, stg_orders.order_id) in (
            select
                orders_changed.account_id,
                orders_changed.order_id
            from {{ ref('int_orders_changed') }} as orders_changed
        )
        {%- endif %}
),

costed as (
    select
        orders.*,
        coalesce(orders.currency, accounts.currency) as line_currency,
        unit_costs.unit_cost as unit_cost,
        case when orders.is_cancelled then 0 else coalesce(orders.quantity, 0) end as units,
        case when orders.is_cancelled then 0 else orders.item_price end as gmv,
        case
            when orders.is_cancelled then 0
            when orders.item_price is not null then coalesce(orders.item_promotion_discount, 0)
        end as discounts
    from orders
    inner join {{ ref('dim_accounts') }} as accounts on orders.account_id = accounts.account_id
    left outer join {{ ref('dim_unit_costs') }} as unit_costs
        on
            orders.sku = unit_costs.sku
            and orders.date_day >= unit_costs.valid_from
            and (orders.date_day < unit_costs.valid_to or unit_costs.valid_to is null)
            and coalesce(orders.currency, accounts.currency) = coalesce(unit_costs.currency, accounts.currency)
)

select
    costed.account_id || '/' || costed.order_id || '/' || cast(costed.line_number as {{ dbt.type_string() }}) as order_line_key,
    costed.account_id as account_id,
    costed.date_day as date_day,
    costed.order_id as order_id,
    costed.line_number as line_number,
    costed.account_id || '/' || costed.order_id as order_key,
    case when not costed.is_cancelled then costed.account_id || '/' || costed.order_id end as counted_order_key,
    costed.sku as sku,
    {{ sku_key('costed.account_id', 'costed.sku') }} as sku_key,
    costed.asin as asin,
    costed.purchased_at as purchased_at,
    costed.updated_at as updated_at,
    costed.order_status as order_status,
    costed.item_status as item_status,
    costed.is_cancelled as is_cancelled,
    costed.fulfillment_channel as fulfillment_channel,
    costed.sales_channel as sales_channel,
    costed.ship_state as ship_state,
    costed.line_currency as currency,
    costed.quantity as quantity,
    costed.unit_cost as unit_cost,
    costed.units as units,
    costed.gmv as gmv,
    costed.discounts as discounts,
    costed.gmv - costed.discounts as net_sales,
    case when costed.gmv is not null then costed.units * coalesce(costed.unit_cost, case when costed.units = 0 then 0 end) end as cogs,
    case when costed.gmv is not null and costed.unit_cost is null then costed.units else 0 end as uncosted_units,
    case when costed.gmv is null then costed.units else 0 end as unpriced_units,
    costed.load_id as load_id
from costed
