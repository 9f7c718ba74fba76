-- Inventory turnover: one row per entity, grain and period with stock. Cost of the goods sold in the period, nothing where sales cover it
-- and nothing was sold, over the mean stock value. No value where something sold or in stock has no cost.
{{ config(materialized='view') }}

with parts as (
    select
        stock.entity_kind as entity_kind,
        stock.entity_id as entity_id,
        stock.grain as grain,
        stock.period_start as period_start,
        case when sales.uncosted_units > 0 then null else {{ covered_zero('sales', 'sales.cogs', 'stock') }} end as cogs,
        stock.value as average_stock_value
    from {{ ref('kpi_average_stock_value') }} as stock
    left outer join {{ ref('measures_sales') }} as sales
        on
            stock.entity_id = sales.entity_id
            and stock.grain = sales.grain
            and stock.period_start = sales.period_start
    left outer join {{ ref('entity_coverage') }} as coverage on stock.entity_id = coverage.entity_id
)

select
    parts.entity_kind as entity_kind,
    parts.entity_id as entity_id,
    parts.grain as grain,
    parts.period_start as period_start,
    parts.cogs as numerator,
    parts.average_stock_value as denominator,
    {{ ratio('parts.cogs', 'parts.average_stock_value') }} as value,
    cast(null as {{ dbt.type_string() }}) as currency
from parts
