-- One row per closed settlement (Amazon), reconciliation report (Walmart) and statement (TikTok Shop), on the day on which its money
-- arrives; signed, positive is paid to the seller.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('cash')) }}",
    indexes=[{'columns': ['settlement_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

with settlements as (
    select int_settlements.*
    from {{ ref('int_settlements') }} as int_settlements
    {%- if not is_rebuild() %}
    where (int_settlements.account_id, int_settlements.date_day) in {{ touched_days('cash') }}
    {%- endif %}
)

select
    settlements.stream || '/' || settlements.document_key as settlement_key,
    settlements.account_id as account_id,
    settlements.date_day as date_day,
    settlements.settlement_id as settlement_id,
    settlements.stream as stream,
    settlements.document_key as document_key,
    settlements.period_start_day as period_start_day,
    settlements.period_end_day as period_end_day,
    settlements.currency as currency,
    settlements.settlement_amount as settlement_amount,
    settlements.is_paid as is_paid,
    case when settlements.is_paid then settlements.settlement_amount else 0 end as settlement_deposits,
    case when settlements.is_paid then 0 else settlements.settlement_amount end as unpaid_amount,
    settlements.load_id as load_id
from settlements
