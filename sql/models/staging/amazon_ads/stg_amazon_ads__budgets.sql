-- One row per account, snapshot day, ad product and campaign: the budget that the campaign had that day. `budget` is a day's unless
-- `budget_type` is LIFETIME; it is in the advertiser's currency.
select
    report_rows._account_id as account_id,
    report_rows.snapshot_date as date_day,
    case upper(report_rows.ad_product)
        when 'SPONSORED_PRODUCTS' then 'sponsored_products'
        when 'SPONSORED_BRANDS' then 'sponsored_brands'
        when 'SPONSORED_DISPLAY' then 'sponsored_display'
        else lower(report_rows.ad_product)
    end as ad_product,
    report_rows.campaign_id as campaign_id,
    report_rows.campaign_name as campaign_name,
    upper(report_rows.state) as campaign_status,
    report_rows.budget as budget,
    upper(report_rows.budget_type) as budget_type,
    report_rows.start_date as start_date,
    report_rows.end_date as end_date,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_ads__budgets') }} as report_rows
