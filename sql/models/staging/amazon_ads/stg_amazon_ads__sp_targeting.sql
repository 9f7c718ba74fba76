-- One row per account, day, ad group and target (keyword or expression) of Sponsored Products. Conversions are those
-- within 7 days of a click.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    report_rows.keyword_id as target_id,
    coalesce(report_rows.targeting, report_rows.keyword) as target_text,
    upper(report_rows.match_type) as match_type,
    upper(report_rows.keyword_type) as target_type,
    upper(report_rows.ad_keyword_status) as target_status,
    report_rows.keyword_bid as bid,
    upper(coalesce(report_rows.campaign_budget_currency_code, accounts.currency)) as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.cost as cost,
    cast(report_rows.purchases_7d as bigint) as purchases,
    report_rows.sales_7d as sales,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_ads__sp_targeting') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
