-- Costs, assignments, rates, accounts and settings that came, went or changed since the last whole build.
{{ config(materialized='table') }}
{%- set processed = earlier_relation('processed_state') %}

with present as (
    select * from {{ ref('int_state_current') }}
)
{%- if processed is none %}

select
    present.state_kind as state_kind,
    present.state_key as state_key,
    present.source as source,
    present.account_id as account_id,
    present.sku as sku,
    present.person_key as person_key,
    present.from_day as from_day,
    present.to_day as to_day
from present
{%- else %},

past as (
    select * from {{ processed }}
)

select
    coalesce(present.state_kind, past.state_kind) as state_kind,
    coalesce(present.state_key, past.state_key) as state_key,
    coalesce(present.source, past.source) as source,
    coalesce(present.account_id, past.account_id) as account_id,
    coalesce(present.sku, past.sku) as sku,
    coalesce(present.person_key, past.person_key) as person_key,
    coalesce(present.from_day, past.from_day) as from_day,
    coalesce(present.to_day, past.to_day) as to_day
from present
full outer join past on present.state_kind = past.state_kind and present.state_key = past.state_key
where present.signature is null or past.signature is null or present.signature <> past.signature
{%- endif %}
