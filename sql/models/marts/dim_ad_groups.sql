-- One row per account and ad group of any platform, as its latest reported day names it.
{{ config(indexes=[{'columns': ['ad_group_key'], 'unique': true}]) }}

select
    names.entity_key as ad_group_key,
    names.account_id as account_id,
    names.ad_group_id as ad_group_id,
    coalesce(names.entity_name, names.ad_group_id) as ad_group_name,
    names.campaign_id as campaign_id,
    campaigns.campaign_key as campaign_key,
    campaigns.campaign_name as campaign_name,
    names.ad_product as ad_product,
    names.last_day as last_day,
    campaigns.is_active as is_active
from {{ ref('int_ad_names_latest') }} as names
inner join {{ ref('dim_campaigns') }} as campaigns
    on {{ campaign_key('names.account_id', 'names.campaign_id') }} = campaigns.campaign_key
where names.entity_kind = 'ad_group'
