-- One row per purchase order line. Prices are after the seller's discounts; date_day is the order's day in the account's time zone.
with orders as (
    select * from {{ source('raw', 'walmart__orders') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    orders._account_id as account_id,
    orders.purchase_order_id as order_id,
    orders.line_number as line_number,
    orders.customer_order_id as customer_order_id,
    orders.ordered_at as purchased_at,
    coalesce(
        {{ account_day('orders.ordered_at') }},
        orders.order_date
    ) as date_day,
    orders.status as line_status,
    orders.status_at as status_at,
    coalesce(lower(orders.status) in ('cancelled', 'canceled'), false) as is_cancelled,
    -- Goods sent once more for nothing.
    coalesce(upper(orders.order_type) = 'REPLACEMENT', false) as is_replacement,
    nullif(trim(orders.sku), '') as sku,
    orders.product_name as product_name,
    upper(coalesce(orders.currency, accounts.currency)) as currency,
    cast(orders.quantity as bigint) as quantity,
    orders.product_amount as product_amount,
    orders.shipping_amount as shipping_amount,
    orders.tax_amount as tax_amount,
    -- Signed as Walmart signs it: negative. It has no day; refunds come from the returns.
    orders.refund_amount as refund_amount,
    orders.ship_node_type as ship_node_type,
    orders.estimated_ship_at as estimated_ship_at,
    orders.estimated_delivery_at as estimated_delivery_at,
    orders.shipped_at as shipped_at,
    orders.tracking_number as tracking_number,
    orders.cancellation_reason as cancellation_reason,
    orders.ship_to_state as ship_state,
    orders._load_id as load_id,
    orders._loaded_at as loaded_at
from orders
left outer join accounts on orders._account_id = accounts.account_id
