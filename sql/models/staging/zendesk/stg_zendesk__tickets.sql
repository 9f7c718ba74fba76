-- One row per desk and ticket, as last changed. Instants are UTC.
select
    tickets._account_id as desk_id,
    tickets.ticket_id as ticket_id,
    tickets.created_at as created_at,
    tickets.updated_at as updated_at,
    lower(tickets.status) as status,
    coalesce(lower(tickets.status) = 'deleted', false) as is_deleted,
    tickets.channel as channel,
    tickets.assignee_id as assignee_id,
    nullif(lower(trim(tickets.assignee_email)), '') as agent_email,
    nullif(lower(trim(tickets.selling_account)), '') as selling_account,
    nullif(trim(tickets.order_id), '') as order_id,
    nullif(trim(tickets.topic), '') as topic,
    tickets._load_id as load_id,
    tickets._loaded_at as loaded_at
from {{ source('raw', 'zendesk__tickets') }} as tickets
