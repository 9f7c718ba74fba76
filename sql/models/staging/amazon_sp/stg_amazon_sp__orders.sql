-- One row per order line. Instants are UTC; date_day is the purchase's day in the account's own time zone.
with orders as (
    select * from {{ source('raw', 'amazon_sp__orders') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    orders._account_id as account_id,
    orders.amazon_order_id as order_id,
    orders.line_number as line_number,
    orders.purchase_date as purchased_at,
    orders.last_updated_date as updated_at,
    {{ account_day('orders.purchase_date') }} as date_day,
    orders.order_status as order_status,
    orders.item_status as item_status,
    orders.fulfillment_channel as fulfillment_channel,
    orders.sales_channel as sales_channel,
    orders.sku as sku,
    orders.asin as asin,
    orders.product_name as product_name,
    orders.ship_state as ship_state,
    orders.ship_country as ship_country,
    upper(coalesce(orders.currency, accounts.currency)) as currency,
    cast(orders.quantity as bigint) as quantity,
    orders.item_price as item_price,
    orders.item_tax as item_tax,
    orders.shipping_price as shipping_price,
    -- A discount is a positive amount here, whichever sign the report gave it.
    abs(orders.item_promotion_discount) as item_promotion_discount,
    abs(orders.ship_promotion_discount) as ship_promotion_discount,
    coalesce(
        lower(orders.order_status) in ('cancelled', 'canceled')
        or lower(orders.item_status) in ('cancelled', 'canceled'),
        false
    ) as is_cancelled,
    -- Orders of other shops that Amazon only ships are no sales on Amazon.
    coalesce(orders.sales_channel like 'Non-Amazon%', false) as is_other_channel,
    orders._load_id as load_id,
    orders._loaded_at as loaded_at
from orders
left outer join accounts on orders._account_id = accounts.account_id
