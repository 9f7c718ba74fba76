-- One row per item whose amounts differ, on the day of its line: an order and SKU, or a settlement's kind of fee.
{{ config(
    materialized='table',
    indexes=[{'columns': ['account_id', 'date_day']}]
) }}

select
    compared.account_id as account_id,
    compared.date_day as date_day,
    compared.line as line,
    compared.charge_type as charge_type,
    compared.reference as reference,
    compared.sku as sku,
    compared.currency as currency,
    compared.platform_amount as platform_amount,
    compared.erp_amount as erp_amount,
    compared.settled_amount as settled_amount,
    compared.difference as difference,
    compared.tolerance as tolerance,
    compared.state as state
from {{ ref('int_reconciliation_compared') }} as compared
where compared.state not in ('matched', 'not_comparable')
