-- One row per refunded line, refunded shipping or adjustment (kind). Amounts are without tax, positive is money given back.
with refunds as (
    select * from {{ source('raw', 'shopify__refunds') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    refunds._account_id as account_id,
    refunds.refund_id as refund_id,
    lower(refunds.kind) as kind,
    refunds.refund_line_id as refund_line_id,
    refunds.order_id as order_id,
    refunds.line_id as line_id,
    refunds.refunded_at as refunded_at,
    refunds.updated_at as updated_at,
    {{ account_day('refunds.refunded_at') }} as date_day,
    nullif(trim(refunds.sku), '') as sku,
    upper(coalesce(refunds.currency, accounts.currency)) as currency,
    cast(refunds.quantity as bigint) as quantity,
    refunds.amount as amount,
    refunds.tax_amount as tax_amount,
    upper(refunds.restock_type) as restock_type,
    refunds.reason as reason,
    refunds.return_id as return_id,
    refunds._load_id as load_id,
    refunds._loaded_at as loaded_at
from refunds
left outer join accounts on refunds._account_id = accounts.account_id
