-- One row per refunded line (Amazon: per day and SKU), on the day on which the money went back: the goods alone, without tax and
-- shipping, positive is money given back. Amazon's come from the economics, which has every day; Walmart's from the returns: there is
-- one for every refund, with its day, while an order's refund has none. Not counted (is_counted) is what hasn't been paid back,
-- shipping, and what a cancelled order gave back, which was no sale.
with amazon_sp as (
    select
        economics.account_id as account_id,
        economics.period_start as date_day,
        economics.load_id as load_id,
        'amazon_sp.economics' as stream,
        cast(economics.period_start as {{ dbt.type_string() }}) as document_key,
        coalesce(economics.sku, '') || '/' || coalesce(economics.asin, '') as line_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        nullif(trim(economics.sku), '') as sku,
        economics.currency as currency,
        true as is_counted,
        economics.units_refunded as quantity,
        economics.refunded_product_sales as amount
    from {{ ref('stg_amazon_sp__economics') }} as economics
    where
        economics.row_level = 'product'
        and economics.period_start = economics.period_end
        and (coalesce(economics.units_refunded, 0) <> 0 or coalesce(economics.refunded_product_sales, 0) <> 0)
),

shopify as (
    select
        refunds.account_id as account_id,
        refunds.date_day as date_day,
        refunds.load_id as load_id,
        'shopify.refunds' as stream,
        cast(refunds.refund_id as {{ dbt.type_string() }}) as document_key,
        refunds.kind || '/' || cast(refunds.refund_line_id as {{ dbt.type_string() }}) as line_id,
        cast(refunds.order_id as {{ dbt.type_string() }}) as order_id,
        refunds.sku as sku,
        refunds.currency as currency,
        refunds.kind in ('line', 'adjustment') and unsold.order_id is null as is_counted,
        case when refunds.kind = 'line' then refunds.quantity else 0 end as quantity,
        refunds.amount as amount
    from {{ ref('stg_shopify__refunds') }} as refunds
    left outer join {{ ref('int_shopify_orders_unsold') }} as unsold
        on
            refunds.account_id = unsold.account_id
            and refunds.order_id = unsold.order_id
            and (unsold.line_id is null or refunds.line_id = unsold.line_id)
),

walmart as (
    select
        returned.account_id as account_id,
        returned.refunded_on as date_day,
        returned.load_id as load_id,
        'walmart.returns' as stream,
        returned.return_id as document_key,
        cast(returned.return_line_number as {{ dbt.type_string() }}) as line_id,
        returned.order_id as order_id,
        returned.sku as sku,
        returned.currency as currency,
        coalesce(returned.refunded_quantity, 0) > 0 and not returned.is_cancelled as is_counted,
        returned.refunded_quantity as quantity,
        returned.refund_amount as amount
    from {{ ref('stg_walmart__returns') }} as returned
    where returned.refunded_on is not null
),

tiktok_shop as (
    select
        returned.account_id as account_id,
        returned.refunded_on as date_day,
        returned.load_id as load_id,
        'tiktok_shop.returns' as stream,
        returned.return_id as document_key,
        returned.return_line_item_id as line_id,
        returned.order_id as order_id,
        returned.sku as sku,
        returned.currency as currency,
        returned.is_refunded as is_counted,
        cast(1 as bigint) as quantity,
        returned.refund_amount as amount
    from {{ ref('stg_tiktok_shop__returns') }} as returned
)
{%- for stream in ['amazon_sp', 'shopify', 'walmart', 'tiktok_shop'] %}

select
    {{ stream }}.account_id as account_id,
    {{ stream }}.date_day as date_day,
    {{ stream }}.load_id as load_id,
    {{ stream }}.stream as stream,
    {{ stream }}.document_key as document_key,
    {{ stream }}.line_id as line_id,
    {{ stream }}.order_id as order_id,
    {{ stream }}.sku as sku,
    {{ stream }}.currency as currency,
    {{ stream }}.is_counted as is_counted,
    coalesce({{ stream }}.quantity, 0) as refunded_units,
    coalesce({{ stream }}.amount, 0) as refunded_sales
from {{ stream }}
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
