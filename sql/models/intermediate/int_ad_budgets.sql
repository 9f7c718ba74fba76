-- What is known of campaigns' budgets by day: snapshots of the budget (row_role snapshot), and what the campaign reports say (report),
-- with what the campaign cost. Products and Display have daily budgets only; a report of Brands doesn't say whether its budget is a day's.
select
    'amazon_ads.budgets' as stream,
    'snapshot' as row_role,
    budgets.ad_product as ad_product,
    budgets.account_id as account_id,
    budgets.date_day as date_day,
    budgets.campaign_id as campaign_id,
    cast(null as {{ dbt.type_string() }}) as currency,
    budgets.budget as budget,
    budgets.budget_type as budget_type,
    coalesce(
        budgets.campaign_status = 'ENABLED'
        and (budgets.start_date is null or budgets.start_date <= budgets.date_day)
        and (budgets.end_date is null or budgets.end_date >= budgets.date_day),
        false
    ) as is_running,
    cast(null as numeric) as cost,
    budgets.load_id as load_id
from {{ ref('stg_amazon_ads__budgets') }} as budgets
{%- for part in [
    {'stream': 'sp_campaigns', 'product': 'sponsored_products', 'daily': true},
    {'stream': 'sb_campaigns', 'product': 'sponsored_brands', 'daily': false},
    {'stream': 'sd_campaigns', 'product': 'sponsored_display', 'daily': true},
] %}

union all

select
    'amazon_ads.{{ part.stream }}' as stream,
    'report' as row_role,
    '{{ part.product }}' as ad_product,
    campaigns.account_id as account_id,
    campaigns.date_day as date_day,
    campaigns.campaign_id as campaign_id,
    campaigns.currency as currency,
    {% if part.daily %}campaigns.campaign_budget{% else %}cast(null as numeric){% endif %} as budget,
    cast(null as {{ dbt.type_string() }}) as budget_type,
    true as is_running,
    campaigns.cost as cost,
    campaigns.load_id as load_id
from {{ ref('stg_amazon_ads__' ~ part.stream) }} as campaigns
{%- endfor %}
