-- One row per platform, KPI, side and span of days in which the same official limits hold: the strictest of them.
{{ config(
    indexes=[{'columns': ['kpi_id', 'platform', 'is_lowest', 'valid_from'], 'unique': true}],
    post_hook="{{ analyze_changed(this) }}"
) }}

with standards as (
    select
        rules.*,
        rules.comparison = 'at_least' as is_lowest
    from {{ ref('kpi_standards') }} as rules
    where rules.is_limit
),

edges as (
    select
        standards.kpi_id as kpi_id,
        standards.platform as platform,
        standards.is_lowest as is_lowest,
        standards.valid_from as edge
    from standards

    union distinct

    select
        standards.kpi_id as kpi_id,
        standards.platform as platform,
        standards.is_lowest as is_lowest,
        standards.valid_to as edge
    from standards
    where standards.valid_to is not null
),

spans as (
    select
        edges.kpi_id as kpi_id,
        edges.platform as platform,
        edges.is_lowest as is_lowest,
        edges.edge as valid_from,
        lead(edges.edge) over (
            partition by edges.kpi_id, edges.platform, edges.is_lowest
            order by edges.edge asc nulls last
        ) as valid_to
    from edges
)

select
    spans.kpi_id as kpi_id,
    spans.platform as platform,
    spans.is_lowest as is_lowest,
    spans.valid_from as valid_from,
    spans.valid_to as valid_to,
    case when spans.is_lowest then max(standards.limit_value) else min(standards.limit_value) end as limit_value,
    case when spans.is_lowest then max(standards.warn_limit) else min(standards.warn_limit) end as warn_limit,
    -- Whether the limit itself is a breach (below it is met, at it is not).
    max(case when standards.comparison = 'below' then 1 else 0 end) = 1 as is_exclusive
from spans
inner join standards
    on
        spans.kpi_id = standards.kpi_id
        and spans.platform = standards.platform
        and spans.is_lowest = standards.is_lowest
        and spans.valid_from >= standards.valid_from
        and (spans.valid_from < standards.valid_to or standards.valid_to is null)
group by spans.kpi_id, spans.platform, spans.is_lowest, spans.valid_from, spans.valid_to
