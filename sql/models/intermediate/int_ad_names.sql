-- What the ad reports of all platforms call campaigns and ad groups, by account and day. Where two reports of a day name one thing, the one
-- with the lower preference is believed (campaign reports know the status).
{%- set parts = [
    {'model': 'stg_amazon_ads__sp_campaigns', 'product': 'sponsored_products', 'group': true, 'status': true, 'preference': 1},
    {'model': 'stg_amazon_ads__sp_advertised_product', 'product': 'sponsored_products', 'group': true, 'status': false, 'preference': 2},
    {'model': 'stg_amazon_ads__sb_campaigns', 'product': 'sponsored_brands', 'group': false, 'status': true, 'preference': 1},
    {'model': 'stg_amazon_ads__sb_ad_group', 'product': 'sponsored_brands', 'group': true, 'status': false, 'preference': 2},
    {'model': 'stg_amazon_ads__sd_campaigns', 'product': 'sponsored_display', 'group': false, 'status': true, 'preference': 1},
    {'model': 'stg_amazon_ads__sd_ad_group', 'product': 'sponsored_display', 'group': true, 'status': false, 'preference': 2},
    {'model': 'stg_walmart_connect__ads', 'product': 'walmart_search', 'group': true, 'status': false, 'preference': 1},
    {'model': 'stg_tiktok_ads__ad_groups', 'product': 'tiktok_ads', 'group': true, 'status': false, 'preference': 1},
] %}
{%- for part in parts %}
{%- if not loop.first %}

union all
{% endif %}
select
    'campaign' as entity_kind,
    {{ campaign_key('report_rows.account_id', 'report_rows.campaign_id') }} as entity_key,
    report_rows.account_id as account_id,
    report_rows.date_day as date_day,
    '{{ part.product }}' as ad_product,
    report_rows.campaign_id as campaign_id,
    cast(null as {{ dbt.type_string() }}) as ad_group_id,
    report_rows.campaign_name as entity_name,
    {% if part.status %}report_rows.campaign_status{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as campaign_status,
    {% if part.status %}report_rows.campaign_budget{% else %}cast(null as numeric){% endif %} as campaign_budget,
    report_rows.currency as currency,
    {{ part.preference }} as preference
from {{ ref(part.model) }} as report_rows
{%- if part.group %}

union all

select
    'ad_group' as entity_kind,
    {{ ad_group_key('report_rows.account_id', 'report_rows.ad_group_id') }} as entity_key,
    report_rows.account_id as account_id,
    report_rows.date_day as date_day,
    '{{ part.product }}' as ad_product,
    report_rows.campaign_id as campaign_id,
    report_rows.ad_group_id as ad_group_id,
    report_rows.ad_group_name as entity_name,
    cast(null as {{ dbt.type_string() }}) as campaign_status,
    cast(null as numeric) as campaign_budget,
    report_rows.currency as currency,
    {{ part.preference }} as preference
from {{ ref(part.model) }} as report_rows
{%- endif %}
{%- endfor %}

union all

-- Campaigns that were never shown have a budget all the same.
select
    'campaign' as entity_kind,
    {{ campaign_key('budgets.account_id', 'budgets.campaign_id') }} as entity_key,
    budgets.account_id as account_id,
    budgets.date_day as date_day,
    budgets.ad_product as ad_product,
    budgets.campaign_id as campaign_id,
    cast(null as {{ dbt.type_string() }}) as ad_group_id,
    budgets.campaign_name as entity_name,
    budgets.campaign_status as campaign_status,
    budgets.budget as campaign_budget,
    cast(null as {{ dbt.type_string() }}) as currency,
    0 as preference
from {{ ref('stg_amazon_ads__budgets') }} as budgets
