-- Mean stock value: one row per entity, grain and period with stock. Of what lies inside one account it is the sum of the days' values by
-- the number of days; of the others the sum of their accounts' means. No value where a unit in stock had no cost.
{{ config(materialized='view') }}

with averages as (
    select
        stock.entity_kind as entity_kind,
        stock.entity_id as entity_id,
        stock.grain as grain,
        stock.period_start as period_start,
        case
            when stock.uncosted_stock_unit_days > 0 then null
            else stock.stock_value_days / nullif(stock.stock_days, 0)
        end as average_stock_value,
        stock.currency as currency
    from {{ ref('measures_stock') }} as stock
    where stock.entity_kind in ('account', 'category', 'sku')

    union all

    select
        consolidated.entity_kind as entity_kind,
        consolidated.entity_id as entity_id,
        consolidated.grain as grain,
        consolidated.period_start as period_start,
        consolidated.average_stock_value as average_stock_value,
        '{{ reporting_currency() }}' as currency
    from {{ ref('stock_averages') }} as consolidated
)

select
    averages.entity_kind as entity_kind,
    averages.entity_id as entity_id,
    averages.grain as grain,
    averages.period_start as period_start,
    averages.average_stock_value as numerator,
    case when averages.average_stock_value is not null then 1 end as denominator,
    averages.average_stock_value as value,
    averages.currency as currency
from averages
