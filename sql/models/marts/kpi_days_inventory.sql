-- Days of inventory: one row per entity, grain and period with stock and cost of sales. The days are those of the period that sales cover,
-- which no measure knows: days / turnover = mean stock value x days / cost of the goods sold. No value where something sold or
-- in stock has no cost.
{{ config(materialized='view') }}

with parts as (
    select
        stock.entity_kind as entity_kind,
        stock.entity_id as entity_id,
        stock.grain as grain,
        stock.period_start as period_start,
        case
            when coverage.sales_through < {{ period_end_of('stock.grain', 'stock.period_start') }} then coverage.sales_through
            else {{ period_end_of('stock.grain', 'stock.period_start') }}
        end - stock.period_start + 1 as covered_days,
        case
            when stock.uncosted_stock_unit_days > 0 or sales.uncosted_units > 0 then null
            else stock.stock_value_days
        end as stock_value_days,
        stock.stock_days as stock_days,
        sales.cogs as cogs
    from {{ ref('measures_stock') }} as stock
    inner join {{ ref('measures_sales') }} as sales
        on
            stock.entity_id = sales.entity_id
            and stock.grain = sales.grain
            and stock.period_start = sales.period_start
    inner join {{ ref('entity_coverage') }} as coverage on stock.entity_id = coverage.entity_id
),

dated as (
    select
        parts.entity_kind as entity_kind,
        parts.entity_id as entity_id,
        parts.grain as grain,
        parts.period_start as period_start,
        case when parts.covered_days > 0 then parts.stock_value_days * parts.covered_days / nullif(parts.stock_days, 0) end as numerator,
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
