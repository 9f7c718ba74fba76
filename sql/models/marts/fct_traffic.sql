-- One row per account, day and SKU of one-day reports, and one residual row (SKU null) per account and day: what Amazon's own account day
-- has beyond its SKUs, so that the rows of a day add up to Amazon's figure. A visitor who looks at two products has one session
-- in the account's day and two in the SKUs', so the residual is often negative.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('traffic')) }}",
    indexes=[{'columns': ['traffic_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

with reports as (
    select report_rows.*
    from {{ ref('stg_amazon_sp__sales_and_traffic') }} as report_rows
    where
        report_rows.period_start = report_rows.period_end
        {%- if not is_rebuild() %}
        and (report_rows.account_id, report_rows.period_start) in {{ touched_days('traffic') }}
        {%- endif %}
),

sku_days as (
    select
        reports.account_id as account_id,
        reports.period_start as date_day,
        reports.sku as sku,
        max(reports.currency) as currency,
        sum(reports.sessions) as sessions,
        sum(reports.page_views) as page_views,
        sum(reports.page_views * reports.buy_box_share) as buy_box_page_views,
        sum(case when reports.buy_box_share is not null then reports.page_views end) as buy_box_base_page_views,
        sum(reports.units_ordered) as traffic_units,
        sum(reports.ordered_product_sales) as traffic_sales
    from reports
    where reports.row_level = 'asin' and reports.sku is not null
    group by reports.account_id, reports.period_start, reports.sku
),

account_days as (
    select
        reports.account_id as account_id,
        reports.period_start as date_day,
        max(reports.currency) as currency,
        max(reports.sessions) as sessions,
        max(reports.page_views) as page_views,
        max(reports.page_views * reports.buy_box_share) as buy_box_page_views,
        max(case when reports.buy_box_share is not null then reports.page_views end) as buy_box_base_page_views,
        max(reports.units_ordered) as traffic_units,
        max(reports.ordered_product_sales) as traffic_sales
    from reports
    where reports.row_level = 'date'
    group by reports.account_id, reports.period_start
),

sku_sums as (
    select
        sku_days.account_id as account_id,
        sku_days.date_day as date_day,
        sum(sku_days.sessions) as sessions,
        sum(sku_days.page_views) as page_views,
        sum(sku_days.buy_box_page_views) as buy_box_page_views,
        sum(sku_days.buy_box_base_page_views) as buy_box_base_page_views,
        sum(sku_days.traffic_units) as traffic_units,
        sum(sku_days.traffic_sales) as traffic_sales
    from sku_days
    group by sku_days.account_id, sku_days.date_day
),

all_rows as (
    select
        sku_days.account_id as account_id,
        sku_days.date_day as date_day,
        sku_days.sku as sku,
        false as is_residual,
        sku_days.currency as currency,
        sku_days.sessions as sessions,
        sku_days.page_views as page_views,
        sku_days.buy_box_page_views as buy_box_page_views,
        sku_days.buy_box_base_page_views as buy_box_base_page_views,
        sku_days.traffic_units as traffic_units,
        sku_days.traffic_sales as traffic_sales
    from sku_days

    union all

    select
        account_days.account_id as account_id,
        account_days.date_day as date_day,
        cast(null as {{ dbt.type_string() }}) as sku,
        true as is_residual,
        account_days.currency as currency,
        account_days.sessions - coalesce(sku_sums.sessions, 0) as sessions,
        account_days.page_views - coalesce(sku_sums.page_views, 0) as page_views,
        account_days.buy_box_page_views - coalesce(sku_sums.buy_box_page_views, 0) as buy_box_page_views,
        account_days.buy_box_base_page_views - coalesce(sku_sums.buy_box_base_page_views, 0) as buy_box_base_page_views,
        account_days.traffic_units - coalesce(sku_sums.traffic_units, 0) as traffic_units,
        account_days.traffic_sales - coalesce(sku_sums.traffic_sales, 0) as traffic_sales
    from account_days
    left outer join sku_sums
        on account_days.account_id = sku_sums.account_id and account_days.date_day = sku_sums.date_day
)

select
    all_rows.account_id
    || '/' || cast(all_rows.date_day as {{ dbt.type_string() }})
    || case when all_rows.is_residual then '' else '/' || all_rows.sku end as traffic_key,
    all_rows.account_id as account_id,
    all_rows.date_day as date_day,
    all_rows.sku as sku,
    {{ sku_key('all_rows.account_id', 'all_rows.sku') }} as sku_key,
    all_rows.is_residual as is_residual,
    coalesce(all_rows.currency, accounts.currency) as currency,
    all_rows.sessions as sessions,
    all_rows.page_views as page_views,
    all_rows.buy_box_page_views as buy_box_page_views,
    all_rows.buy_box_base_page_views as buy_box_base_page_views,
    all_rows.traffic_units as traffic_units,
    all_rows.traffic_sales as traffic_sales
from all_rows
inner join {{ ref('dim_accounts') }} as accounts on all_rows.account_id = accounts.account_id
