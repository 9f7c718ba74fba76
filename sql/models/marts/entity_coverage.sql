-- One row per entity: the first and the last marketplace day that each source covers in all of the entity's accounts. An account whose
-- data ended long before the others' (var account_inactive_days) is closed, and holds nothing back. <source>_from is null where
-- an account of the entity that sells has nothing of the source: what is missing there is unknown, not zero.
{{ config(indexes=[{'columns': ['entity_id'], 'unique': true}], post_hook="{{ analyze_changed(this) }}") }}

with entity_accounts as (
    select * from {{ ref('int_entity_accounts') }}
),

-- Entities of one account are covered as it is, so that thousands of SKUs are reckoned once.
scopes as (
    select
        entity_accounts.entity_kind as entity_kind,
        entity_accounts.entity_id as entity_id,
        case
            when min(entity_accounts.account_id) = max(entity_accounts.account_id) then 'account:' || min(entity_accounts.account_id)
            else entity_accounts.entity_id
        end as scope_id
    from entity_accounts
    group by entity_accounts.entity_kind, entity_accounts.entity_id
),

scope_accounts as (
    select distinct
        scopes.scope_id as scope_id,
        entity_accounts.account_id as account_id
    from scopes
    inner join entity_accounts on scopes.entity_id = entity_accounts.entity_id
),

coverage as (
    select
        scope_accounts.scope_id as scope_id,
        scope_accounts.account_id as account_id,
        account_coverage.source as source,
        account_coverage.covered_from as covered_from,
        account_coverage.covered_through as covered_through,
        max(account_coverage.covered_through) over (
            partition by scope_accounts.scope_id, account_coverage.source
        ) as latest_through
    from scope_accounts
    left outer join {{ ref('int_account_coverage') }} as account_coverage
        on scope_accounts.account_id = account_coverage.account_id
),

active as (
    select coverage.*
    from coverage
    where
        coverage.source is null
        or coverage.covered_through >= coverage.latest_through - {{ var('account_inactive_days') }}
),

marked as (
    select
        active.*,
        max(case when active.source = 'sales' then 1 else 0 end) over (
            partition by active.scope_id, active.account_id
        ) as is_selling
    from active
),

covered as (
    select
        marked.scope_id as scope_id,
        {%- for source in account_facts() %}
        count(distinct case when marked.source = '{{ source }}' and marked.is_selling = 1 then marked.account_id end)
            as {{ source }}_accounts,
        max(case when marked.source = '{{ source }}' then marked.covered_from end) as {{ source }}_start,
        min(case when marked.source = '{{ source }}' then marked.covered_through end) as {{ source }}_end,
        {%- endfor %}
        count(distinct case when marked.source = 'sales' then marked.account_id end) as selling_accounts
    from marked
    group by marked.scope_id
)

select
    {%- for source in account_facts() %}
    case when covered.{{ source }}_accounts >= covered.selling_accounts then covered.{{ source }}_start end as {{ source }}_from,
    covered.{{ source }}_end as {{ source }}_through,
    {%- endfor %}
    scopes.entity_kind as entity_kind,
    scopes.entity_id as entity_id
from scopes
inner join covered on scopes.scope_id = covered.scope_id
