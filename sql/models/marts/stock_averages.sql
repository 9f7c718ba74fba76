-- One row per company, platform, team or person, grain and period: the mean stock value, the sum of its accounts' means
-- over their own days.
{{ config(indexes=[{'columns': ['entity_id', 'grain', 'period_start'], 'unique': true}]) }}

with account_means as (
    {%- for grain in kpi_grains() %}
    select
        value_days.entity_kind as entity_kind,
        value_days.entity_id as entity_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, 'value_days.date_day') }} as period_start,
        value_days.account_id as account_id,
        sum(value_days.stock_value) / nullif(count(*), 0) as mean_value,
        sum(value_days.unconverted_rows) as unconverted_rows,
        sum(value_days.uncosted_stock_units) as uncosted_stock_units
    from {{ ref('stock_value_days') }} as value_days
    group by
        value_days.entity_kind,
        value_days.entity_id,
        {{ period_start(grain, 'value_days.date_day') }},
        value_days.account_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
)

select
    account_means.entity_kind as entity_kind,
    account_means.entity_id as entity_id,
    account_means.grain as grain,
    account_means.period_start as period_start,
    case
        when sum(account_means.unconverted_rows) > 0 or sum(account_means.uncosted_stock_units) > 0 then null
        else sum(account_means.mean_value)
    end as average_stock_value
from account_means
group by account_means.entity_kind, account_means.entity_id, account_means.grain, account_means.period_start
