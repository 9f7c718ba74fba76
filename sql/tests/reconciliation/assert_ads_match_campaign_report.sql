-- The rows of an ad group's day add up to the campaign report. Rows are differences.
with reported as (
    select
        campaigns.account_id as account_id,
        campaigns.date_day as date_day,
        campaigns.ad_group_id as ad_group_id,
        sum(campaigns.cost) as cost,
        sum(campaigns.sales) as sales,
        sum(campaigns.clicks) as clicks
    from {{ ref('stg_amazon_ads__sp_campaigns') }} as campaigns
    group by campaigns.account_id, campaigns.date_day, campaigns.ad_group_id
),

facts as (
    select
        ad_performance.account_id as account_id,
        ad_performance.date_day as date_day,
        ad_performance.ad_group_id as ad_group_id,
        sum(ad_performance.ad_cost) as cost,
        sum(ad_performance.ad_sales) as sales,
        sum(ad_performance.clicks) as clicks
    from {{ ref('fct_ad_performance') }} as ad_performance
    group by ad_performance.account_id, ad_performance.date_day, ad_performance.ad_group_id
)

select
    reported.account_id as account_id,
    reported.date_day as date_day,
    reported.ad_group_id as ad_group_id,
    reported.cost as reported_cost,
    facts.cost as fact_cost
from reported
left outer join facts
    on
        reported.account_id = facts.account_id
        and reported.date_day = facts.date_day
        and reported.ad_group_id = facts.ad_group_id
where
    reported.cost <> coalesce(facts.cost, -1)
    or reported.sales <> coalesce(facts.sales, -1)
    or reported.clicks <> coalesce(facts.clicks, -1)
