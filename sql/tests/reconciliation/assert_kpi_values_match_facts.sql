-- The contract against the facts, over all time: the company's GMV, orders and ad cost by year. Rows are differences.
with facts as (
    select
        'gmv' as kpi_id,
        sum(order_lines.gmv) as fact_total
    from {{ ref('fct_order_lines') }} as order_lines
    where order_lines.currency = '{{ var("reporting_currency") }}'

    union all

    select
        'orders' as kpi_id,
        count(distinct order_lines.counted_order_key) as fact_total
    from {{ ref('fct_order_lines') }} as order_lines

    union all

    select
        'ad_cost' as kpi_id,
        sum(ad_performance.ad_cost) as fact_total
    from {{ ref('fct_ad_performance') }} as ad_performance
    where ad_performance.currency = '{{ var("reporting_currency") }}'
),

shown as (
    select
        kpi_values.kpi_id as kpi_id,
        sum(kpi_values.value) as value_total,
        sum(case when kpi_values.value is null then 1 else 0 end) as years_without_value
    from {{ ref('kpi_values') }} as kpi_values
    where kpi_values.entity_id = 'company' and kpi_values.grain = 'year' and kpi_values.kpi_id in ('gmv', 'orders', 'ad_cost')
    group by kpi_values.kpi_id
)

select
    facts.kpi_id as kpi_id,
    facts.fact_total as fact_total,
    shown.value_total as value_total
from facts
left outer join shown on facts.kpi_id = shown.kpi_id
where
    coalesce(shown.years_without_value, 0) = 0
    and coalesce(facts.fact_total, 0) <> coalesce(shown.value_total, 0)
