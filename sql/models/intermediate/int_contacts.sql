-- One row per customer contact: tickets, and messages that no ticket holds. Laid to the selling account and its day; where it is
-- unknown, to the desk, which is no selling account: such contacts count for the company and the agent only. `signature` differs
-- when anything does that a figure depends on.
with tickets as (
    select
        stg_tickets.desk_id as desk_id,
        coalesce(selling.account_id, stg_tickets.desk_id) as account_id,
        'ticket/' || stg_tickets.desk_id || '/' || cast(stg_tickets.ticket_id as {{ dbt.type_string() }}) as contact_key,
        'zendesk.tickets' as stream,
        'ticket_metrics' as reply_stream,
        stg_tickets.created_at as contacted_at,
        stg_tickets.order_id as order_id,
        stg_tickets.topic as topic,
        stg_tickets.channel as channel,
        stg_tickets.agent_email as agent,
        metrics.ticket_id is not null as is_reply_known,
        cast(metrics.first_reply_minutes as numeric) as response_minutes,
        stg_tickets.load_id as load_id
    from {{ ref('stg_zendesk__tickets') }} as stg_tickets
    left outer join {{ ref('stg_zendesk__ticket_metrics') }} as metrics
        on stg_tickets.desk_id = metrics.desk_id and stg_tickets.ticket_id = metrics.ticket_id
    left outer join {{ ref('int_selling_accounts') }} as selling on stg_tickets.selling_account = selling.account_name
    where not stg_tickets.is_deleted
),

messages as (
    select
        stg_messages.desk_id as desk_id,
        coalesce(selling.account_id, stg_messages.desk_id) as account_id,
        'message/' || stg_messages.desk_id || '/' || stg_messages.message_id as contact_key,
        'zendesk.messages' as stream,
        'messages' as reply_stream,
        stg_messages.received_at as contacted_at,
        stg_messages.order_id as order_id,
        stg_messages.topic as topic,
        stg_messages.channel as channel,
        lower(stg_messages.agent) as agent,
        true as is_reply_known,
        stg_messages.first_reply_minutes as response_minutes,
        stg_messages.load_id as load_id
    from {{ ref('stg_zendesk__messages') }} as stg_messages
    left outer join {{ ref('int_selling_accounts') }} as selling on stg_messages.selling_account = selling.account_name
),

contacts as (
    select * from tickets
    union all
    select * from messages
),

placed as (
    select
        contacts.*,
        {{ marketplace_day('contacts.contacted_at', "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }} as date_day
    from contacts
    left outer join {{ ref('stg_pipeline__accounts') }} as accounts on contacts.account_id = accounts.account_id
),

ticket_orders as (
    select
        placed.desk_id as desk_id,
        placed.account_id as account_id,
        placed.date_day as date_day,
        placed.order_id as order_id
    from placed
    where placed.stream = 'zendesk.tickets' and placed.order_id is not null
    group by placed.desk_id, placed.account_id, placed.date_day, placed.order_id
),

counted as (
    select
        placed.*,
        agents.person_key as person_key,
        placed.response_minutes is not null as is_answered,
        case
            when placed.response_minutes is not null then true
            when not placed.is_reply_known then false
            else coalesce({{ hours_after('placed.contacted_at', 24) }} <= coverage.known_until, false)
        end as is_response_due
    from placed
    left outer join ticket_orders
        on
            placed.stream = 'zendesk.messages'
            and placed.desk_id = ticket_orders.desk_id
            and placed.account_id = ticket_orders.account_id
            and placed.date_day = ticket_orders.date_day
            and placed.order_id = ticket_orders.order_id
    left outer join {{ ref('int_agents') }} as agents on placed.agent = agents.agent
    left outer join {{ ref('int_desk_coverage') }} as coverage
        on placed.desk_id = coverage.desk_id and placed.reply_stream = coverage.stream
    where ticket_orders.order_id is null
)

select
    counted.contact_key as contact_key,
    counted.account_id as account_id,
    counted.date_day as date_day,
    counted.desk_id as desk_id,
    counted.stream as stream,
    counted.contacted_at as contacted_at,
    counted.order_id as order_id,
    counted.topic as topic,
    counted.channel as channel,
    counted.agent as agent,
    counted.person_key as person_key,
    counted.response_minutes as response_minutes,
    counted.is_answered as is_answered,
    counted.is_response_due as is_response_due,
    counted.account_id
    || '|' || cast(counted.date_day as {{ dbt.type_string() }})
    || '|' || coalesce(counted.person_key, '')
    || '|' || coalesce(cast(counted.response_minutes as {{ dbt.type_string() }}), '')
    || '|' || coalesce(counted.order_id, '')
    || '|' || coalesce(counted.topic, '')
    || '|' || coalesce(counted.channel, '')
    || '|' || case when counted.is_response_due then 'due' else '' end as signature,
    counted.load_id as load_id
from counted
