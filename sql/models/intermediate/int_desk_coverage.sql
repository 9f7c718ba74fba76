-- One row per desk and stream of contacts: the instant up to which it is known who was answered, the end of the last day that rows or
-- a load's window reach; yesterday at most.
with contacts as (
    select
        tickets.desk_id as desk_id,
        'ticket_metrics' as stream,
        max(tickets.created_at) as latest_at
    from {{ ref('stg_zendesk__ticket_metrics') }} as tickets
    group by tickets.desk_id

    union all

    select
        messages.desk_id as desk_id,
        'messages' as stream,
        max(messages.received_at) as latest_at
    from {{ ref('stg_zendesk__messages') }} as messages
    group by messages.desk_id
),

loads as (
    select
        pipeline_loads.account_id as desk_id,
        pipeline_loads.stream as stream,
        max(pipeline_loads.window_end) as covered_through
    from {{ ref('stg_pipeline__loads') }} as pipeline_loads
    where
        pipeline_loads.platform = 'zendesk'
        and pipeline_loads.stream in ('ticket_metrics', 'messages')
        and pipeline_loads.state in ('loaded', 'empty')
    group by pipeline_loads.account_id, pipeline_loads.stream
),

zoned as (
    select
        contacts.desk_id as desk_id,
        contacts.stream as stream,
        contacts.latest_at as latest_at,
        loads.covered_through as covered_through,
        coalesce(desks.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from contacts
    left outer join loads on contacts.desk_id = loads.desk_id and contacts.stream = loads.stream
    left outer join {{ ref('stg_pipeline__accounts') }} as desks on contacts.desk_id = desks.account_id
),

reached as (
    select
        zoned.desk_id as desk_id,
        zoned.stream as stream,
        zoned.time_zone as time_zone,
        case
            when zoned.covered_through > {{ marketplace_day('zoned.latest_at', 'zoned.time_zone') }} then zoned.covered_through
            else {{ marketplace_day('zoned.latest_at', 'zoned.time_zone') }}
        end as last_day,
        {{ marketplace_day(build_instant(), 'zoned.time_zone') }} as today
    from zoned
),

capped as (
    select
        reached.desk_id as desk_id,
        reached.stream as stream,
        reached.time_zone as time_zone,
        case when reached.last_day < reached.today then reached.last_day + 1 else reached.today end as following_day
    from reached
)

select
    capped.desk_id as desk_id,
    capped.stream as stream,
    {{ day_start('capped.following_day', 'capped.time_zone') }} as known_until
from capped
