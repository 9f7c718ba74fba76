-- One row per campaign and ad group, as the latest reported day names it. A build reads the touched days only, and the history of those
-- whose latest day lost its rows; what is left without any row goes.
-- depends_on: {{ ref('int_days_touched') }}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='entity_key',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched('false') }}",
    post_hook="delete from {{ this }} where last_day is null",
    indexes=[{'columns': ['entity_key'], 'unique': true}]
) }}
{%- set columns = [
    'entity_kind', 'entity_key', 'account_id', 'ad_product', 'campaign_id', 'ad_group_id', 'entity_name', 'campaign_status', 'campaign_budget',
    'currency'
] %}
{%- set rebuild = is_rebuild() %}

with recent as (
    {{ latest_ad_names(columns, 'true' if rebuild else touched_by_ads('names', 'date_day')) }}
)
{%- if not rebuild %},

-- Known by a day that was touched, and no longer on it.
lost as (
    select stored.entity_key as entity_key
    from {{ this }} as stored
    left outer join recent on stored.entity_key = recent.entity_key
    where
        {{ touched_by_ads('stored', 'last_day') }}
        and (recent.last_day is null or recent.last_day < stored.last_day)
),

earlier as (
    {{ latest_ad_names(columns, 'names.entity_key in (select lost.entity_key from lost)') }}
),

replacing as (
    select recent.*
    from recent
    left outer join {{ this }} as stored on recent.entity_key = stored.entity_key
    where
        (stored.last_day is null or recent.last_day >= stored.last_day)
        and recent.entity_key not in (select lost.entity_key from lost)
)
{%- endif %}
{%- set rows = 'recent' if rebuild else 'replacing' %}

select
    {%- for column in columns %}
    {{ rows }}.{{ column }} as {{ column }},
    {%- endfor %}
    {{ rows }}.last_day as last_day
from {{ rows }}
{%- if not rebuild %}

union all

select
    {%- for column in columns %}
    {{ 'stored' if column == 'entity_key' else 'earlier' }}.{{ column }} as {{ column }},
    {%- endfor %}
    earlier.last_day as last_day
from {{ this }} as stored
inner join lost on stored.entity_key = lost.entity_key
left outer join earlier on stored.entity_key = earlier.entity_key
{%- endif %}
