-- One row per order line of every platform, with the order that it is replaced with.
select
    orders.*,
    'amazon_sp.orders' as stream,
    orders.order_id as document_key
from {{ ref('stg_amazon_sp__orders') }} as orders
