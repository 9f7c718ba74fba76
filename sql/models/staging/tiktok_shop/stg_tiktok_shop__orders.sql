-- One row per line item of an order: a unit each, or in a file all units of a SKU. date_day is the order's day in the shop's zone.
with orders as (
    select * from {{ source('raw', 'tiktok_shop__orders') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    orders._account_id as account_id,
    orders.order_id as order_id,
    orders.line_item_id as line_item_id,
    orders.created_at as purchased_at,
    orders.updated_at as updated_at,
    {{ account_day('orders.created_at') }} as date_day,
    upper(orders.order_status) as order_status,
    upper(orders.line_status) as line_status,
    coalesce(
        upper(orders.order_status) in ('CANCELLED', 'CANCELED', 'CANCEL')
        or upper(orders.line_status) in ('CANCELLED', 'CANCELED', 'CANCEL'),
        false
    ) as is_cancelled,
    -- No sale yet: TikTok cancels by itself what isn't paid.
    coalesce(upper(orders.order_status) = 'UNPAID', false) as is_unpaid,
    coalesce(orders.is_sample_order, false) as is_sample,
    nullif(trim(orders.seller_sku), '') as sku,
    orders.sku_id as sku_id,
    orders.product_id as product_id,
    orders.product_name as product_name,
    upper(coalesce(orders.currency, accounts.currency)) as currency,
    cast(orders.quantity as bigint) as quantity,
    orders.original_price as original_price,
    abs(orders.seller_discount) as seller_discount,
    -- TikTok's own money: the seller is paid for it.
    abs(orders.platform_discount) as platform_discount,
    orders.item_tax as item_tax,
    orders.ship_by as ship_by,
    orders.shipped_at as shipped_at,
    orders.deliver_by as deliver_by,
    orders.delivered_at as delivered_at,
    orders.cancelled_at as cancelled_at,
    orders.cancelled_by as cancelled_by,
    orders.fulfillment_type as fulfillment_type,
    orders.ship_state as ship_state,
    orders._load_id as load_id,
    orders._loaded_at as loaded_at
from orders
left outer join accounts on orders._account_id = accounts.account_id
