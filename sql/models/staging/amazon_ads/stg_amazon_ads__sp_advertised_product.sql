-- One row per account, day, ad group and ad: what an advertised product cost and sold within 7 days of a click.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as ad_group_name,
    report_rows.ad_id as ad_id,
    report_rows.advertised_asin as asin,
    report_rows.advertised_sku as sku,
    upper(coalesce(report_rows.campaign_budget_currency_code, accounts.currency)) as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.cost as cost,
    cast(report_rows.purchases_7d as bigint) as purchases,
    report_rows.sales_7d as sales,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_ads__sp_advertised_product') }} as report_rows
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on report_rows._account_id = accounts.account_id
