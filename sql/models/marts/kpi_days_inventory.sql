-- Days of inventory: one row per entity, grain and period with stock: days / turnover. The days are those of the period that sales cover,
-- which no measure knows.
{{ config(materialized='view') }}

with parts as (
    select
        turnover.entity_kind as entity_kind,
        turnover.entity_id as entity_id,
        turnover.grain as grain,
        turnover.period_start as period_start,
        case
            when coverage.sales_through < {{ period_end_of('turnover.grain', 'turnover.period_start') }} then coverage.sales_through
            else {{ period_end_of('turnover.grain', 'turnover.period_start') }}
        end - turnover.period_start + 1 as covered_days,
        turnover.numerator as cogs,
        turnover.denominator as average_stock_value
    from {{ ref('kpi_inventory_turnover') }} as turnover
    inner join {{ ref('entity_coverage') }} as coverage on turnover.entity_id = coverage.entity_id and coverage.sales_through is not null
),

dated as (
    select
        parts.entity_kind as entity_kind,
        parts.entity_id as entity_id,
        parts.grain as grain,
        parts.period_start as period_start,
        case when parts.covered_days > 0 then parts.average_stock_value * parts.covered_days end as numerator,
        parts.cogs as denominator
    from parts
)

select
    dated.entity_kind as entity_kind,
    dated.entity_id as entity_id,
    dated.grain as grain,
    dated.period_start as period_start,
    dated.numerator as numerator,
    dated.denominator as denominator,
    {{ ratio('dated.numerator', 'dated.denominator') }} as value,
    cast(null as {{ dbt.type_string() }}) as currency
from dated
