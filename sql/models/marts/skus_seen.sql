-- One row per account and SKU that a fact ever had. Each build adds those of the touched days, so that no fact is read as a whole.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ delete_touched('false') }}",
    indexes=[{'columns': ['account_id', 'sku'], 'unique': true}]
) }}
-- depends_on: {{ ref('int_days_touched') }}

with seen as (
    {%- for source, about in facts().items() if about.by in ['sku', 'ad'] %}
    select
        facts.account_id as account_id,
        facts.sku as sku
    from {{ ref(about.model) }} as facts
    {%- if not is_rebuild() %}
    where (facts.account_id, facts.date_day) in {{ touched_days(source) }}
    {%- endif %}
    group by facts.account_id, facts.sku
    {%- if not loop.last %}

    union distinct

    {% endif %}
    {%- endfor %}
),

named as (
    select seen.*
    from seen
    where seen.sku is not null
)

select
    named.account_id as account_id,
    named.sku as sku
from named
{%- if not is_rebuild() %}
where
    (named.account_id, named.sku) not in (
        select
            known.account_id,
            known.sku
        from {{ this }} as known
    )
{%- endif %}
