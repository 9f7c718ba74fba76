-- One row per row of a report: the account's day, week or month (row_level date) or a product over the report's range (asin).
select
    report_rows._account_id as account_id,
    report_rows.row_level as row_level,
    report_rows.date_granularity as date_granularity,
    report_rows.asin_granularity as asin_granularity,
    report_rows.period_start as period_start,
    report_rows.period_end as period_end,
    report_rows.parent_asin as parent_asin,
    report_rows.child_asin as child_asin,
    report_rows.sku as sku,
    upper(coalesce(report_rows.currency, accounts.currency)) as currency,
    cast(report_rows.units_ordered as bigint) as units_ordered,
    report_rows.ordered_product_sales as ordered_product_sales,
    cast(report_rows.total_order_items as bigint) as order_items,
    cast(report_rows.sessions as bigint) as sessions,
    cast(report_rows.page_views as bigint) as page_views,
    -- 0..1; the report gives a percentage.
    report_rows.buy_box_percentage / 100 as buy_box_share,
    cast(report_rows.units_refunded as bigint) as units_refunded,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__sales_and_traffic') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
