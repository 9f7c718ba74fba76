-- One row per platform, account and stream: the last good load, the last attempt, and the days covered.
with loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

attempts as (
    select
        loads.*,
        row_number() over (
            partition by loads.platform, loads.account_id, loads.stream
            order by coalesce(loads.finished_at, loads.started_at) desc nulls last, loads.load_id asc nulls last
        ) as attempt_rank
    from loads
),

streams as (
    select
        loads.platform as platform,
        loads.account_id as account_id,
        loads.stream as stream,
        max(case when loads.state in ('loaded', 'empty') then loads.finished_at end) as loaded_at,
        max(case when loads.state in ('loaded', 'empty') then loads.window_end end) as window_through
    from loads
    group by loads.platform, loads.account_id, loads.stream
),

-- A selling account whose orders or traffic nobody loaded yet is worth a line too.
expected as (
    select
        'amazon_sp' as platform,
        accounts.account_id as account_id,
        'orders' as stream
    from {{ ref('stg_pipeline__accounts') }} as accounts
    where accounts.platform = 'amazon'

    union all

    select
        'amazon_sp' as platform,
        accounts.account_id as account_id,
        'sales_and_traffic' as stream
    from {{ ref('stg_pipeline__accounts') }} as accounts
    where accounts.platform = 'amazon'
),

all_streams as (
    select
        streams.platform as platform,
        streams.account_id as account_id,
        streams.stream as stream
    from streams
    union distinct
    select
        expected.platform as platform,
        expected.account_id as account_id,
        expected.stream as stream
    from expected
)

select
    all_streams.platform as platform,
    all_streams.account_id as account_id,
    all_streams.stream as stream,
    streams.loaded_at as loaded_at,
    coalesce(account_coverage.covered_through, streams.window_through) as covered_through,
    coalesce(settings.settled_days, 0) as days_until_settled,
    coalesce(settings.lag_days, 0) as lag_days,
    coalesce(accounts.time_zone, '{{ var("default_time_zone") }}') as time_zone,
    attempts.finished_at as attempted_at,
    attempts.state as last_state,
    case when attempts.state = 'failed' then attempts.error end as last_error,
    attempts.rows_quarantined as rows_quarantined
from all_streams
left outer join streams
    on
        all_streams.platform = streams.platform
        and all_streams.account_id = streams.account_id
        and all_streams.stream = streams.stream
left outer join {{ ref('stg_pipeline__streams') }} as settings
    on
        all_streams.platform = settings.platform
        and all_streams.stream = settings.stream
left outer join attempts
    on
        all_streams.platform = attempts.platform
        and all_streams.account_id = attempts.account_id
        and all_streams.stream = attempts.stream
        and attempts.attempt_rank = 1
left outer join {{ ref('int_account_coverage') }} as account_coverage
    on
        all_streams.account_id = account_coverage.account_id
        and account_coverage.source
        = case
            {%- for source in account_facts() %}
            {%- for platform, stream in sole_covering_streams(source) %}
            when all_streams.platform = '{{ platform }}' and all_streams.stream = '{{ stream }}' then '{{ source }}'
            {%- endfor %}
            {%- endfor %}
        end
left outer join {{ ref('dim_accounts') }} as accounts on all_streams.account_id = accounts.account_id
