-- One row per ERP, snapshot day and SKU: stock in the seller's own warehouses at cost, the company's. It is shown apart from what can
-- be sold through an account, since several shops may sell from the same shelf.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('warehouse')) }}",
    indexes=[{'columns': ['warehouse_stock_key'], 'unique': true}, {'columns': ['date_day']}]
) }}

with held as (
    select
        stock.account_id as account_id,
        stock.date_day as date_day,
        stock.sku as sku,
        sum(stock.on_hand) as on_hand_units,
        sum(stock.reserved_units) as reserved_units,
        sum(stock.in_transit_units) as in_transit_units
    from {{ ref('int_warehouse_stock') }} as stock
    {%- if not is_rebuild() %}
    where (stock.account_id, stock.date_day) in {{ touched_days('warehouse') }}
    {%- endif %}
    group by stock.account_id, stock.date_day, stock.sku
),

costed as (
    select
        held.account_id as account_id,
        held.date_day as date_day,
        held.sku as sku,
        case when held.on_hand_units > 0 then held.on_hand_units else 0 end as warehouse_stock_units,
        held.reserved_units as reserved_units,
        held.in_transit_units as in_transit_units,
        unit_costs.unit_cost as unit_cost,
        coalesce(unit_costs.currency, '{{ reporting_currency() }}') as currency
    from held
    left outer join {{ ref('dim_unit_costs') }} as unit_costs
        on
            held.sku = unit_costs.sku
            and held.date_day >= unit_costs.valid_from
            and (held.date_day < unit_costs.valid_to or unit_costs.valid_to is null)
)

select
    costed.account_id || '/' || cast(costed.date_day as {{ dbt.type_string() }}) || '/' || costed.sku as warehouse_stock_key,
    costed.account_id as account_id,
    costed.date_day as date_day,
    'company' as entity_kind,
    'company' as entity_id,
    costed.sku as sku,
    costed.currency as currency,
    '{{ reporting_currency() }}' as entity_currency,
    costed.warehouse_stock_units as warehouse_stock_units,
    costed.reserved_units as reserved_units,
    costed.in_transit_units as in_transit_units,
    costed.unit_cost as unit_cost,
    case when costed.warehouse_stock_units = 0 then 0 else costed.warehouse_stock_units * costed.unit_cost end as warehouse_stock_value,
    case when costed.unit_cost is null then costed.warehouse_stock_units else 0 end as uncosted_warehouse_units
from costed
