-- One row per desk and ticket: minutes by the calendar, null where it hasn't happened. A negative time is no reply.
select
    metrics._account_id as desk_id,
    metrics.ticket_id as ticket_id,
    metrics.created_at as created_at,
    metrics.updated_at as updated_at,
    case when metrics.first_reply_minutes >= 0 then metrics.first_reply_minutes end as first_reply_minutes,
    metrics.first_resolution_minutes as first_resolution_minutes,
    metrics.full_resolution_minutes as full_resolution_minutes,
    metrics.replies as replies,
    metrics.reopens as reopens,
    metrics.solved_at as solved_at,
    metrics._load_id as load_id,
    metrics._loaded_at as loaded_at
from {{ source('raw', 'zendesk__ticket_metrics') }} as metrics
