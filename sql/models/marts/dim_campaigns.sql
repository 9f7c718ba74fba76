-- One row per account and campaign, as its latest reported day names it.
with facts as (
    select
        ad_performance.account_id as account_id,
        ad_performance.campaign_id as campaign_id
    from {{ ref('fct_ad_performance') }} as ad_performance
    group by ad_performance.account_id, ad_performance.campaign_id
),

ranked as (
    select
        campaigns.account_id as account_id,
        campaigns.campaign_id as campaign_id,
        campaigns.campaign_name as campaign_name,
        campaigns.campaign_status as campaign_status,
        campaigns.campaign_budget as campaign_budget,
        campaigns.currency as currency,
        row_number() over (
            partition by campaigns.account_id, campaigns.campaign_id
            order by campaigns.date_day desc nulls last, campaigns.ad_group_id asc nulls last
        ) as campaign_rank
    from {{ ref('stg_amazon_ads__sp_campaigns') }} as campaigns
)

select
    {{ campaign_key('facts.account_id', 'facts.campaign_id') }} as campaign_key,
    facts.account_id as account_id,
    facts.campaign_id as campaign_id,
    coalesce(ranked.campaign_name, facts.campaign_id) as campaign_name,
    ranked.campaign_status as campaign_status,
    ranked.campaign_budget as campaign_budget,
    ranked.currency as currency,
    coalesce(upper(ranked.campaign_status) = 'ENABLED', true) as is_active
from facts
left outer join ranked
    on
        facts.account_id = ranked.account_id
        and facts.campaign_id = ranked.campaign_id
        and ranked.campaign_rank = 1
