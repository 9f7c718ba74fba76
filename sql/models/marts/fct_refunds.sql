-- One row per refunded line, and per day and SKU on Amazon, on the day on which the money went back. Money is in the row's currency: the
-- goods alone, positive is money given back. A row without a SKU is an adjustment that belongs to no line.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('refunds')) }}",
    indexes=[
        {'columns': ['refund_key'], 'unique': true},
        {'columns': ['account_id', 'date_day']},
        {'columns': ['account_id', 'document_key']},
        {'columns': ['date_day']},
    ]
) }}

select
    refunds.account_id
    || '/' || refunds.stream
    || '/' || refunds.document_key
    || '/' || refunds.line_id
    || '/' || coalesce(refunds.currency, accounts.currency) as refund_key,
    refunds.account_id as account_id,
    refunds.date_day as date_day,
    refunds.stream as stream,
    refunds.document_key as document_key,
    refunds.order_id as order_id,
    refunds.sku as sku,
    {{ sku_key('refunds.account_id', 'refunds.sku') }} as sku_key,
    coalesce(refunds.currency, accounts.currency) as currency,
    sum(refunds.refunded_units) as refunded_units,
    sum(refunds.refunded_sales) as refunded_sales
from {{ ref('int_refunds') }} as refunds
inner join {{ ref('dim_accounts') }} as accounts on refunds.account_id = accounts.account_id
where
    refunds.is_counted
    {%- if not is_rebuild() %}
    and (refunds.account_id, refunds.date_day) in {{ touched_days('refunds') }}
    {%- endif %}
group by
    refunds.account_id,
    refunds.date_day,
    refunds.stream,
    refunds.document_key,
    refunds.line_id,
    refunds.order_id,
    refunds.sku,
    coalesce(refunds.currency, accounts.currency)
