-- Every row of the ad reports of all platforms, in one shape. A row is a detail (advertised SKU, ad group, item) or a total that holds
-- details and more: Sponsored Products by ad group, Brands and Display by campaign (`residual_ad_group_id` is null). Sales and purchases
-- are those of the one window of their ad product, after a click: Products 7 days, Brands and Display 14, Walmart 14, TikTok as the
-- advertiser set it.
select
    'amazon_ads.sp_campaigns' as stream,
    'total' as row_role,
    'sponsored_products' as ad_product,
    sp_campaigns.account_id as account_id,
    sp_campaigns.date_day as date_day,
    sp_campaigns.campaign_id as campaign_id,
    sp_campaigns.ad_group_id as ad_group_id,
    sp_campaigns.ad_group_id as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sp_campaigns.currency as currency,
    sp_campaigns.impressions as impressions,
    sp_campaigns.clicks as clicks,
    sp_campaigns.cost as cost,
    sp_campaigns.purchases as purchases,
    sp_campaigns.sales as sales,
    cast(null as bigint) as view_purchases,
    cast(null as numeric) as view_sales,
    sp_campaigns.load_id as load_id
from {{ ref('stg_amazon_ads__sp_campaigns') }} as sp_campaigns

union all

select
    'amazon_ads.sp_advertised_product' as stream,
    'detail' as row_role,
    'sponsored_products' as ad_product,
    sp_products.account_id as account_id,
    sp_products.date_day as date_day,
    sp_products.campaign_id as campaign_id,
    sp_products.ad_group_id as ad_group_id,
    sp_products.ad_group_id as residual_ad_group_id,
    sp_products.sku as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sp_products.currency as currency,
    sp_products.impressions as impressions,
    sp_products.clicks as clicks,
    sp_products.cost as cost,
    sp_products.purchases as purchases,
    sp_products.sales as sales,
    cast(null as bigint) as view_purchases,
    cast(null as numeric) as view_sales,
    sp_products.load_id as load_id
from {{ ref('stg_amazon_ads__sp_advertised_product') }} as sp_products
where sp_products.sku is not null

union all

select
    'amazon_ads.sb_campaigns' as stream,
    'total' as row_role,
    'sponsored_brands' as ad_product,
    sb_campaigns.account_id as account_id,
    sb_campaigns.date_day as date_day,
    sb_campaigns.campaign_id as campaign_id,
    cast(null as {{ dbt.type_string() }}) as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sb_campaigns.currency as currency,
    sb_campaigns.impressions as impressions,
    sb_campaigns.clicks as clicks,
    sb_campaigns.cost as cost,
    sb_campaigns.purchases as purchases,
    sb_campaigns.sales as sales,
    sb_campaigns.view_purchases as view_purchases,
    sb_campaigns.view_sales as view_sales,
    sb_campaigns.load_id as load_id
from {{ ref('stg_amazon_ads__sb_campaigns') }} as sb_campaigns

union all

select
    'amazon_ads.sb_ad_group' as stream,
    'detail' as row_role,
    'sponsored_brands' as ad_product,
    sb_ad_groups.account_id as account_id,
    sb_ad_groups.date_day as date_day,
    sb_ad_groups.campaign_id as campaign_id,
    sb_ad_groups.ad_group_id as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sb_ad_groups.currency as currency,
    sb_ad_groups.impressions as impressions,
    sb_ad_groups.clicks as clicks,
    sb_ad_groups.cost as cost,
    sb_ad_groups.purchases as purchases,
    sb_ad_groups.sales as sales,
    sb_ad_groups.view_purchases as view_purchases,
    sb_ad_groups.view_sales as view_sales,
    sb_ad_groups.load_id as load_id
from {{ ref('stg_amazon_ads__sb_ad_group') }} as sb_ad_groups

union all

select
    'amazon_ads.sd_campaigns' as stream,
    'total' as row_role,
    'sponsored_display' as ad_product,
    sd_campaigns.account_id as account_id,
    sd_campaigns.date_day as date_day,
    sd_campaigns.campaign_id as campaign_id,
    cast(null as {{ dbt.type_string() }}) as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sd_campaigns.currency as currency,
    sd_campaigns.impressions as impressions,
    sd_campaigns.clicks as clicks,
    sd_campaigns.cost as cost,
    sd_campaigns.purchases as purchases,
    sd_campaigns.sales as sales,
    sd_campaigns.view_purchases as view_purchases,
    sd_campaigns.view_sales as view_sales,
    sd_campaigns.load_id as load_id
from {{ ref('stg_amazon_ads__sd_campaigns') }} as sd_campaigns

union all

select
    'amazon_ads.sd_ad_group' as stream,
    'detail' as row_role,
    'sponsored_display' as ad_product,
    sd_ad_groups.account_id as account_id,
    sd_ad_groups.date_day as date_day,
    sd_ad_groups.campaign_id as campaign_id,
    sd_ad_groups.ad_group_id as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    sd_ad_groups.currency as currency,
    sd_ad_groups.impressions as impressions,
    sd_ad_groups.clicks as clicks,
    sd_ad_groups.cost as cost,
    sd_ad_groups.purchases as purchases,
    sd_ad_groups.sales as sales,
    sd_ad_groups.view_purchases as view_purchases,
    sd_ad_groups.view_sales as view_sales,
    sd_ad_groups.load_id as load_id
from {{ ref('stg_amazon_ads__sd_ad_group') }} as sd_ad_groups

union all

select
    'walmart_connect.ads' as stream,
    'detail' as row_role,
    'walmart_search' as ad_product,
    walmart_ads.account_id as account_id,
    walmart_ads.date_day as date_day,
    walmart_ads.campaign_id as campaign_id,
    walmart_ads.ad_group_id as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    items.sku as sku,
    walmart_ads.item_id as item_id,
    walmart_ads.currency as currency,
    walmart_ads.impressions as impressions,
    walmart_ads.clicks as clicks,
    walmart_ads.cost as cost,
    walmart_ads.purchases as purchases,
    walmart_ads.sales as sales,
    cast(null as bigint) as view_purchases,
    cast(null as numeric) as view_sales,
    walmart_ads.load_id as load_id
from {{ ref('stg_walmart_connect__ads') }} as walmart_ads
left outer join {{ ref('int_item_skus') }} as items on walmart_ads.account_id = items.account_id and walmart_ads.item_id = items.item_id

union all

select
    'tiktok_ads.ad_groups' as stream,
    'detail' as row_role,
    'tiktok_ads' as ad_product,
    tiktok_ads.account_id as account_id,
    tiktok_ads.date_day as date_day,
    tiktok_ads.campaign_id as campaign_id,
    tiktok_ads.ad_group_id as ad_group_id,
    cast(null as {{ dbt.type_string() }}) as residual_ad_group_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as item_id,
    tiktok_ads.currency as currency,
    tiktok_ads.impressions as impressions,
    tiktok_ads.clicks as clicks,
    tiktok_ads.cost as cost,
    tiktok_ads.purchases as purchases,
    tiktok_ads.sales as sales,
    cast(null as bigint) as view_purchases,
    cast(null as numeric) as view_sales,
    tiktok_ads.load_id as load_id
from {{ ref('stg_tiktok_ads__ad_groups') }} as tiktok_ads
