-- One row per account and SKU that a fact ever had. Each build adds those of the touched days, so that no fact is read as a whole
-- but one that is new.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ delete_touched('false') }}",
    indexes=[{'columns': ['account_id', 'sku'], 'unique': true}]
) }}
-- depends_on: {{ ref('int_days_touched') }}
-- depends_on: {{ ref('int_state_changed') }}

with seen as (
    {%- for source, about in facts().items() if about.by in ['sku', 'ad'] %}
    select
        facts.account_id as account_id,
        facts.sku as sku
    from {{ ref(about.model) }} as facts
    where
        facts.sku is not null
        {%- if not is_rebuild() %}
        and (
            (facts.account_id, facts.date_day) in {{ touched_days(source) }}
            or exists (
                select 1
                from {{ ref('int_state_changed') }} as state_changed
                where state_changed.state_kind = 'settings' and state_changed.source = '{{ source }}'
            )
        )
        {%- endif %}
    group by facts.account_id, facts.sku
    {%- if not loop.last %}

    union distinct

    {% endif %}
    {%- endfor %}
)

select
    seen.account_id as account_id,
    seen.sku as sku
from seen
{%- if not is_rebuild() %}
where not exists (
    select 1
    from {{ this }} as known
    where known.account_id = seen.account_id and known.sku = seen.sku
)
{%- endif %}
