-- The contract against the facts: the company's GMV, orders and ad cost by year, where they have a value. Rows are differences.
with facts as (
    select
        'gmv' as kpi_id,
        {{ period_start('year', 'order_lines.date_day') }} as period_start,
        sum(order_lines.gmv) as fact_total
    from {{ ref('fct_order_lines') }} as order_lines
    group by {{ period_start('year', 'order_lines.date_day') }}

    union all

    select
        'orders' as kpi_id,
        {{ period_start('year', 'order_lines.date_day') }} as period_start,
        count(distinct order_lines.counted_order_key) as fact_total
    from {{ ref('fct_order_lines') }} as order_lines
    group by {{ period_start('year', 'order_lines.date_day') }}

    union all

    select
        'ad_cost' as kpi_id,
        {{ period_start('year', 'ad_performance.date_day') }} as period_start,
        sum(ad_performance.ad_cost) as fact_total
    from {{ ref('fct_ad_performance') }} as ad_performance
    group by {{ period_start('year', 'ad_performance.date_day') }}
)

select
    facts.kpi_id as kpi_id,
    facts.period_start as period_start,
    facts.fact_total as fact_total,
    kpi_values.value as shown_value
from facts
inner join {{ ref('kpi_values') }} as kpi_values
    on
        facts.kpi_id = kpi_values.kpi_id
        and facts.period_start = kpi_values.period_start
        and kpi_values.entity_id = 'company'
        and kpi_values.grain = 'year'
where facts.fact_total <> kpi_values.value
