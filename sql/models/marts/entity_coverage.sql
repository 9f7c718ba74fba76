-- One row per entity: the last marketplace day that each source covers in all of the entity's accounts. An account whose data ended
-- long before the others' (var account_inactive_days) is closed, and holds nothing back.
{{ config(indexes=[{'columns': ['entity_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

with coverage as (
    select
        entity_accounts.entity_kind as entity_kind,
        entity_accounts.entity_id as entity_id,
        account_coverage.source as source,
        account_coverage.covered_through as covered_through,
        max(account_coverage.covered_through) over (
            partition by entity_accounts.entity_id, account_coverage.source
        ) as latest_through
    from {{ ref('int_entity_accounts') }} as entity_accounts
    left outer join {{ ref('int_account_coverage') }} as account_coverage
        on entity_accounts.account_id = account_coverage.account_id
)

select
    coverage.entity_kind as entity_kind,
    coverage.entity_id as entity_id,
    min(case when coverage.source = 'sales' then coverage.covered_through end) as orders_through,
    min(case when coverage.source = 'traffic' then coverage.covered_through end) as traffic_through,
    min(case when coverage.source = 'ads' then coverage.covered_through end) as ads_through
from coverage
where
    coverage.source is null
    or coverage.covered_through >= coverage.latest_through - {{ var('account_inactive_days') }}
group by coverage.entity_kind, coverage.entity_id
