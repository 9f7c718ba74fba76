-- The share of a running period's weight that has passed, for additive KPIs: by last year's figures of the same weekdays (364 days
-- before), where the KPI's sources covered that period and the entity was there; else by the pace factors of the calendar. One row per
-- KPI, entity, grain and running period; where there is none the pace is flat by days (kpi_status). SKUs, campaigns and ad groups are
-- here if they have a target, so that the cost follows the targets and not the catalogue.
{{ config(
    indexes=[{'columns': ['entity_id', 'kpi_id', 'grain', 'period_start'], 'unique': true}],
    post_hook="{{ analyze_changed(this) }}"
) }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- set relations = {'coverage': ref('entity_coverage'), 'targets': source('kpi', 'kpi_targets'), 'measures': {}} %}
{%- for source in facts() %}{% do relations.measures.update({source: ref('measures_' ~ source)}) %}{% endfor %}
{%- set branches = paced_branches() if execute else [] %}

with
{%- for branch in branches %}
{{ paced_ctes(branch, relations) }},
{% endfor %}

shapes as (
    {%- for branch in branches %}
    {%- set is_last_branch = loop.last %}
    {%- for definition in branch.definitions %}
    {{ paced_rows(branch, definition, relations) }}
    {%- if not (loop.last and is_last_branch) %}

    union all

    {% endif %}
    {%- endfor %}
    {%- endfor %}
    {%- if not branches %}
    select 1 as nothing
    {%- endif %}
),

-- Each entity's calendar, for the periods in which it says anything.
weighted as (
    select
        shapes.*,
        scopes.scope_id as scope_id,
        calendar_periods.pace_weight as pace_weight
    from shapes
    left outer join {{ ref('entity_scopes') }} as scopes on shapes.entity_id = scopes.entity_id
    left outer join {{ ref('calendar_periods') }} as calendar_periods
        on
            scopes.scope_id = calendar_periods.scope_id
            and shapes.grain = calendar_periods.grain
            and shapes.period_start = calendar_periods.period_start
            and calendar_periods.has_pace
),

calendar_spans as (
    select distinct
        weighted.scope_id as scope_id,
        weighted.period_start as period_start,
        weighted.covered_through as covered_through
    from weighted
    where weighted.pace_weight is not null
),

calendar_passed as (
    select
        spans.scope_id as scope_id,
        spans.period_start as period_start,
        spans.covered_through as covered_through,
        spans.covered_through - spans.period_start + 1 + coalesce(sum(days.pace_factor - 1), 0) as passed_weight
    from calendar_spans as spans
    left outer join {{ ref('calendar_days') }} as days
        on
            spans.scope_id = days.scope_id
            and days.date_day between spans.period_start and spans.covered_through
    group by spans.scope_id, spans.period_start, spans.covered_through
),

judged as (
    select
        weighted.*,
        case
            when weighted.whole > 0 then 'last_year'
            when weighted.pace_weight is not null then 'calendar'
        end as pace_basis,
        calendar_passed.passed_weight as passed_weight
    from weighted
    left outer join calendar_passed
        on
            weighted.scope_id = calendar_passed.scope_id
            and weighted.period_start = calendar_passed.period_start
            and weighted.covered_through = calendar_passed.covered_through
)

select
    judged.kpi_id as kpi_id,
    judged.entity_id as entity_id,
    judged.grain as grain,
    judged.period_start as period_start,
    judged.covered_through as covered_through,
    -- Negative days (a loss-making day's margin) may carry the share out of 0..1.
    cast(
        case
            when judged.pace_basis = 'calendar' then {{ ratio('judged.passed_weight', 'judged.pace_weight') }}
            when coalesce(judged.passed, 0) <= 0 then 0
            when judged.passed > judged.whole then 1
            else cast(judged.passed as double precision) / nullif(cast(judged.whole as double precision), 0)
        end as numeric
    ) as pace_share,
    judged.pace_basis as pace_basis
from judged
where judged.pace_basis is not null
