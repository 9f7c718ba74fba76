-- One row per account, day and SKU that a platform counts traffic of, or per account and day (row_level account). Sessions are visits
-- to product pages on Amazon, to the online store on Shopify, and the day's visitors of product pages on TikTok Shop, which counts no
-- visits. Units ordered are the platform's own count; Shopify has none beside its sessions, so those of its orders stand in
-- (row_level orders).
select
    report_rows.account_id as account_id,
    report_rows.period_start as date_day,
    report_rows.load_id as load_id,
    'amazon_sp.sales_and_traffic' as stream,
    case when report_rows.row_level = 'date' then 'account' else 'sku' end as row_level,
    report_rows.sku as sku,
    cast(report_rows.sessions as numeric) as sessions,
    report_rows.page_views as page_views,
    report_rows.page_views * report_rows.buy_box_share as buy_box_page_views,
    case when report_rows.buy_box_share is not null then report_rows.page_views end as buy_box_base_page_views,
    report_rows.units_ordered as traffic_units
from {{ ref('stg_amazon_sp__sales_and_traffic') }} as report_rows
where
    report_rows.period_start = report_rows.period_end
    and (report_rows.row_level = 'date' or (report_rows.row_level = 'asin' and report_rows.sku is not null))

union all

select
    session_days.account_id as account_id,
    session_days.date_day as date_day,
    session_days.load_id as load_id,
    'shopify.sessions' as stream,
    'account' as row_level,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(session_days.sessions as numeric) as sessions,
    session_days.page_views as page_views,
    cast(null as numeric) as buy_box_page_views,
    cast(null as bigint) as buy_box_base_page_views,
    cast(case when session_days.sessions is not null then 0 end as bigint) as traffic_units
from {{ ref('stg_shopify__sessions') }} as session_days

union all

select
    order_lines.account_id as account_id,
    order_lines.date_day as date_day,
    order_lines.load_id as load_id,
    order_lines.stream as stream,
    'orders' as row_level,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as numeric) as sessions,
    cast(null as bigint) as page_views,
    cast(null as numeric) as buy_box_page_views,
    cast(null as bigint) as buy_box_base_page_views,
    case when order_lines.is_sale and not order_lines.is_cancelled then coalesce(order_lines.quantity, 0) else 0 end as traffic_units
from {{ ref('int_order_lines') }} as order_lines
where order_lines.stream = 'shopify.orders'

union all

select
    performance.account_id as account_id,
    performance.date_day as date_day,
    performance.load_id as load_id,
    'tiktok_shop.shop_performance' as stream,
    'account' as row_level,
    cast(null as {{ dbt.type_string() }}) as sku,
    performance.visitors as sessions,
    performance.page_views as page_views,
    cast(null as numeric) as buy_box_page_views,
    cast(null as bigint) as buy_box_base_page_views,
    case when performance.visitors is not null then performance.units_sold end as traffic_units
from {{ ref('stg_tiktok_shop__shop_performance') }} as performance
