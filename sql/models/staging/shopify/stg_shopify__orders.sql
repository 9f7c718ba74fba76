-- One row per order line. Instants are UTC; date_day is the day in the shop's own time zone by which Shopify's own reports go.
with orders as (
    select * from {{ source('raw', 'shopify__orders') }}
),

accounts as (
    select * from {{ ref('stg_pipeline__accounts') }}
)

select
    orders._account_id as account_id,
    orders.order_id as order_id,
    orders.line_number as line_number,
    orders.line_id as line_id,
    orders.order_name as order_name,
    coalesce(orders.processed_at, orders.created_at) as purchased_at,
    orders.updated_at as updated_at,
    {{ account_day('coalesce(orders.processed_at, orders.created_at)') }} as date_day,
    orders.financial_status as financial_status,
    orders.fulfillment_status as fulfillment_status,
    orders.source_name as source_name,
    coalesce(orders.is_test, false) as is_test,
    coalesce(orders.is_gift_card, false) as is_gift_card,
    coalesce(orders.is_tax_included, false) as is_tax_included,
    orders.cancelled_at is not null as is_cancelled,
    nullif(trim(orders.sku), '') as sku,
    orders.item_name as product_name,
    orders.variant_id as variant_id,
    upper(coalesce(orders.currency, accounts.currency)) as currency,
    cast(orders.quantity as bigint) as quantity,
    orders.gross_amount as gross_amount,
    coalesce(orders.discount_amount, 0) as discount_amount,
    coalesce(orders.tax_amount, 0) as tax_amount,
    orders.order_shipping_amount as order_shipping_amount,
    orders.fulfilled_at as fulfilled_at,
    orders._load_id as load_id,
    orders._loaded_at as loaded_at
from orders
left outer join accounts on orders._account_id = accounts.account_id
