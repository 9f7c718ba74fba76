-- The ad health score as a KPI: the score itself, which nothing adds up to.
select
    health.entity_kind as entity_kind,
    health.entity_id as entity_id,
    health.grain as grain,
    health.period_start as period_start,
    health.score as numerator,
    cast(null as numeric) as denominator,
    health.score as value,
    cast(null as {{ dbt.type_string() }}) as currency
from {{ ref('kpi_ad_health') }} as health
