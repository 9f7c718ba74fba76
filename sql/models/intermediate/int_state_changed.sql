-- Costs, assignments and accounts that came, went or changed since the last whole build.
{{ config(materialized='table') }}
{%- set processed = earlier_relation('processed_state') %}

with present as (
    select * from {{ ref('int_state_current') }}
)
{%- if processed is none %}

select
    present.state_kind as state_kind,
    present.account_id as account_id,
    present.sku as sku
from present
{%- else %},

past as (
    select * from {{ processed }}
)

select
    coalesce(present.state_kind, past.state_kind) as state_kind,
    coalesce(present.account_id, past.account_id) as account_id,
    coalesce(present.sku, past.sku) as sku
from present
full outer join past on present.state_kind = past.state_kind and present.state_key = past.state_key
where present.signature is null or past.signature is null or present.signature <> past.signature
{%- endif %}
