-- One row per entity: the scope whose calendar is its own (its only account, else its only platform, else all), and that platform.
{{ config(indexes=[{'columns': ['entity_id'], 'unique': true}], post_hook="{{ analyze_changed(this) }}") }}

select
    entity_accounts.entity_id as entity_id,
    case
        when count(distinct entity_accounts.account_id) = 1 then max(accounts.account_key)
        when count(distinct accounts.platform) = 1 then max(accounts.platform_key)
        else 'all'
    end as scope_id,
    case when count(distinct accounts.platform) = 1 then max(accounts.platform) end as platform
from {{ ref('int_entity_accounts') }} as entity_accounts
inner join {{ ref('dim_accounts') }} as accounts on entity_accounts.account_id = accounts.account_id
group by entity_accounts.entity_id
