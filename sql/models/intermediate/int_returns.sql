-- One row per return line of every platform, on the day of the return: Amazon's warehouses say when the goods came in; where the
-- seller receives them, the day on which the buyer asked is the one that is always known; Shopify dates its refund. Not counted
-- (is_counted) is what was turned down, and what the buyer keeps.
with amazon_sp as (
    select
        returned.account_id as account_id,
        returned.date_day as date_day,
        returned.load_id as load_id,
        'amazon_sp.returns' as stream,
        cast(returned.date_day as {{ dbt.type_string() }}) as document_key,
        returned.order_id as order_id,
        returned.sku as sku,
        returned.reason as reason,
        returned.disposition as disposition,
        true as is_counted,
        returned.quantity as quantity
    from {{ ref('stg_amazon_sp__returns') }} as returned
),

amazon_seller as (
    select
        requests.account_id as account_id,
        requests.date_day as date_day,
        requests.load_id as load_id,
        'amazon_sp.seller_returns' as stream,
        cast(requests.date_day as {{ dbt.type_string() }}) as document_key,
        requests.order_id as order_id,
        requests.sku as sku,
        requests.reason as reason,
        cast(null as {{ dbt.type_string() }}) as disposition,
        not requests.is_turned_down as is_counted,
        requests.quantity as quantity
    from {{ ref('stg_amazon_sp__seller_returns') }} as requests
),

shopify as (
    select
        refunds.account_id as account_id,
        refunds.date_day as date_day,
        refunds.load_id as load_id,
        'shopify.refunds' as stream,
        cast(refunds.refund_id as {{ dbt.type_string() }}) as document_key,
        cast(refunds.order_id as {{ dbt.type_string() }}) as order_id,
        refunds.sku as sku,
        refunds.reason as reason,
        cast(null as {{ dbt.type_string() }}) as disposition,
        refunds.kind = 'line' and (coalesce(refunds.restock_type = 'RETURN', false) or refunds.return_id is not null) as is_counted,
        refunds.quantity as quantity
    from {{ ref('stg_shopify__refunds') }} as refunds
),

walmart as (
    select
        returned.account_id as account_id,
        returned.returned_on as date_day,
        returned.load_id as load_id,
        'walmart.returns' as stream,
        returned.return_id as document_key,
        returned.order_id as order_id,
        returned.sku as sku,
        returned.reason as reason,
        cast(null as {{ dbt.type_string() }}) as disposition,
        returned.is_sent_back and not returned.is_cancelled as is_counted,
        returned.quantity as quantity
    from {{ ref('stg_walmart__returns') }} as returned
    where returned.returned_on is not null
),

tiktok_shop as (
    select
        returned.account_id as account_id,
        returned.returned_on as date_day,
        returned.load_id as load_id,
        'tiktok_shop.returns' as stream,
        returned.return_id as document_key,
        returned.order_id as order_id,
        returned.sku as sku,
        returned.reason as reason,
        cast(null as {{ dbt.type_string() }}) as disposition,
        returned.is_sent_back as is_counted,
        cast(1 as bigint) as quantity
    from {{ ref('stg_tiktok_shop__returns') }} as returned
    where returned.returned_on is not null
)
{%- for stream in ['amazon_sp', 'amazon_seller', 'shopify', 'walmart', 'tiktok_shop'] %}

select
    {{ stream }}.account_id as account_id,
    {{ stream }}.date_day as date_day,
    {{ stream }}.load_id as load_id,
    {{ stream }}.stream as stream,
    {{ stream }}.document_key as document_key,
    {{ stream }}.order_id as order_id,
    {{ stream }}.sku as sku,
    {{ stream }}.reason as reason,
    {{ stream }}.disposition as disposition,
    {{ stream }}.is_counted as is_counted,
    {{ stream }}.quantity as returned_units
from {{ stream }}
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
