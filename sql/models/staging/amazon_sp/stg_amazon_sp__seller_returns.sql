-- One row per return request of an order that the seller shipped, on the day on which the buyer asked.
select
    requests._account_id as account_id,
    requests.return_request_date as date_day,
    requests.order_id as order_id,
    requests.order_item_id as order_item_id,
    requests.order_date as order_date,
    requests.amazon_rma_id as amazon_rma_id,
    nullif(trim(requests.merchant_sku), '') as sku,
    requests.asin as asin,
    requests.return_request_status as return_status,
    -- What was turned down or withdrawn doesn't come back.
    coalesce(
        lower(requests.return_request_status) in ('denied', 'declined', 'rejected', 'cancelled', 'canceled'),
        false
    ) as is_turned_down,
    cast(requests.return_quantity as bigint) as quantity,
    requests.return_reason as reason,
    requests.return_delivery_date as delivered_on,
    upper(coalesce(requests.currency, accounts.currency)) as currency,
    requests.refunded_amount as refunded_amount,
    requests._load_id as load_id,
    requests._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__seller_returns') }} as requests
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on requests._account_id = accounts.account_id
