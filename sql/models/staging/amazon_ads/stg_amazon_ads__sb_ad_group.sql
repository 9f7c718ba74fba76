-- One row per account, day and ad group of Sponsored Brands. Conversions are those within 14 days of a click;
-- `view_*` are those after a view only.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    upper(coalesce(report_rows.campaign_budget_currency_code, accounts.currency)) as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.cost as cost,
    cast(coalesce(report_rows.purchases_clicks, report_rows.purchases) as bigint) as purchases,
    coalesce(report_rows.sales_clicks, report_rows.sales) as sales,
    cast(report_rows.purchases - report_rows.purchases_clicks as bigint) as view_purchases,
    report_rows.sales - report_rows.sales_clicks as view_sales,
    cast(report_rows.units_sold as bigint) as units_sold,
    cast(report_rows.new_to_brand_purchases as bigint) as new_to_brand_purchases,
    report_rows.detail_page_views as detail_page_views,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_ads__sb_ad_group') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
