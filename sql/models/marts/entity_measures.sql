-- Additive measures, one row per entity, grain and period that has source rows. A measure without source rows is null, never 0.
-- Days come from the facts; weeks and months from days, quarters and years from months. `orders` are distinct orders of the entity: they
-- add up over time (an order has one day), not over entities (one order may hold several SKUs).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_periods_condition()) }}",
    post_hook="analyze {{ this }}",
    indexes=[
        {'columns': ['entity_id', 'grain', 'period_start'], 'unique': true},
        {'columns': ['entity_kind', 'grain', 'period_start']},
    ]
) }}
{%- set rebuild = is_rebuild() %}
{%- set branches = measure_branches() %}

with
{%- if not rebuild %}
touched as (
    select distinct days_touched.date_day as date_day
    from {{ ref('int_days_touched') }} as days_touched
),
{%- endif %}
{%- for source, about in measure_sources().items() %}
{{ source }}_rows as (
    select
        facts.*,
        facts.currency as row_currency,
        'company' as company_key,
        accounts.platform_key as platform_key,
        accounts.account_key as account_key,
        accounts.currency as account_currency,
        skus.category_key as category_key,
        skus.team_key as team_key,
        skus.person_key as person_key
    from {{ ref(about.model) }} as facts
    inner join {{ ref('dim_accounts') }} as accounts on facts.account_id = accounts.account_id
    left outer join {{ ref('dim_skus') }} as skus on facts.sku_key = skus.sku_key
    {%- if not rebuild %}
    where facts.date_day in (select touched.date_day from touched)
    {%- endif %}
),
{%- endfor %}

source_days as (
    {%- for branch in branches %}
    {{ entity_day_rows(branch.source, branch.level) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

day_rows as (
    select
        source_days.entity_kind as entity_kind,
        source_days.entity_id as entity_id,
        'day' as grain,
        source_days.date_day as period_start,
        source_days.currency as currency,
        {{- summed_measures('source_days') }}
    from source_days
    group by source_days.entity_kind, source_days.entity_id, source_days.date_day, source_days.currency
),
{%- for grain, finer in [('week', 'day'), ('month', 'day'), ('quarter', 'month'), ('year', 'month')] %}

{{ grain }}_inputs as (
    select * from {{ finer }}_rows
    {%- if not rebuild %}
    union all
    -- What is still there after the touched periods were deleted.
    select {{ entity_measure_columns() }}
    from {{ this }} as kept
    where
        kept.grain = '{{ finer }}'
        and {{ period_start(grain, 'kept.period_start') }} in (select {{ period_start(grain, 'touched.date_day') }} from touched)
    {%- endif %}
),

{{ grain }}_rows as (
    select
        {{ grain }}_inputs.entity_kind as entity_kind,
        {{ grain }}_inputs.entity_id as entity_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, grain ~ '_inputs.period_start') }} as period_start,
        {{ grain }}_inputs.currency as currency,
        {{- summed_measures(grain ~ '_inputs') }}
    from {{ grain }}_inputs
    group by
        {{ grain }}_inputs.entity_kind,
        {{ grain }}_inputs.entity_id,
        {{ period_start(grain, grain ~ '_inputs.period_start') }},
        {{ grain }}_inputs.currency
),
{%- endfor %}

all_rows as (
    {%- for grain in kpi_grains() %}
    select * from {{ grain }}_rows{% if not loop.last %}
    union all{% endif %}
    {%- endfor %}
)

select {{ entity_measure_columns('all_rows') }}
from all_rows
