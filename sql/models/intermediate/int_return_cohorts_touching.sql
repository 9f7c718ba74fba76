-- What makes an order's day of returned units anew: new returns of the order, the order itself, and returns that a reloaded window may
-- have lost. A table, as it looks orders up in the fact of the build before, which has an index by order.
{{ config(materialized='table') }}
{%- set order_lines = earlier_relation('fct_order_lines') %}
{%- set cohorts = earlier_relation('fct_return_cohorts') %}

with loads_new as (
    select * from {{ ref('int_loads_new') }}
),

accounts_changed as (
    select state_changed.account_id as account_id
    from {{ ref('int_state_changed') }} as state_changed
    where state_changed.state_kind = 'account'
),

returned as (
    select * from {{ ref('int_returns') }}
)

select distinct
    order_lines.account_id as account_id,
    order_lines.date_day as date_day,
    order_lines.load_id as load_id,
    returned.document_key as document_key
from {{ ref('int_order_lines') }} as order_lines
inner join returned on order_lines.account_id = returned.account_id and order_lines.order_id = returned.order_id
where
    order_lines.load_id in (select loads_new.load_id from loads_new)
    or order_lines.account_id in (select accounts_changed.account_id from accounts_changed)
{%- if order_lines is not none %}

union distinct

select
    order_lines.account_id as account_id,
    order_lines.date_day as date_day,
    returned.load_id as load_id,
    returned.document_key as document_key
from returned
inner join {{ order_lines }} as order_lines
    on returned.account_id = order_lines.account_id and returned.order_id = order_lines.order_id
where returned.load_id in (select loads_new.load_id from loads_new)
{%- endif %}
{%- if cohorts is not none %}

union distinct

select
    cohorts.account_id as account_id,
    cohorts.date_day as date_day,
    loads_new.load_id as load_id,
    cohorts.document_key as document_key
from {{ cohorts }} as cohorts
inner join loads_new
    on
        cohorts.account_id = loads_new.account_id
        and cohorts.stream = loads_new.platform || '.' || loads_new.stream
        and cohorts.returned_on between loads_new.window_start and loads_new.window_end
where loads_new.mode <> 'changes'
{%- endif %}
