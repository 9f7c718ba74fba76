-- One row per source and account: the last whole marketplace day the source covers. A day is covered by its rows or by a load whose
-- window holds it (a day without sales is covered too); never later than yesterday, as today isn't over.
with fact_days as (
    select
        source_days.source as source,
        source_days.account_id as account_id,
        min(source_days.date_day) as covered_from,
        max(source_days.date_day) as covered_through
    from {{ ref('int_source_days') }} as source_days
    group by source_days.source, source_days.account_id
),

load_days as (
    select
        case loads.stream when 'orders' then 'sales' when 'sales_and_traffic' then 'traffic' else 'ads' end as source,
        loads.account_id as account_id,
        max(loads.window_end) as covered_through
    from {{ ref('stg_pipeline__loads') }} as loads
    where
        loads.state in ('loaded', 'empty')
        and (
            (loads.platform = 'amazon_sp' and loads.stream in ('orders', 'sales_and_traffic'))
            or (loads.platform = 'amazon_ads' and loads.stream = 'sp_campaigns')
        )
    group by
        case loads.stream when 'orders' then 'sales' when 'sales_and_traffic' then 'traffic' else 'ads' end,
        loads.account_id
),

latest as (
    select
        fact_days.source as source,
        fact_days.account_id as account_id,
        fact_days.covered_from as covered_from,
        case
            when load_days.covered_through > fact_days.covered_through then load_days.covered_through
            else fact_days.covered_through
        end as covered_through,
        {{ marketplace_day(build_instant(), 'accounts.time_zone') }} - 1 as yesterday
    from fact_days
    inner join {{ ref('dim_accounts') }} as accounts on fact_days.account_id = accounts.account_id
    left outer join load_days
        on fact_days.source = load_days.source and fact_days.account_id = load_days.account_id
)

select
    latest.source as source,
    latest.account_id as account_id,
    latest.covered_from as covered_from,
    case when latest.covered_through > latest.yesterday then latest.yesterday else latest.covered_through end as covered_through
from latest
