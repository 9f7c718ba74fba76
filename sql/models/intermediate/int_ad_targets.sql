-- Every row of the targeting and search term reports, in one shape. `target_kind` is target or search_term; the terms are parts of
-- their targets, so the two are never added up. Windows as in int_ad_performance.
{%- set parts = [
    {'stream': 'sp_targeting', 'product': 'sponsored_products', 'kind': 'target', 'keyword': true, 'views': false},
    {'stream': 'sp_search_term', 'product': 'sponsored_products', 'kind': 'search_term', 'keyword': true, 'views': false},
    {'stream': 'sb_targeting', 'product': 'sponsored_brands', 'kind': 'target', 'keyword': true, 'views': true},
    {'stream': 'sd_targeting', 'product': 'sponsored_display', 'kind': 'target', 'keyword': false, 'views': true},
] %}
{%- for part in parts %}
{%- if not loop.first %}

union all
{% endif %}
select
    'amazon_ads.{{ part.stream }}' as stream,
    '{{ part.kind }}' as target_kind,
    '{{ part.product }}' as ad_product,
    report_rows.account_id as account_id,
    report_rows.date_day as date_day,
    report_rows.campaign_id as campaign_id,
    report_rows.ad_group_id as ad_group_id,
    report_rows.target_id as target_id,
    report_rows.target_text as target_text,
    {% if part.keyword %}report_rows.match_type{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as match_type,
    {% if part.kind == 'search_term' %}report_rows.search_term{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as search_term,
    report_rows.currency as currency,
    report_rows.impressions as impressions,
    report_rows.clicks as clicks,
    report_rows.cost as cost,
    report_rows.purchases as purchases,
    report_rows.sales as sales,
    report_rows.load_id as load_id
from {{ ref('stg_amazon_ads__' ~ part.stream) }} as report_rows
{%- endfor %}
