-- One row per customer contact, by the marketplace day on which it came. Hours to the first reply are by the calendar; a contact without
-- a reply counts as not answered once 24 hours have passed up to where the helpdesk is known.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('contacts')) }}",
    indexes=[{'columns': ['contact_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

select
    contacts.contact_key as contact_key,
    contacts.account_id as account_id,
    contacts.date_day as date_day,
    contacts.desk_id as desk_id,
    contacts.stream as stream,
    contacts.contacted_at as contacted_at,
    contacts.order_id as order_id,
    contacts.topic as topic,
    contacts.channel as channel,
    contacts.person_key as person_key,
    1 as contacts,
    case when contacts.is_answered then 1 else 0 end as answered_contacts,
    case when contacts.is_response_due then 1 end as response_due,
    case when contacts.is_response_due then case when contacts.response_minutes <= 1440 then 1 else 0 end end as answered_in_24h,
    contacts.response_minutes / 60 as response_hours,
    contacts.signature as signature,
    contacts.load_id as load_id
from {{ ref('int_contacts') }} as contacts
{%- if not is_rebuild() %}
where (contacts.account_id, contacts.date_day) in {{ touched_days('contacts') }}
{%- endif %}
