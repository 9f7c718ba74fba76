-- The rows of a day and ad product add up to the campaign report (Walmart, TikTok: to the report), to the cent. Rows are differences.
-- Where a campaign's total lacks an amount, the report states no sum of it, and there is nothing to compare.
{%- set amounts = ['cost', 'sales', 'purchases', 'clicks', 'impressions'] %}
with reported as (
    select
        reports.account_id as account_id,
        reports.date_day as date_day,
        reports.ad_product as ad_product,
        {%- for amount in amounts %}
        sum(case when reports.row_role = 'total' and reports.{{ amount }} is null then 1 else 0 end) as {{ amount }}_gaps,
        sum(reports.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_ad_performance') }} as reports
    where reports.row_role = 'total' or reports.ad_product in ('walmart_search', 'tiktok_ads')
    group by reports.account_id, reports.date_day, reports.ad_product
),

-- Details that no total holds are in the fact and in no campaign report.
unreported as (
    select
        details.account_id as account_id,
        details.date_day as date_day,
        details.ad_product as ad_product
    from {{ ref('int_ad_performance') }} as details
    left outer join {{ ref('int_ad_performance') }} as totals
        on
            details.account_id = totals.account_id
            and details.date_day = totals.date_day
            and details.ad_product = totals.ad_product
            and details.campaign_id = totals.campaign_id
            and coalesce(details.residual_ad_group_id, '') = coalesce(totals.residual_ad_group_id, '')
            and totals.row_role = 'total'
    where details.row_role = 'detail' and totals.account_id is null
    group by details.account_id, details.date_day, details.ad_product
),

facts as (
    select
        ad_performance.account_id as account_id,
        ad_performance.date_day as date_day,
        ad_performance.ad_product as ad_product,
        sum(ad_performance.ad_cost) as cost,
        sum(ad_performance.ad_sales) as sales,
        sum(ad_performance.ad_purchases) as purchases,
        sum(ad_performance.clicks) as clicks,
        sum(ad_performance.impressions) as impressions
    from {{ ref('fct_ad_performance') }} as ad_performance
    group by ad_performance.account_id, ad_performance.date_day, ad_performance.ad_product
)

select
    coalesce(reported.account_id, facts.account_id) as account_id,
    coalesce(reported.date_day, facts.date_day) as date_day,
    coalesce(reported.ad_product, facts.ad_product) as ad_product,
    reported.cost as reported_cost,
    facts.cost as fact_cost
from reported
full outer join facts
    on
        reported.account_id = facts.account_id
        and reported.date_day = facts.date_day
        and reported.ad_product = facts.ad_product
left outer join unreported
    on
        coalesce(reported.account_id, facts.account_id) = unreported.account_id
        and coalesce(reported.date_day, facts.date_day) = unreported.date_day
        and coalesce(reported.ad_product, facts.ad_product) = unreported.ad_product
where
    (unreported.account_id is null or unreported.ad_product in ('walmart_search', 'tiktok_ads'))
    and (
        {%- for amount in amounts %}
        {% if not loop.first %}or {% endif %}(
            coalesce(reported.{{ amount }}_gaps, 0) = 0
            and reported.{{ amount }} is distinct from facts.{{ amount }}
        )
        {%- endfor %}
    )
