-- One row per account and ad group, as its latest reported day names it.
with facts as (
    select
        ad_performance.account_id as account_id,
        ad_performance.ad_group_id as ad_group_id,
        max(ad_performance.campaign_id) as campaign_id
    from {{ ref('fct_ad_performance') }} as ad_performance
    group by ad_performance.account_id, ad_performance.ad_group_id
),

ranked as (
    select
        ad_groups.account_id as account_id,
        ad_groups.ad_group_id as ad_group_id,
        ad_groups.ad_group_name as ad_group_name,
        row_number() over (
            partition by ad_groups.account_id, ad_groups.ad_group_id
            order by ad_groups.date_day desc nulls last
        ) as ad_group_rank
    from {{ ref('stg_amazon_ads__sp_campaigns') }} as ad_groups
)

select
    {{ ad_group_key('facts.account_id', 'facts.ad_group_id') }} as ad_group_key,
    facts.account_id as account_id,
    facts.ad_group_id as ad_group_id,
    coalesce(ranked.ad_group_name, facts.ad_group_id) as ad_group_name,
    facts.campaign_id as campaign_id,
    {{ campaign_key('facts.account_id', 'facts.campaign_id') }} as campaign_key,
    campaigns.campaign_name as campaign_name,
    campaigns.is_active as is_active
from facts
left outer join ranked
    on
        facts.account_id = ranked.account_id
        and facts.ad_group_id = ranked.ad_group_id
        and ranked.ad_group_rank = 1
inner join {{ ref('dim_campaigns') }} as campaigns
    on facts.account_id = campaigns.account_id and facts.campaign_id = campaigns.campaign_id
