-- One row per entity: the first and the last marketplace day that each source covers in all of the entity's accounts. An account whose
-- data ended long before the others' (var account_inactive_days) is closed, and holds nothing back. <source>_from is null where
-- an account of the entity that sells has nothing of the source: what is missing there is unknown, not zero.
{{ config(indexes=[{'columns': ['entity_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

with coverage as (
    select
        entity_accounts.entity_kind as entity_kind,
        entity_accounts.entity_id as entity_id,
        entity_accounts.account_id as account_id,
        account_coverage.source as source,
        account_coverage.covered_from as covered_from,
        account_coverage.covered_through as covered_through,
        max(account_coverage.covered_through) over (
            partition by entity_accounts.entity_id, account_coverage.source
        ) as latest_through
    from {{ ref('int_entity_accounts') }} as entity_accounts
    left outer join {{ ref('int_account_coverage') }} as account_coverage
        on entity_accounts.account_id = account_coverage.account_id
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
            partition by active.entity_id, active.account_id
        ) as is_selling
    from active
),

entities as (
    select
        marked.entity_kind as entity_kind,
        marked.entity_id as entity_id,
        {%- for source in account_facts() %}
        count(distinct case when marked.source = '{{ source }}' and marked.is_selling = 1 then marked.account_id end)
            as {{ source }}_accounts,
        max(case when marked.source = '{{ source }}' then marked.covered_from end) as {{ source }}_start,
        min(case when marked.source = '{{ source }}' then marked.covered_through end) as {{ source }}_end,
        {%- endfor %}
        count(distinct case when marked.source = 'sales' then marked.account_id end) as selling_accounts
    from marked
    group by marked.entity_kind, marked.entity_id
)

select
    {%- for source in account_facts() %}
    case when entities.{{ source }}_accounts >= entities.selling_accounts then entities.{{ source }}_start end as {{ source }}_from,
    entities.{{ source }}_end as {{ source }}_through,
    {%- endfor %}
    entities.entity_kind as entity_kind,
    entities.entity_id as entity_id
from entities
