-- One row per account, day, campaign, ad group and item of Walmart's Sponsored Search. Conversions are those within 14 days of a click.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    report_rows.item_id as item_id,
    report_rows.item_name as item_name,
    upper(accounts.currency) as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.ad_spend as cost,
    cast(report_rows.attributed_orders_14days as bigint) as purchases,
    report_rows.attributed_sales_14days as sales,
    report_rows.attributed_sales_30days as sales_30d,
    cast(report_rows.units_sold_14days as bigint) as units_sold,
    cast(report_rows.units_sold_30days as bigint) as units_sold_30d,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'walmart_connect__ads') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
