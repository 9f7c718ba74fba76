-- What books should hold of the platforms' sales and refunds: one row per order line or refunded line, under the order's number as its
-- platform writes it, on the marketplace's day of the order or of the refund. What the buyer paid for the goods or got back, without tax
-- and shipping. Amazon tells refunds by order only in its settlements.
with shopify_order_names as (
    select distinct
        shopify_orders.account_id as account_id,
        shopify_orders.order_id as order_id,
        shopify_orders.order_name as order_name
    from {{ ref('stg_shopify__orders') }} as shopify_orders
)

select
    orders.account_id as account_id,
    orders.date_day as date_day,
    'sales' as line,
    orders.order_id as order_id,
    orders.sku as sku,
    orders.quantity as quantity,
    orders.currency as currency,
    orders.item_price - coalesce(orders.item_promotion_discount, 0) as amount
from {{ ref('stg_amazon_sp__orders') }} as orders
where not orders.is_cancelled and not orders.is_other_channel and orders.item_price is not null

union all

select
    orders.account_id as account_id,
    orders.date_day as date_day,
    'sales' as line,
    orders.order_name as order_id,
    orders.sku as sku,
    orders.quantity as quantity,
    orders.currency as currency,
    orders.gross_amount - orders.discount_amount - case when orders.is_tax_included then orders.tax_amount else 0 end as amount
from {{ ref('stg_shopify__orders') }} as orders
where not orders.is_cancelled and not orders.is_test and not orders.is_gift_card

union all

select
    orders.account_id as account_id,
    orders.date_day as date_day,
    'sales' as line,
    orders.order_id as order_id,
    orders.sku as sku,
    orders.quantity as quantity,
    orders.currency as currency,
    orders.product_amount as amount
from {{ ref('stg_walmart__orders') }} as orders
where not orders.is_cancelled and not orders.is_replacement

union all

-- TikTok's own share of a discount is the buyer's gain, too.
select
    orders.account_id as account_id,
    orders.date_day as date_day,
    'sales' as line,
    orders.order_id as order_id,
    orders.sku as sku,
    orders.quantity as quantity,
    orders.currency as currency,
    orders.original_price - coalesce(orders.seller_discount, 0) - coalesce(orders.platform_discount, 0) as amount
from {{ ref('stg_tiktok_shop__orders') }} as orders
where not orders.is_cancelled and not orders.is_sample and not orders.is_unpaid and orders.original_price is not null

union all

select
    settlement_lines.account_id as account_id,
    settlement_lines.date_day as date_day,
    'refunds' as line,
    settlement_lines.order_id as order_id,
    settlement_lines.sku as sku,
    case when settlement_lines.line = 'principal' then settlement_lines.quantity end as quantity,
    settlement_lines.currency as currency,
    -settlement_lines.amount as amount
from {{ ref('int_settlement_lines') }} as settlement_lines
where
    settlement_lines.stream = 'amazon_sp.settlement'
    and lower(settlement_lines.transaction_type) = 'refund'
    and settlement_lines.line in ('principal', 'promotion')
    and lower(settlement_lines.charge_type) in ('principal', 'goodwill', 'restockingfee')
    and settlement_lines.order_id is not null

union all

select
    refunds.account_id as account_id,
    refunds.date_day as date_day,
    'refunds' as line,
    orders.order_name as order_id,
    refunds.sku as sku,
    refunds.quantity as quantity,
    refunds.currency as currency,
    refunds.amount as amount
from {{ ref('stg_shopify__refunds') }} as refunds
left outer join shopify_order_names as orders
    on refunds.account_id = orders.account_id and refunds.order_id = orders.order_id
where refunds.kind in ('line', 'adjustment')

union all

select
    returned.account_id as account_id,
    returned.refunded_on as date_day,
    'refunds' as line,
    returned.order_id as order_id,
    returned.sku as sku,
    returned.refunded_quantity as quantity,
    returned.currency as currency,
    returned.refund_amount as amount
from {{ ref('stg_walmart__returns') }} as returned
where returned.refunded_quantity > 0 and not returned.is_cancelled and returned.refunded_on is not null

union all

select
    returned.account_id as account_id,
    returned.refunded_on as date_day,
    'refunds' as line,
    returned.order_id as order_id,
    returned.sku as sku,
    1 as quantity,
    returned.currency as currency,
    returned.refund_amount as amount
from {{ ref('stg_tiktok_shop__returns') }} as returned
where returned.is_refunded
