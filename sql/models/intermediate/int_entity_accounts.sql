-- One row per entity and selling account that its figures come from.
with accounts as (
    select * from {{ ref('dim_accounts') }}
),

skus as (
    select * from {{ ref('dim_skus') }}
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
{%- for kind, key in [('category', 'category_key'), ('sku', 'sku_key'), ('team', 'team_key'), ('person', 'person_key')] %}

union all

select
    '{{ kind }}' as entity_kind,
    skus.{{ key }} as entity_id,
    skus.account_id as account_id
from skus
where skus.{{ key }} is not null
group by skus.{{ key }}, skus.account_id
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
