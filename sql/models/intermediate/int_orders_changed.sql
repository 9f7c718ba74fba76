-- Orders to compute again: those of new loads, of accounts whose clock or currency changed, those with a SKU whose cost changed or of a day
-- whose exchange rate did; all of them when the project's settings changed.
{{ config(materialized='table') }}

with state_changed as (
    select * from {{ ref('int_state_changed') }}
)

select distinct
    order_lines.account_id as account_id,
    order_lines.order_id as order_id
from {{ ref('int_order_lines') }} as order_lines
where
    order_lines.load_id in (select loads.load_id from {{ ref('int_loads_new') }} as loads)
    or order_lines.sku in (
        select state_changed.sku
        from state_changed
        where state_changed.state_kind in ('unit_cost', 'landed_cost')
    )
    or order_lines.date_day in (
        select state_changed.from_day
        from state_changed
        where state_changed.state_kind = 'rate'
    )
    or order_lines.account_id in (
        select state_changed.account_id
        from state_changed
        where state_changed.state_kind = 'account'
    )
    or exists (
        select 1
        from state_changed
        where state_changed.state_kind = 'settings' and state_changed.source = 'sales'
    )
