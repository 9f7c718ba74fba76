-- Contacts against staging and measures: every ticket that isn't deleted is one contact, and so is every message that isn't a ticket's;
-- the company's contacts and answers by month are those of the fact. Rows are differences.
with staged as (
    select
        tickets.desk_id as desk_id,
        count(*) as contacts,
        sum(case when metrics.first_reply_minutes is not null then 1 else 0 end) as answered
    from {{ ref('stg_zendesk__tickets') }} as tickets
    left outer join {{ ref('stg_zendesk__ticket_metrics') }} as metrics
        on tickets.desk_id = metrics.desk_id and tickets.ticket_id = metrics.ticket_id
    where not tickets.is_deleted
    group by tickets.desk_id
),

facts as (
    select
        contacts.desk_id as desk_id,
        sum(case when contacts.stream = 'zendesk.tickets' then contacts.contacts else 0 end) as contacts,
        sum(case when contacts.stream = 'zendesk.tickets' then contacts.answered_contacts else 0 end) as answered,
        sum(case when contacts.stream = 'zendesk.messages' then contacts.contacts else 0 end) as messages
    from {{ ref('fct_contacts') }} as contacts
    group by contacts.desk_id
),

exported as (
    select
        messages.desk_id as desk_id,
        count(*) as messages
    from {{ ref('stg_zendesk__messages') }} as messages
    group by messages.desk_id
),

months as (
    select
        {{ period_start('month', 'contacts.date_day') }} as period_start,
        sum(contacts.contacts) as contacts,
        sum(contacts.answered_contacts) as answered
    from {{ ref('fct_contacts') }} as contacts
    group by {{ period_start('month', 'contacts.date_day') }}
),

measured as (
    select
        measures.period_start as period_start,
        measures.contacts as contacts,
        measures.answered_contacts as answered
    from {{ ref('measures_contacts') }} as measures
    where measures.entity_kind = 'company' and measures.grain = 'month'
)

select
    'desk ' || coalesce(staged.desk_id, facts.desk_id) as place,
    staged.contacts as expected,
    facts.contacts as found
from staged
full outer join facts on staged.desk_id = facts.desk_id
left outer join exported on facts.desk_id = exported.desk_id
where
    coalesce(staged.contacts, 0) <> coalesce(facts.contacts, 0)
    or coalesce(staged.answered, 0) <> coalesce(facts.answered, 0)
    or coalesce(facts.messages, 0) > coalesce(exported.messages, 0)

union all

select
    'month ' || cast(coalesce(months.period_start, measured.period_start) as {{ dbt.type_string() }}) as place,
    months.contacts as expected,
    measured.contacts as found
from months
full outer join measured on months.period_start = measured.period_start
where
    coalesce(months.contacts, 0) <> coalesce(measured.contacts, 0)
    or coalesce(months.answered, 0) <> coalesce(measured.answered, 0)
