-- One row per account, day, ad group and target of Sponsored Brands: a keyword or an expression. Conversions are those
-- within 14 days of a click.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    coalesce(report_rows.keyword_id, report_rows.targeting_id) as target_id,
    coalesce(report_rows.targeting_text, report_rows.keyword_text, report_rows.targeting_expression) as target_text,
    upper(report_rows.match_type) as match_type,
    upper(report_rows.keyword_type) as target_type,
    upper(report_rows.ad_keyword_status) as target_status,
    report_rows.keyword_bid as bid,
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
from {{ source('raw', 'amazon_ads__sb_targeting') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
