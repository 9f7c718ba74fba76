-- One row per company, platform, team or person, account and snapshot day: the stock's value in the reporting currency. Their
-- mean stock is the sum of each account's own mean, since accounts may miss different days and lie in different time zones.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('stock')) }}",
    indexes=[{'columns': ['entity_id', 'account_id', 'date_day'], 'unique': true}, {'columns': ['account_id', 'date_day']}]
) }}
{%- set relations = fact_relations('stock') %}

with stock_rows as (
    {{ fact_rows_with_keys('stock', relations, true) }}
    {%- if not is_rebuild() %}
    where (facts.account_id, facts.date_day) in {{ touched_days('stock') }}
    {%- endif %}
)
{%- for level in entity_levels() if level.kind in ['company', 'platform', 'team', 'person'] %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ level.kind }}' as entity_kind,
    stock_rows.{{ level.key }} as entity_id,
    stock_rows.account_id as account_id,
    stock_rows.date_day as date_day,
    sum(stock_rows.stock_value * stock_rows.reporting_rate) as stock_value,
    sum(case when stock_rows.reporting_rate is null then 1 else 0 end) as unconverted_rows,
    sum(stock_rows.uncosted_stock_units) as uncosted_stock_units
from stock_rows
where stock_rows.{{ level.key }} is not null
group by stock_rows.{{ level.key }}, stock_rows.account_id, stock_rows.date_day
{%- endfor %}
