-- One row per order line of every platform that is a sale. Money is in the line's currency; a cancelled line counts zero, a line without a
-- price yet (pending) has no amount and is counted in unpriced_units, one without a valid cost in uncosted_units, one without freight or
-- tariff in unlanded_units. A cost in another currency is converted by the day's rates and rounded to cents; without a rate it is none.
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
{%- set own = {'cogs': 'unit_cost', 'freight_cost': 'freight_per_unit', 'tariff_cost': 'tariff_per_unit'} %}

with orders as (
    select order_lines.*
    from {{ ref('int_order_lines') }} as order_lines
    where
        order_lines.is_sale
        {%- if not is_rebuild() %}
        and (order_lines.account_id, order_lines.order_id) in (
            select
                orders_changed.account_id,
                orders_changed.order_id
            from {{ ref('int_orders_changed') }} as orders_changed
        )
        {%- endif %}
),

rates as (
    select * from {{ ref('dim_fx_rates') }}
),

costed as (
    select
        orders.*,
        coalesce(orders.currency, accounts.currency) as line_currency,
        unit_costs.unit_cost as unit_cost,
        coalesce(unit_costs.currency, accounts.currency) as unit_cost_currency,
        landed_costs.freight_per_unit as freight_per_unit,
        landed_costs.tariff_per_unit as tariff_per_unit,
        coalesce(landed_costs.currency, accounts.currency) as landed_cost_currency,
        case when orders.is_cancelled then 0 else coalesce(orders.quantity, 0) end as units,
        case when orders.is_cancelled then 0 else orders.price end as gmv,
        case
            when orders.is_cancelled then 0
            when orders.price is not null then coalesce(orders.discount, 0)
        end as discounts
    from orders
    inner join {{ ref('dim_accounts') }} as accounts on orders.account_id = accounts.account_id
    left outer join {{ ref('dim_unit_costs') }} as unit_costs
        on
            orders.sku = unit_costs.sku
            and orders.date_day >= unit_costs.valid_from
            and (orders.date_day < unit_costs.valid_to or unit_costs.valid_to is null)
    left outer join {{ ref('dim_landed_costs') }} as landed_costs
        on
            orders.sku = landed_costs.sku
            and orders.date_day >= landed_costs.valid_from
            and (orders.date_day < landed_costs.valid_to or landed_costs.valid_to is null)
),

rated as (
    select
        costed.*,
        case when costed.line_currency = '{{ reporting_currency() }}' then 1 else line_rates.rate end as line_rate,
        case when costed.unit_cost_currency = '{{ reporting_currency() }}' then 1 else unit_cost_rates.rate end as unit_cost_rate,
        case when costed.landed_cost_currency = '{{ reporting_currency() }}' then 1 else landed_cost_rates.rate end as landed_cost_rate
    from costed
    left outer join rates as line_rates
        on costed.line_currency = line_rates.currency and costed.date_day = line_rates.date_day
    left outer join rates as unit_cost_rates
        on costed.unit_cost_currency = unit_cost_rates.currency and costed.date_day = unit_cost_rates.date_day
    left outer join rates as landed_cost_rates
        on costed.landed_cost_currency = landed_cost_rates.currency and costed.date_day = landed_cost_rates.date_day
),

valued as (
    select
        rated.*,
        {%- for cost, per_unit in own.items() %}
        {%- set kind = 'unit_cost' if cost == 'cogs' else 'landed_cost' %}
        case
            when rated.units = 0 then 0
            when rated.{{ kind }}_currency = rated.line_currency then rated.units * rated.{{ per_unit }}
            else round(rated.units * rated.{{ per_unit }} * rated.{{ kind }}_rate / nullif(rated.line_rate, 0), 2)
        end as {{ cost }}_known{% if not loop.last %},{% endif %}
        {%- endfor %}
    from rated
)

select
    valued.account_id || '/' || valued.order_id || '/' || valued.line_id as order_line_key,
    valued.account_id as account_id,
    valued.date_day as date_day,
    valued.stream as stream,
    valued.order_id as order_id,
    valued.line_id as line_id,
    valued.account_id || '/' || valued.order_id as order_key,
    case when not valued.is_cancelled then valued.account_id || '/' || valued.order_id end as counted_order_key,
    valued.sku as sku,
    {{ sku_key('valued.account_id', 'valued.sku') }} as sku_key,
    valued.asin as asin,
    valued.purchased_at as purchased_at,
    valued.order_status as order_status,
    valued.line_status as line_status,
    valued.is_cancelled as is_cancelled,
    valued.fulfillment_channel as fulfillment_channel,
    valued.ship_state as ship_state,
    valued.line_currency as currency,
    valued.quantity as quantity,
    valued.units as units,
    valued.gmv as gmv,
    valued.discounts as discounts,
    case when valued.gmv is not null then valued.cogs_known end as cogs,
    case when valued.gmv is not null then valued.freight_cost_known end as freight_cost,
    case when valued.gmv is not null then valued.tariff_cost_known end as tariff_cost,
    case when valued.gmv is not null and valued.cogs_known is null then valued.units else 0 end as uncosted_units,
    case
        when valued.gmv is not null and (valued.freight_cost_known is null or valued.tariff_cost_known is null) then valued.units
        else 0
    end as unlanded_units,
    case when valued.gmv is null then valued.units else 0 end as unpriced_units,
    valued.load_id as load_id
from valued
