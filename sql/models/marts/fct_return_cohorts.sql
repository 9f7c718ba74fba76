-- The returned units of fct_returns laid to the day of their order, so that a period's orders are held against what came back of
-- them. One row per account, return document, day of the return, order, SKU and reason. Returns of unknown orders have no row.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('return_cohorts')) }}",
    indexes=[
        {'columns': ['account_id', 'date_day']},
        {'columns': ['account_id', 'document_key']},
        {'columns': ['date_day']},
    ]
) }}
-- depends_on: {{ ref('int_days_touched') }}

with order_days as (
    select
        order_lines.account_id as account_id,
        order_lines.order_id as order_id,
        min(order_lines.date_day) as date_day
    from {{ ref('fct_order_lines') }} as order_lines
    {%- if not is_rebuild() %}
    where (order_lines.account_id, order_lines.date_day) in {{ touched_days('return_cohorts') }}
    {%- endif %}
    group by order_lines.account_id, order_lines.order_id
)

select
    returned.account_id
    || '/' || returned.stream
    || '/' || returned.document_key
    || '/' || cast(returned.date_day as {{ dbt.type_string() }})
    || '/' || returned.order_id
    || '/' || coalesce(returned.sku, '')
    || '/' || coalesce(returned.reason, '') as return_cohort_key,
    returned.account_id as account_id,
    order_days.date_day as date_day,
    returned.stream as stream,
    returned.document_key as document_key,
    returned.date_day as returned_on,
    returned.order_id as order_id,
    returned.sku as sku,
    {{ sku_key('returned.account_id', 'returned.sku') }} as sku_key,
    returned.reason as reason,
    sum(returned.returned_units) as cohort_returned_units
from {{ ref('int_returns') }} as returned
inner join order_days on returned.account_id = order_days.account_id and returned.order_id = order_days.order_id
where returned.is_counted
group by
    returned.account_id,
    order_days.date_day,
    returned.stream,
    returned.document_key,
    returned.date_day,
    returned.order_id,
    returned.sku,
    returned.reason
