-- One row per order line of every platform. No sales (is_sale) are orders of other shops that Amazon only ships, test orders, gift
-- cards (a debt), samples, replacements, and orders that nobody has paid yet on TikTok; a cancelled sale is one that counts zero.
-- `price` is the whole line's before the seller's discounts (Walmart states it after them), null while it isn't known; what a platform
-- pays of a discount is none.
{%- set streams = ['amazon_sp', 'shopify', 'walmart', 'tiktok_shop'] %}

with amazon_sp as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.load_id as load_id,
        'amazon_sp.orders' as stream,
        orders.order_id as order_id,
        cast(orders.line_number as {{ dbt.type_string() }}) as line_id,
        orders.sku as sku,
        orders.asin as asin,
        orders.purchased_at as purchased_at,
        orders.order_status as order_status,
        orders.item_status as line_status,
        not orders.is_other_channel as is_sale,
        orders.is_cancelled as is_cancelled,
        orders.fulfillment_channel as fulfillment_channel,
        orders.ship_state as ship_state,
        orders.currency as currency,
        orders.quantity as quantity,
        orders.item_price as price,
        orders.item_promotion_discount as discount
    from {{ ref('stg_amazon_sp__orders') }} as orders
),

shopify_lines as (
    select
        orders.*,
        orders.gross_amount - orders.discount_amount as discounted_amount
    from {{ ref('stg_shopify__orders') }} as orders
),

-- Where prices include tax, what the seller keeps is the discounted price less the tax; price and discount shrink by the same share.
shopify_prices as (
    select
        shopify_lines.*,
        case
            when not shopify_lines.is_tax_included or shopify_lines.discounted_amount = 0 then shopify_lines.gross_amount
            else round(
                shopify_lines.gross_amount * (shopify_lines.discounted_amount - shopify_lines.tax_amount)
                / nullif(shopify_lines.discounted_amount, 0),
                2
            )
        end as price
    from shopify_lines
),

shopify as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.load_id as load_id,
        'shopify.orders' as stream,
        cast(orders.order_id as {{ dbt.type_string() }}) as order_id,
        cast(orders.line_number as {{ dbt.type_string() }}) as line_id,
        orders.sku as sku,
        cast(null as {{ dbt.type_string() }}) as asin,
        orders.purchased_at as purchased_at,
        orders.financial_status as order_status,
        orders.fulfillment_status as line_status,
        not orders.is_test and not orders.is_gift_card as is_sale,
        orders.is_cancelled as is_cancelled,
        cast(null as {{ dbt.type_string() }}) as fulfillment_channel,
        cast(null as {{ dbt.type_string() }}) as ship_state,
        orders.currency as currency,
        orders.quantity as quantity,
        orders.price as price,
        case
            when not orders.is_tax_included or orders.discounted_amount = 0 then orders.discount_amount
            else orders.price - (orders.discounted_amount - orders.tax_amount)
        end as discount
    from shopify_prices as orders
),

walmart as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.load_id as load_id,
        'walmart.orders' as stream,
        orders.order_id as order_id,
        cast(orders.line_number as {{ dbt.type_string() }}) as line_id,
        orders.sku as sku,
        cast(null as {{ dbt.type_string() }}) as asin,
        orders.purchased_at as purchased_at,
        orders.line_status as order_status,
        orders.line_status as line_status,
        not orders.is_replacement as is_sale,
        orders.is_cancelled as is_cancelled,
        orders.ship_node_type as fulfillment_channel,
        orders.ship_state as ship_state,
        orders.currency as currency,
        orders.quantity as quantity,
        orders.product_amount as price,
        cast(0 as numeric) as discount
    from {{ ref('stg_walmart__orders') }} as orders
),

tiktok_shop as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.load_id as load_id,
        'tiktok_shop.orders' as stream,
        orders.order_id as order_id,
        orders.line_item_id as line_id,
        orders.sku as sku,
        cast(null as {{ dbt.type_string() }}) as asin,
        orders.purchased_at as purchased_at,
        orders.order_status as order_status,
        orders.line_status as line_status,
        not orders.is_sample and not orders.is_unpaid as is_sale,
        orders.is_cancelled as is_cancelled,
        orders.fulfillment_type as fulfillment_channel,
        orders.ship_state as ship_state,
        orders.currency as currency,
        orders.quantity as quantity,
        orders.original_price as price,
        orders.seller_discount as discount
    from {{ ref('stg_tiktok_shop__orders') }} as orders
)
{%- for stream in streams %}

select
    {{ stream }}.account_id as account_id,
    {{ stream }}.date_day as date_day,
    {{ stream }}.load_id as load_id,
    {{ stream }}.stream as stream,
    {{ stream }}.order_id as document_key,
    {{ stream }}.order_id as order_id,
    {{ stream }}.line_id as line_id,
    {{ stream }}.sku as sku,
    {{ stream }}.asin as asin,
    {{ stream }}.purchased_at as purchased_at,
    {{ stream }}.order_status as order_status,
    {{ stream }}.line_status as line_status,
    {{ stream }}.is_sale as is_sale,
    {{ stream }}.is_cancelled as is_cancelled,
    {{ stream }}.fulfillment_channel as fulfillment_channel,
    {{ stream }}.ship_state as ship_state,
    {{ stream }}.currency as currency,
    {{ stream }}.quantity as quantity,
    {{ stream }}.price as price,
    {{ stream }}.discount as discount
from {{ stream }}
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
