-- One row per account, document, order, SKU, reason and state of the goods, on the day of the return (int_returns says which that is).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('returns')) }}",
    indexes=[
        {'columns': ['account_id', 'date_day']},
        {'columns': ['account_id', 'document_key']},
        {'columns': ['date_day']},
    ]
) }}

select
    returned.account_id
    || '/' || returned.stream
    || '/' || returned.document_key
    || '/' || coalesce(returned.order_id, '')
    || '/' || coalesce(returned.sku, '')
    || '/' || coalesce(returned.reason, '')
    || '/' || coalesce(returned.disposition, '') as return_key,
    returned.account_id as account_id,
    returned.date_day as date_day,
    returned.stream as stream,
    returned.document_key as document_key,
    returned.order_id as order_id,
    returned.sku as sku,
    {{ sku_key('returned.account_id', 'returned.sku') }} as sku_key,
    returned.reason as reason,
    returned.disposition as disposition,
    sum(returned.returned_units) as returned_units
from {{ ref('int_returns') }} as returned
inner join {{ ref('dim_accounts') }} as accounts on returned.account_id = accounts.account_id
where
    returned.is_counted
    {%- if not is_rebuild() %}
    and (returned.account_id, returned.date_day) in {{ touched_days('returns') }}
    {%- endif %}
group by
    returned.account_id,
    returned.date_day,
    returned.stream,
    returned.document_key,
    returned.order_id,
    returned.sku,
    returned.reason,
    returned.disposition
