-- Orders to compute again: those of new loads, of accounts whose clock or currency changed, those with a SKU whose cost
-- changed; all of them when the project's settings changed.
{{ config(materialized='table') }}

select distinct
    orders.account_id as account_id,
    orders.order_id as order_id
from {{ ref('stg_amazon_sp__orders') }} as orders
where
    orders.load_id in (select loads.load_id from {{ ref('int_loads_new') }} as loads)
    or orders.sku in (
        select state_changed.sku
        from {{ ref('int_state_changed') }} as state_changed
        where state_changed.state_kind = 'unit_cost'
    )
    or orders.account_id in (
        select state_changed.account_id
        from {{ ref('int_state_changed') }} as state_changed
        where state_changed.state_kind = 'account'
    )
    or exists (
        select 1
        from {{ ref('int_state_changed') }} as state_changed
        where state_changed.state_kind = 'settings'
    )
