-- How far each stream of each account reaches. A view on the clock: a stream turns stale without a build.
{{ config(materialized='view') }}

select
    streams.platform as platform,
    streams.account_id as account_id,
    streams.stream as stream,
    streams.loaded_at as loaded_at,
    streams.covered_through as covered_through,
    streams.covered_through - streams.days_until_settled as settled_through,
    case
        when streams.last_state = 'failed' then 'failed'
        when streams.loaded_at is null then 'never'
        when
            cast(streams.covered_through + 1 as timestamp) + interval '{{ var("freshness_hours") }} hours'
            >= {{ build_instant() }} at time zone streams.time_zone
            then 'fresh'
        else 'stale'
    end as state,
    streams.last_error as last_error
from {{ ref('stream_coverage') }} as streams
