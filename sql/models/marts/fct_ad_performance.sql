-- One row per account, day, ad group and advertised SKU (Walmart: item), and residual rows for what the campaign reports have beyond their
-- details, so that a day's rows add up to the campaign report: Sponsored Products by ad group, Brands and Display by campaign. Rows of
-- Brands, Display and TikTok name no SKU.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ads')) }}",
    indexes=[{'columns': ['ad_performance_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}
{%- set amounts = ['impressions', 'clicks', 'cost', 'purchases', 'sales'] %}
{%- set all_amounts = amounts + ['view_purchases', 'view_sales'] %}

with reports as (
    select report_rows.*
    from {{ ref('int_ad_performance') }} as report_rows
    {%- if not is_rebuild() %}
    where (report_rows.account_id, report_rows.date_day) in {{ touched_days('ads') }}
    {%- endif %}
),

details as (
    select
        reports.account_id as account_id,
        reports.date_day as date_day,
        reports.ad_product as ad_product,
        reports.campaign_id as campaign_id,
        reports.ad_group_id as ad_group_id,
        reports.sku as sku,
        reports.item_id as item_id,
        false as is_residual,
        max(reports.currency) as currency,
        {%- for amount in all_amounts %}
        sum(reports.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from reports
    where reports.row_role = 'detail'
    group by
        reports.account_id,
        reports.date_day,
        reports.ad_product,
        reports.campaign_id,
        reports.ad_group_id,
        reports.sku,
        reports.item_id
),

-- Totals less details; only products that have totals.
compared as (
    select
        reports.account_id as account_id,
        reports.date_day as date_day,
        reports.ad_product as ad_product,
        reports.campaign_id as campaign_id,
        reports.residual_ad_group_id as ad_group_id,
        max(case when reports.row_role = 'total' then reports.currency end) as currency,
        sum(case when reports.row_role = 'total' then 1 else 0 end) as total_rows,
        {%- for amount in amounts %}
        count(case when reports.row_role = 'detail' then reports.{{ amount }} end) as {{ amount }}_details,
        {%- endfor %}
        {%- for amount in all_amounts %}
        {{ ad_residual('reports', amount) }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from reports
    where reports.ad_product in ('sponsored_products', 'sponsored_brands', 'sponsored_display')
    group by
        reports.account_id,
        reports.date_day,
        reports.ad_product,
        reports.campaign_id,
        reports.residual_ad_group_id
),

all_rows as (
    select
        details.account_id as account_id,
        details.date_day as date_day,
        details.ad_product as ad_product,
        details.campaign_id as campaign_id,
        details.ad_group_id as ad_group_id,
        details.sku as sku,
        details.item_id as item_id,
        details.is_residual as is_residual,
        details.currency as currency,
        {%- for amount in all_amounts %}
        details.{{ amount }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from details

    union all

    select
        compared.account_id as account_id,
        compared.date_day as date_day,
        compared.ad_product as ad_product,
        compared.campaign_id as campaign_id,
        compared.ad_group_id as ad_group_id,
        cast(null as {{ dbt.type_string() }}) as sku,
        cast(null as {{ dbt.type_string() }}) as item_id,
        true as is_residual,
        compared.currency as currency,
        {%- for amount in all_amounts %}
        compared.{{ amount }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from compared
    where
        compared.total_rows > 0
        -- Where the details state nothing of an amount, a total of 0 is what is known of it.
        and (
            {%- for amount in amounts %}
            {% if not loop.first %}or {% endif %}compared.{{ amount }} is distinct from 0 or compared.{{ amount }}_details = 0
            {%- endfor %}
        )
)

select
    all_rows.account_id
    || '/' || cast(all_rows.date_day as {{ dbt.type_string() }})
    || '/' || all_rows.campaign_id
    || case when all_rows.ad_group_id is null then '' else '/' || all_rows.ad_group_id end
    || case
        when all_rows.item_id is not null then '/item/' || all_rows.item_id
        when all_rows.sku is not null then '/' || all_rows.sku
        else ''
    end as ad_performance_key,
    all_rows.account_id as account_id,
    all_rows.date_day as date_day,
    all_rows.ad_product as ad_product,
    all_rows.campaign_id as campaign_id,
    {{ campaign_key('all_rows.account_id', 'all_rows.campaign_id') }} as campaign_key,
    all_rows.ad_group_id as ad_group_id,
    {{ ad_group_key('all_rows.account_id', 'all_rows.ad_group_id') }} as ad_group_key,
    all_rows.sku as sku,
    {{ sku_key('all_rows.account_id', 'all_rows.sku') }} as sku_key,
    all_rows.item_id as item_id,
    all_rows.is_residual as is_residual,
    coalesce(all_rows.currency, accounts.currency) as currency,
    all_rows.impressions as impressions,
    all_rows.clicks as clicks,
    all_rows.purchases as ad_purchases,
    all_rows.cost as ad_cost,
    all_rows.sales as ad_sales,
    all_rows.view_purchases as view_purchases,
    all_rows.view_sales as view_sales
from all_rows
inner join {{ ref('dim_accounts') }} as accounts on all_rows.account_id = accounts.account_id
