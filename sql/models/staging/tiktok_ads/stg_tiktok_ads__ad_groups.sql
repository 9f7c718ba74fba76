-- One row per account, day and ad group of TikTok Ads. Sales in the TikTok shop and on a website are two ways to sell: they are added up.
-- Their attribution window is the one that the advertiser has set.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    coalesce(report_rows.campaign_id, 'unknown') as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    upper(coalesce(report_rows.currency, accounts.currency)) as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.spend as cost,
    cast(
        coalesce(
            report_rows.shop_purchases + report_rows.website_purchases,
            report_rows.shop_purchases,
            report_rows.website_purchases
        ) as bigint
    ) as purchases,
    coalesce(
        report_rows.shop_purchase_value + report_rows.website_purchase_value,
        report_rows.shop_purchase_value,
        report_rows.website_purchase_value
    ) as sales,
    report_rows.shop_purchase_value as shop_sales,
    report_rows.website_purchase_value as website_sales,
    cast(report_rows.conversions as bigint) as conversions,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'tiktok_ads__ad_groups') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
