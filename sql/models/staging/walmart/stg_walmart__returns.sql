-- One row per return order line, with what was refunded for it, without tax. Days are in the account's time zone.
with returned as (
    select * from {{ source('raw', 'walmart__returns') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    returned._account_id as account_id,
    returned.return_order_id as return_id,
    returned.return_line_number as return_line_number,
    returned.purchase_order_id as order_id,
    returned.purchase_order_line as order_line_number,
    returned.return_ordered_at as return_ordered_at,
    returned.status_at as status_at,
    {{ account_day('coalesce(returned.return_ordered_at, returned.status_at)') }} as returned_on,
    {{ account_day('coalesce(returned.status_at, returned.return_ordered_at)') }} as refunded_on,
    returned.return_type as return_type,
    nullif(trim(returned.sku), '') as sku,
    returned.return_reason as reason,
    returned.status as return_status,
    returned.refund_status as refund_status,
    coalesce(lower(returned.status) in ('cancelled', 'canceled'), false) as is_cancelled,
    -- Whether the goods come back; the buyer may keep what was refunded.
    coalesce(returned.is_return_expected, true) and not coalesce(returned.is_keep_it, false) as is_sent_back,
    upper(coalesce(returned.currency, accounts.currency)) as currency,
    cast(returned.quantity as bigint) as quantity,
    cast(returned.refunded_quantity as bigint) as refunded_quantity,
    returned.refund_amount as refund_amount,
    returned.refund_tax_amount as refund_tax_amount,
    returned._load_id as load_id,
    returned._loaded_at as loaded_at
from returned
left outer join accounts on returned._account_id = accounts.account_id
