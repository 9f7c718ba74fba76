-- One row per entity and selling account that its figures come from.
with accounts as (
    select * from {{ ref('dim_accounts') }}
),

skus as (
    select * from {{ ref('dim_skus') }}
),

-- The SKUs that each person and team ever had.
owned as (
    select
        assignments.account_id as account_id,
        assignments.person_key as person_key,
        coalesce(person_teams.team_key, assignments.team_key) as team_key
    from {{ ref('dim_assignments') }} as assignments
    left outer join {{ ref('int_person_teams') }} as person_teams on assignments.person_key = person_teams.person_key
)

select
    'company' as entity_kind,
    'company' as entity_id,
    accounts.account_id as account_id
from accounts

union all

select
    'platform' as entity_kind,
    accounts.platform_key as entity_id,
    accounts.account_id as account_id
from accounts

union all

select
    'account' as entity_kind,
    accounts.account_key as entity_id,
    accounts.account_id as account_id
from accounts
{%- for kind, key in [('category', 'category_key'), ('sku', 'sku_key')] %}

union all

select
    '{{ kind }}' as entity_kind,
    skus.{{ key }} as entity_id,
    skus.account_id as account_id
from skus
where skus.{{ key }} is not null
group by skus.{{ key }}, skus.account_id
{%- endfor %}
{%- for kind in ['team', 'person'] %}

union all

select
    '{{ kind }}' as entity_kind,
    owned.{{ kind }}_key as entity_id,
    owned.account_id as account_id
from owned
where owned.{{ kind }}_key is not null
group by owned.{{ kind }}_key, owned.account_id

union all

-- Who never owned a SKU may work for any account.
select
    '{{ kind }}' as entity_kind,
    people.{{ kind }}_key as entity_id,
    accounts.account_id as account_id
from {{ ref('dim_people') }} as people
cross join accounts
where
    people.{{ kind }}_key is not null
    and not exists (
        select 1
        from owned
        where owned.{{ kind }}_key = people.{{ kind }}_key
    )
group by people.{{ kind }}_key, accounts.account_id
{%- endfor %}

union all

select
    'campaign' as entity_kind,
    campaigns.campaign_key as entity_id,
    campaigns.account_id as account_id
from {{ ref('dim_campaigns') }} as campaigns

union all

select
    'ad_group' as entity_kind,
    ad_groups.ad_group_key as entity_id,
    ad_groups.account_id as account_id
from {{ ref('dim_ad_groups') }} as ad_groups
