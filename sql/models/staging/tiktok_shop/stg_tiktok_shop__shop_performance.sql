-- One row per shop and day, as TikTok's analytics counts it: sales at the time of payment, later cancelled ones included.
select
    performance._account_id as account_id,
    performance.date as date_day,
    upper(coalesce(performance.currency, accounts.currency)) as currency,
    performance.gmv as gmv,
    cast(performance.orders as bigint) as orders,
    cast(performance.units_sold as bigint) as units_sold,
    cast(performance.product_impressions as bigint) as product_impressions,
    cast(performance.product_page_views as bigint) as page_views,
    -- Distinct visitors of product pages on the day.
    performance.visitors as visitors,
    performance.refunds as refunds,
    performance._load_id as load_id,
    performance._loaded_at as loaded_at
from {{ source('raw', 'tiktok_shop__shop_performance') }} as performance
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on performance._account_id = accounts.account_id
