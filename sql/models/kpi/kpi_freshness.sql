-- How far each stream of each account reaches. A view on the clock and on the ledger: a stream turns stale, and a failed load shows
-- with its reason, without a build; what was loaded before is still served.
{{ config(materialized='view') }}

with since_build as (
    select
        loads.platform as platform,
        loads.account_id as account_id,
        loads.stream as stream,
        loads.state as last_state,
        loads.error as last_error,
        loads.rows_quarantined as rows_quarantined,
        case when loads.state in ('loaded', 'empty') then loads.finished_at end as loaded_at,
        row_number() over (
            partition by loads.platform, loads.account_id, loads.stream
            order by loads.finished_at desc nulls last, loads.load_id asc nulls last
        ) as attempt_rank
    from {{ ref('stg_pipeline__loads') }} as loads
    left outer join {{ ref('stream_coverage') }} as streams
        on
            loads.platform = streams.platform
            and loads.account_id = streams.account_id
            and loads.stream = streams.stream
    where streams.attempted_at is null or loads.finished_at > streams.attempted_at
),

latest as (
    select *
    from since_build
    where attempt_rank = 1
),

streams as (
    select
        coalesce(built.platform, latest.platform) as platform,
        coalesce(built.account_id, latest.account_id) as account_id,
        coalesce(built.stream, latest.stream) as stream,
        coalesce(latest.loaded_at, built.loaded_at) as loaded_at,
        built.covered_through as covered_through,
        built.days_until_settled as days_until_settled,
        coalesce(built.lag_days, 0) as lag_days,
        coalesce(built.time_zone, '{{ var("default_time_zone") }}') as time_zone,
        coalesce(latest.last_state, built.last_state) as last_state,
        case when latest.last_state is null then built.last_error else latest.last_error end as last_error,
        case when latest.last_state is null then built.rows_quarantined else latest.rows_quarantined end as rows_quarantined
    from {{ ref('stream_coverage') }} as built
    full outer join latest
        on
            built.platform = latest.platform
            and built.account_id = latest.account_id
            and built.stream = latest.stream
)

select
    streams.platform as platform,
    streams.account_id as account_id,
    streams.stream as stream,
    streams.loaded_at as loaded_at,
    streams.covered_through as covered_through,
    streams.covered_through - streams.days_until_settled as settled_through,
    streams.lag_days as lag_days,
    case
        when streams.last_state = 'failed' then 'failed'
        when streams.loaded_at is null then 'never'
        when
            {{ hours_after('cast(streams.covered_through + streams.lag_days + 1 as timestamp)', var('freshness_hours')) }}
            >= {{ build_instant() }} at time zone streams.time_zone
            then 'fresh'
        else 'stale'
    end as state,
    streams.last_error as last_error,
    cast(coalesce(streams.rows_quarantined, 0) as bigint) as rows_quarantined
from streams
