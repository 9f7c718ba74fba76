-- One row per account, day, ad group and advertised SKU, and one residual row (SKU null) per ad group and day: what the campaign report has
-- beyond its advertised products, so that the rows of an ad group's day add up to the campaign report.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ads')) }}",
    indexes=[{'columns': ['ad_performance_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}
{%- set amounts = ['impressions', 'clicks', 'cost', 'purchases', 'sales'] %}

with campaigns as (
    select
        report_rows.account_id as account_id,
        report_rows.date_day as date_day,
        report_rows.campaign_id as campaign_id,
        report_rows.ad_group_id as ad_group_id,
        max(report_rows.currency) as currency,
        {%- for amount in amounts %}
        sum(report_rows.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('stg_amazon_ads__sp_campaigns') }} as report_rows
    {%- if not is_rebuild() %}
    where (report_rows.account_id, report_rows.date_day) in {{ touched_days('ads') }}
    {%- endif %}
    group by report_rows.account_id, report_rows.date_day, report_rows.campaign_id, report_rows.ad_group_id
),

products as (
    select
        report_rows.account_id as account_id,
        report_rows.date_day as date_day,
        report_rows.campaign_id as campaign_id,
        report_rows.ad_group_id as ad_group_id,
        report_rows.sku as sku,
        max(report_rows.currency) as currency,
        {%- for amount in amounts %}
        sum(report_rows.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('stg_amazon_ads__sp_advertised_product') }} as report_rows
    where
        report_rows.sku is not null
        {%- if not is_rebuild() %}
        and (report_rows.account_id, report_rows.date_day) in {{ touched_days('ads') }}
        {%- endif %}
    group by
        report_rows.account_id, report_rows.date_day, report_rows.campaign_id, report_rows.ad_group_id, report_rows.sku
),

product_sums as (
    select
        products.account_id as account_id,
        products.date_day as date_day,
        products.campaign_id as campaign_id,
        products.ad_group_id as ad_group_id,
        {%- for amount in amounts %}
        sum(products.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from products
    group by products.account_id, products.date_day, products.campaign_id, products.ad_group_id
),

all_rows as (
    select
        products.account_id as account_id,
        products.date_day as date_day,
        products.campaign_id as campaign_id,
        products.ad_group_id as ad_group_id,
        products.sku as sku,
        false as is_residual,
        products.currency as currency,
        {%- for amount in amounts %}
        products.{{ amount }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from products

    union all

    select
        campaigns.account_id as account_id,
        campaigns.date_day as date_day,
        campaigns.campaign_id as campaign_id,
        campaigns.ad_group_id as ad_group_id,
        cast(null as {{ dbt.type_string() }}) as sku,
        true as is_residual,
        campaigns.currency as currency,
        {%- for amount in amounts %}
        campaigns.{{ amount }} - coalesce(product_sums.{{ amount }}, 0) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from campaigns
    left outer join product_sums
        on
            campaigns.account_id = product_sums.account_id
            and campaigns.date_day = product_sums.date_day
            and campaigns.campaign_id = product_sums.campaign_id
            and campaigns.ad_group_id = product_sums.ad_group_id
)

select
    all_rows.account_id
    || '/' || cast(all_rows.date_day as {{ dbt.type_string() }})
    || '/' || all_rows.campaign_id
    || '/' || all_rows.ad_group_id
    || case when all_rows.is_residual then '' else '/' || all_rows.sku end as ad_performance_key,
    all_rows.account_id as account_id,
    all_rows.date_day as date_day,
    all_rows.campaign_id as campaign_id,
    {{ campaign_key('all_rows.account_id', 'all_rows.campaign_id') }} as campaign_key,
    all_rows.ad_group_id as ad_group_id,
    {{ ad_group_key('all_rows.account_id', 'all_rows.ad_group_id') }} as ad_group_key,
    all_rows.sku as sku,
    {{ sku_key('all_rows.account_id', 'all_rows.sku') }} as sku_key,
    all_rows.is_residual as is_residual,
    coalesce(all_rows.currency, accounts.currency) as currency,
    all_rows.impressions as impressions,
    all_rows.clicks as clicks,
    all_rows.purchases as ad_purchases,
    all_rows.cost as ad_cost,
    all_rows.sales as ad_sales
from all_rows
inner join {{ ref('dim_accounts') }} as accounts on all_rows.account_id = accounts.account_id
