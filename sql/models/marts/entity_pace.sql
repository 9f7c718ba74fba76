-- The share of a running period's weight that has passed, for additive KPIs: by last year's daily figures of the same weekdays
-- (364 days before), where its sources covered last year's period and the entity existed. One row per KPI, entity, grain and running
-- period; where there is no row the pace is flat by days (kpi_status).
{{ config(
    indexes=[{'columns': ['entity_id', 'kpi_id', 'grain', 'period_start'], 'unique': true}],
    post_hook="analyze {{ this }}"
) }}
{%- set shift = 364 %}

with running as (
    select
        periods.kpi_id as kpi_id,
        periods.entity_id as entity_id,
        periods.grain as grain,
        periods.period_start as period_start,
        periods.period_end as period_end,
        periods.covered_through as covered_through
    from {{ ref('kpi_values') }} as periods
    inner join {{ ref('kpi_catalogue') }} as catalogue on periods.kpi_id = catalogue.kpi_id
    where
        catalogue.is_additive
        and periods.grain <> 'day'
        and periods.covered_through >= periods.period_start
        and periods.covered_through < periods.period_end
),

days as (
    select
        day_values.kpi_id as kpi_id,
        day_values.entity_id as entity_id,
        day_values.period_start as date_day,
        day_values.value as value,
        min(day_values.period_start) over (partition by day_values.kpi_id, day_values.entity_id) as first_day
    from {{ ref('kpi_values') }} as day_values
    inner join {{ ref('kpi_catalogue') }} as catalogue on day_values.kpi_id = catalogue.kpi_id
    where catalogue.is_additive and day_values.grain = 'day' and day_values.value is not null
),

shapes as (
    select
        running.kpi_id as kpi_id,
        running.entity_id as entity_id,
        running.grain as grain,
        running.period_start as period_start,
        running.covered_through as covered_through,
        sum(days.value) as whole,
        sum(case when days.date_day <= running.covered_through - {{ shift }} then days.value end) as passed
    from running
    inner join days
        on
            running.kpi_id = days.kpi_id
            and running.entity_id = days.entity_id
            and days.date_day between running.period_start - {{ shift }} and running.period_end - {{ shift }}
    where days.first_day <= running.period_start - {{ shift }}
    group by running.kpi_id, running.entity_id, running.grain, running.period_start, running.covered_through
)

select
    shapes.kpi_id as kpi_id,
    shapes.entity_id as entity_id,
    shapes.grain as grain,
    shapes.period_start as period_start,
    shapes.covered_through as covered_through,
    -- Negative days (a loss-making day's margin) may carry the share out of 0..1.
    cast(
        case
            when coalesce(shapes.passed, 0) <= 0 then 0
            when shapes.passed > shapes.whole then 1
            else cast(shapes.passed as double precision) / nullif(cast(shapes.whole as double precision), 0)
        end as numeric
    ) as pace_share
from shapes
where shapes.whole > 0
