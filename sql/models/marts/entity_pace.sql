-- The share of a running period's weight that has passed, for additive KPIs: by last year's daily figures of the same weekdays
-- (364 days before), where last year's period is complete for the entity. One row per KPI, entity, grain and running period;
-- where there is no row the pace is flat by days (kpi_status).
{{ config(
    indexes=[{'columns': ['entity_id', 'kpi_id', 'grain', 'period_start'], 'unique': true}],
    post_hook="analyze {{ this }}"
) }}
{%- set definitions = kpi_definitions('days') | selectattr('is_additive') | list %}
{%- set shift = 364 %}

with coverage as (
    select * from {{ ref('entity_coverage') }}
),

account_coverage as (
    select * from {{ ref('int_account_coverage') }}
),

-- The running period of each entity and source, by grain; a covered period's last day has nothing left to pace.
covered as (
    {%- for source, column in [('sales', 'orders_through'), ('traffic', 'traffic_through'), ('ads', 'ads_through')] %}
    {%- for grain in kpi_grains() if grain != 'day' %}
    select
        '{{ source }}' as source,
        '{{ grain }}' as grain,
        coverage.entity_id as entity_id,
        {{ period_start(grain, 'coverage.' ~ column) }} as period_start,
        {{ period_end(grain, period_start(grain, 'coverage.' ~ column)) }} as period_end,
        coverage.{{ column }} as covered_through
    from coverage
    where coverage.{{ column }} is not null
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

running as (
    select covered.*
    from covered
    where covered.covered_through < covered.period_end
),

-- Last year's period is complete for an account when its source has rows on each of the days.
windows as (
    select distinct
        running.source as source,
        running.period_start as period_start,
        running.period_end as period_end
    from running
),

account_windows as (
    select
        windows.source as source,
        windows.period_start as period_start,
        windows.period_end as period_end,
        source_days.account_id as account_id
    from windows
    inner join {{ ref('int_source_days') }} as source_days
        on
            windows.source = source_days.source
            and source_days.date_day between windows.period_start - {{ shift }} and windows.period_end - {{ shift }}
    group by windows.source, windows.period_start, windows.period_end, source_days.account_id
    having count(*) = windows.period_end - windows.period_start + 1
),

entity_windows as (
    select
        running.source as source,
        running.grain as grain,
        running.entity_id as entity_id,
        running.period_start as period_start,
        running.period_end as period_end,
        running.covered_through as covered_through
    from running
    inner join {{ ref('int_entity_accounts') }} as entity_accounts on running.entity_id = entity_accounts.entity_id
    inner join account_coverage
        on
            running.source = account_coverage.source
            and entity_accounts.account_id = account_coverage.account_id
            and running.covered_through <= account_coverage.covered_through
    left outer join account_windows
        on
            running.source = account_windows.source
            and running.period_start = account_windows.period_start
            and running.period_end = account_windows.period_end
            and entity_accounts.account_id = account_windows.account_id
    group by
        running.source, running.grain, running.entity_id, running.period_start, running.period_end, running.covered_through
    having count(*) = count(account_windows.account_id)
),

first_days as (
    select
        {%- for definition in definitions %}
        min(case when {{ definition.numerator }} is not null then days.period_start end) as {{ definition.id }}_from,
        {%- endfor %}
        days.entity_id as entity_id
    from {{ ref('entity_measures') }} as days
    where days.grain = 'day'
    group by days.entity_id
),

shapes as (
    select
        {%- for definition in definitions %}
        sum({{ definition.numerator }}) as {{ definition.id }}_whole,
        sum(
            case when days.period_start <= entity_windows.covered_through - {{ shift }} then {{ definition.numerator }} end
        ) as {{ definition.id }}_passed,
        {%- endfor %}
        entity_windows.source as source,
        entity_windows.grain as grain,
        entity_windows.entity_id as entity_id,
        entity_windows.period_start as period_start,
        entity_windows.covered_through as covered_through
    from entity_windows
    inner join {{ ref('entity_measures') }} as days
        on
            entity_windows.entity_id = days.entity_id
            and days.grain = 'day'
            and days.period_start between entity_windows.period_start - {{ shift }} and entity_windows.period_end - {{ shift }}
    group by
        entity_windows.source,
        entity_windows.grain,
        entity_windows.entity_id,
        entity_windows.period_start,
        entity_windows.covered_through
)
{%- for definition in definitions %}
{%- set source = {'orders_through': 'sales', 'traffic_through': 'traffic', 'ads_through': 'ads'}[definition.coverage_columns[0]] %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ definition.id }}' as kpi_id,
    shapes.entity_id as entity_id,
    shapes.grain as grain,
    shapes.period_start as period_start,
    shapes.covered_through as covered_through,
    -- Negative days (a loss-making day's margin) may carry the share out of 0..1.
    cast(
        case
            when coalesce(shapes.{{ definition.id }}_passed, 0) <= 0 then 0
            when shapes.{{ definition.id }}_passed > shapes.{{ definition.id }}_whole then 1
            else
                cast(shapes.{{ definition.id }}_passed as double precision)
                / nullif(cast(shapes.{{ definition.id }}_whole as double precision), 0)
        end as numeric
    ) as pace_share
from shapes
inner join first_days on shapes.entity_id = first_days.entity_id
where
    shapes.source = '{{ source }}'
    and shapes.{{ definition.id }}_whole > 0
    and first_days.{{ definition.id }}_from <= shapes.period_start - {{ shift }}
{%- endfor %}
