-- The rows of an account's day add up to the platform's own figure for the day. Rows are differences.
with shop_units as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        sum(orders.quantity) as units
    from {{ ref('stg_shopify__orders') }} as orders
    where not orders.is_cancelled and not orders.is_test and not orders.is_gift_card
    group by orders.account_id, orders.date_day
),

account_days as (
    select
        report_rows.account_id as account_id,
        report_rows.period_start as date_day,
        report_rows.sessions as sessions,
        report_rows.page_views as page_views,
        report_rows.units_ordered as units
    from {{ ref('stg_amazon_sp__sales_and_traffic') }} as report_rows
    where report_rows.row_level = 'date' and report_rows.period_start = report_rows.period_end

    union all

    select
        session_days.account_id as account_id,
        session_days.date_day as date_day,
        session_days.sessions as sessions,
        session_days.page_views as page_views,
        coalesce(shop_units.units, 0) as units
    from {{ ref('stg_shopify__sessions') }} as session_days
    left outer join shop_units on session_days.account_id = shop_units.account_id and session_days.date_day = shop_units.date_day
    where session_days.sessions is not null

    union all

    select
        performance.account_id as account_id,
        performance.date_day as date_day,
        performance.visitors as sessions,
        performance.page_views as page_views,
        performance.units_sold as units
    from {{ ref('stg_tiktok_shop__shop_performance') }} as performance
    where performance.visitors is not null
),

facts as (
    select
        traffic.account_id as account_id,
        traffic.date_day as date_day,
        sum(traffic.sessions) as sessions,
        sum(traffic.page_views) as page_views,
        sum(traffic.traffic_units) as units
    from {{ ref('fct_traffic') }} as traffic
    group by traffic.account_id, traffic.date_day
)

select
    account_days.account_id as account_id,
    account_days.date_day as date_day,
    account_days.sessions as reported_sessions,
    facts.sessions as fact_sessions
from account_days
left outer join facts on account_days.account_id = facts.account_id and account_days.date_day = facts.date_day
where
    account_days.sessions <> coalesce(facts.sessions, -1)
    or account_days.page_views <> coalesce(facts.page_views, -1)
    or account_days.units <> coalesce(facts.units, -1)
