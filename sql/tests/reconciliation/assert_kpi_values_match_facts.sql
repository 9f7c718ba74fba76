-- The contract against the facts: the company's GMV, refunds, orders and ad cost by year, each row's money at the rate of its day,
-- where they have a value. Rows are differences.
with rates as (
    select * from {{ ref('dim_fx_rates') }}
),

facts as (
    {%- for kpi_id, model, amount in [
        ('gmv', 'fct_order_lines', 'gmv'),
        ('refunds', 'fct_refunds', 'refunded_sales'),
        ('ad_cost', 'fct_ad_performance', 'ad_cost'),
    ] %}
    select
        '{{ kpi_id }}' as kpi_id,
        {{ period_start('year', 'fact_rows.date_day') }} as period_start,
        sum(
            fact_rows.{{ amount }} * case when fact_rows.currency = '{{ reporting_currency() }}' then 1 else rates.rate end
        ) as fact_total
    from {{ ref(model) }} as fact_rows
    left outer join rates on fact_rows.currency = rates.currency and fact_rows.date_day = rates.date_day
    group by {{ period_start('year', 'fact_rows.date_day') }}

    union all
    {% endfor %}
    select
        'orders' as kpi_id,
        {{ period_start('year', 'order_lines.date_day') }} as period_start,
        count(distinct order_lines.counted_order_key) as fact_total
    from {{ ref('fct_order_lines') }} as order_lines
    group by {{ period_start('year', 'order_lines.date_day') }}
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
