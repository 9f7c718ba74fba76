-- One row per entity (company, platform, account, campaign, ad group), grain (week to year) and period with targeting rows: what targets
-- cost that were clicked in the period and sold nothing in it, and what all targets cost. Waste doesn't add up over time: a target that
-- sells in the second week of a month is no waste of the month.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_grains_condition(ad_health_grains(), ['ad_targets'])) }}",
    post_hook="{{ analyze_changed(this) }}",
    indexes=[{'columns': ['entity_id', 'grain', 'period_start'], 'unique': true}, {'columns': ['entity_kind', 'grain', 'period_start']}]
) }}
{%- set rebuild = is_rebuild() %}
{%- set levels = [
    {'kind': 'company', 'key': "'company'", 'own_currency': false},
    {'kind': 'platform', 'key': 'judged.platform_key', 'own_currency': false},
    {'kind': 'account', 'key': 'judged.account_key', 'own_currency': true},
    {'kind': 'campaign', 'key': 'judged.campaign_key', 'own_currency': true},
    {'kind': 'ad_group', 'key': 'judged.ad_group_key', 'own_currency': true},
] %}

with week_targets as (
    {{ target_sums('week', 'period_start', none if rebuild else touched_starts('week', ['ad_targets'])) }}
),

target_periods as (
    select
        'week' as grain,
        week_targets.*
    from week_targets
    {%- for grain in ['month', 'quarter', 'year'] %}

    union all

    select
        '{{ grain }}' as grain,
        months.account_id as account_id,
        months.platform_key as platform_key,
        months.account_key as account_key,
        months.account_currency as account_currency,
        months.ad_product as ad_product,
        months.campaign_key as campaign_key,
        months.ad_group_key as ad_group_key,
        months.target_id as target_id,
        months.target_text as target_text,
        {{ period_start(grain, 'months.month_start') }} as period_start,
        sum(months.clicks) as clicks,
        sum(months.purchases) as purchases,
        sum(months.sales) as sales,
        sum(months.account_cost) as account_cost,
        sum(months.reporting_cost) as reporting_cost,
        sum(months.account_unconverted_rows) as account_unconverted_rows,
        sum(months.reporting_unconverted_rows) as reporting_unconverted_rows
    from {{ ref('ad_target_months') }} as months
    {%- if not rebuild %}
    where
        {{ period_start(grain, 'months.month_start') }} in ({{ touched_starts(grain, ['ad_targets']) }})
        and {{ within_touched('months.month_start', touched_starts(grain, ['ad_targets']), grain) }}
    {%- endif %}
    group by
        months.account_id,
        months.platform_key,
        months.account_key,
        months.account_currency,
        months.ad_product,
        months.campaign_key,
        months.ad_group_key,
        months.target_id,
        months.target_text,
        {{ period_start(grain, 'months.month_start') }}
    {%- endfor %}
),

-- A target without any statement of sales can't be judged.
judged as (
    select
        target_periods.*,
        target_periods.clicks > 0
        and coalesce(target_periods.purchases, 0) <= 0
        and coalesce(target_periods.sales, 0) <= 0 as is_wasted
    from target_periods
    where target_periods.purchases is not null or target_periods.sales is not null
)
{%- for level in levels %}
{%- set scope = 'account' if level.own_currency else 'reporting' %}
{%- set keys = ['judged.grain', 'judged.period_start'] %}
{%- if level.kind != 'company' %}{% set keys = keys + [level.key] %}{% endif %}
{%- if level.own_currency %}{% set keys = keys + ['judged.account_currency'] %}{% endif %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ level.kind }}' as entity_kind,
    {{ level.key }} as entity_id,
    judged.grain as grain,
    judged.period_start as period_start,
    {{ 'judged.account_currency' if level.own_currency else "'" ~ reporting_currency() ~ "'" }} as currency,
    cast(
        case
            when sum(judged.{{ scope }}_unconverted_rows) > 0 then null
            else sum(case when judged.is_wasted then judged.{{ scope }}_cost else 0 end)
        end as numeric
    ) as wasted_cost,
    cast(
        case when sum(judged.{{ scope }}_unconverted_rows) > 0 then null else sum(judged.{{ scope }}_cost) end as numeric
    ) as targeted_cost,
    sum(case when judged.is_wasted then 1 else 0 end) as wasted_targets,
    count(*) as judged_targets
from judged
group by {{ keys | join(', ') }}
{%- endfor %}
