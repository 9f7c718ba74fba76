-- One row per helpdesk and selling account that it serves: whose customers ever wrote to it.
select
    contacts.desk_id as desk_id,
    contacts.account_id as account_id
from {{ ref('fct_contacts') }} as contacts
group by contacts.desk_id, contacts.account_id
