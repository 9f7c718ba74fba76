-- Days of deferred balances with the loads that may change them: every day of a load's window, and the days of held transactions.
select
    loads.account_id as account_id,
    dates.date_day as date_day,
    loads.load_id as load_id
from {{ ref('stg_pipeline__loads') }} as loads
inner join {{ ref('dim_dates') }} as dates on loads.window_start <= dates.date_day and loads.window_end >= dates.date_day
where loads.platform = 'amazon_sp' and loads.stream = 'finances' and loads.state in ('loaded', 'empty')

union all

select
    held.account_id as account_id,
    held.posted_day as date_day,
    held.load_id as load_id
from {{ ref('int_deferred_transactions') }} as held
