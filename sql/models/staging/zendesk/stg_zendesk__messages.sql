-- One row per desk and message (or conversation) of an export. Minutes are as the export states them, else by its instants;
-- a reply before the message is none.
with messages as (
    select
        exported.*,
        coalesce(
            cast(exported.first_reply_minutes as numeric),
            cast(extract(epoch from exported.first_replied_at - exported.received_at) as numeric) / 60
        ) as reply_minutes
    from {{ source('raw', 'zendesk__messages') }} as exported
)

select
    messages._account_id as desk_id,
    messages.message_id as message_id,
    messages.received_at as received_at,
    messages.first_replied_at as first_replied_at,
    case when messages.reply_minutes >= 0 then messages.reply_minutes end as first_reply_minutes,
    nullif(trim(messages.channel), '') as channel,
    nullif(trim(messages.agent), '') as agent,
    nullif(lower(trim(messages.selling_account)), '') as selling_account,
    nullif(trim(messages.order_id), '') as order_id,
    nullif(trim(messages.topic), '') as topic,
    messages._load_id as load_id,
    messages._loaded_at as loaded_at
from messages
