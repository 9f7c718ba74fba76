-- Shopify's orders, or single lines of them (line_id), that were never counted as sold: cancelled and test orders, gift cards. One row per
-- order, or per gift card line of an order that counts.
select
    orders.account_id as account_id,
    orders.order_id as order_id,
    cast(null as bigint) as line_id
from {{ ref('stg_shopify__orders') }} as orders
where orders.is_cancelled or orders.is_test
group by orders.account_id, orders.order_id

union all

select
    orders.account_id as account_id,
    orders.order_id as order_id,
    orders.line_id as line_id
from {{ ref('stg_shopify__orders') }} as orders
where orders.is_gift_card and not orders.is_cancelled and not orders.is_test and orders.line_id is not null
group by orders.account_id, orders.order_id, orders.line_id
