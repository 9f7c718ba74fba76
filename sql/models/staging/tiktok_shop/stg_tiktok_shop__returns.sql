-- One row per return line item, a unit each. Money has gone back only where is_refunded; amounts are the goods' alone.
with returned as (
    select * from {{ source('raw', 'tiktok_shop__returns') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    returned._account_id as account_id,
    returned.return_id as return_id,
    returned.return_line_item_id as return_line_item_id,
    returned.order_id as order_id,
    returned.order_line_item_id as order_line_item_id,
    upper(returned.return_type) as return_type,
    upper(returned.return_status) as return_status,
    coalesce(upper(returned.return_status) = 'RETURN_OR_REFUND_REQUEST_COMPLETE', false) as is_refunded,
    coalesce(
        coalesce(upper(returned.return_type), '') <> 'REFUND' and upper(returned.return_status) like '%REQUEST_COMPLETE',
        false
    ) as is_sent_back,
    {{ account_day('coalesce(returned.created_at, returned.updated_at)') }} as returned_on,
    {{ account_day('returned.updated_at') }} as refunded_on,
    coalesce(returned.return_reason_text, returned.return_reason) as reason,
    nullif(trim(returned.seller_sku), '') as sku,
    upper(coalesce(returned.currency, accounts.currency)) as currency,
    returned.refund_subtotal as refund_amount,
    returned.refund_tax as refund_tax_amount,
    returned._load_id as load_id,
    returned._loaded_at as loaded_at
from returned
left outer join accounts on returned._account_id = accounts.account_id
