-- Account, day and load of every row of the ad reports.
select
    campaigns.account_id as account_id,
    campaigns.date_day as date_day,
    campaigns.load_id as load_id,
    'amazon_ads.sp_campaigns' as stream
from {{ ref('stg_amazon_ads__sp_campaigns') }} as campaigns

union all

select
    products.account_id as account_id,
    products.date_day as date_day,
    products.load_id as load_id,
    'amazon_ads.sp_advertised_product' as stream
from {{ ref('stg_amazon_ads__sp_advertised_product') }} as products
