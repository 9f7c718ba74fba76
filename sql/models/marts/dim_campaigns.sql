-- One row per account and campaign of any platform, as its latest reported day names it.
{{ config(indexes=[{'columns': ['campaign_key'], 'unique': true}]) }}

select
    names.entity_key as campaign_key,
    names.account_id as account_id,
    names.campaign_id as campaign_id,
    coalesce(names.entity_name, names.campaign_id) as campaign_name,
    names.ad_product as ad_product,
    names.campaign_status as campaign_status,
    names.campaign_budget as campaign_budget,
    names.currency as currency,
    names.last_day as last_day,
    coalesce(names.campaign_status = 'ENABLED', true) as is_active
from {{ ref('int_ad_names_latest') }} as names
where names.entity_kind = 'campaign'
