-- One row per entity of every kind, with the attributes that its kind has.
{{ config(materialized='table', indexes=[{'columns': ['entity_id'], 'unique': true}, {'columns': ['entity_kind']}]) }}
{%- set attributes = [
    'platform', 'account_id', 'account_name', 'category', 'sku', 'product_name', 'brand', 'campaign_id', 'campaign_name', 'ad_group_id',
    'ad_group_name', 'owner_id', 'owner_name', 'team_id', 'team_name', 'currency', 'time_zone'
] %}

with accounts as (
    select * from {{ ref('dim_accounts') }}
),

skus as (
    select * from {{ ref('dim_skus') }}
),

teams as (
    select * from {{ ref('dim_teams') }}
),

categories as (
    select
        skus.account_id as account_id,
        skus.category as category,
        skus.category_key as category_key
    from skus
    group by skus.account_id, skus.category, skus.category_key
)

select
    'company' as entity_id,
    'company' as entity_kind,
    'Company' as entity_name,
    cast(null as {{ dbt.type_string() }}) as parent_id,
    {{- entity_attributes(attributes, {'currency': "'" ~ reporting_currency() ~ "'"}) }}
    true as is_active

union all

select
    accounts.platform_key as entity_id,
    'platform' as entity_kind,
    {{ platform_name('accounts.platform') }} as entity_name,
    'company' as parent_id,
    {{- entity_attributes(attributes, {'platform': 'accounts.platform', 'currency': "'" ~ reporting_currency() ~ "'"}) }}
    true as is_active
from accounts
group by accounts.platform_key, accounts.platform

union all

select
    accounts.account_key as entity_id,
    'account' as entity_kind,
    accounts.account_name as entity_name,
    accounts.platform_key as parent_id,
    {{- entity_attributes(attributes, account_attributes()) }}
    true as is_active
from accounts

union all

select
    categories.category_key as entity_id,
    'category' as entity_kind,
    categories.category as entity_name,
    accounts.account_key as parent_id,
    {{- entity_attributes(attributes, dict(account_attributes(), category='categories.category')) }}
    true as is_active
from categories
inner join accounts on categories.account_id = accounts.account_id

union all

select
    skus.sku_key as entity_id,
    'sku' as entity_kind,
    coalesce(skus.product_name, skus.sku) as entity_name,
    skus.category_key as parent_id,
    {{- entity_attributes(attributes, dict(
        account_attributes(), category='skus.category', sku='skus.sku', product_name='skus.product_name', brand='skus.brand',
        owner_id='skus.owner_id', owner_name='skus.owner_name', team_id='skus.team_id', team_name='teams.team_name'
    )) }}
    true as is_active
from skus
inner join accounts on skus.account_id = accounts.account_id
left outer join teams on skus.team_id = teams.team_id

union all

select
    teams.team_key as entity_id,
    'team' as entity_kind,
    teams.team_name as entity_name,
    teams.parent_key as parent_id,
    {{- entity_attributes(attributes, {
        'team_id': 'teams.team_id', 'team_name': 'teams.team_name', 'currency': "'" ~ reporting_currency() ~ "'"
    }) }}
    true as is_active
from teams

union all

select
    people.person_key as entity_id,
    'person' as entity_kind,
    people.person_name as entity_name,
    coalesce(people.team_key, 'company') as parent_id,
    {{- entity_attributes(attributes, {
        'owner_id': 'people.person_id', 'owner_name': 'people.person_name', 'team_id': 'people.team_id',
        'team_name': 'teams.team_name', 'currency': "'" ~ reporting_currency() ~ "'"
    }) }}
    people.is_in_erp as is_active
from {{ ref('dim_people') }} as people
left outer join teams on people.team_id = teams.team_id

union all

select
    campaigns.campaign_key as entity_id,
    'campaign' as entity_kind,
    campaigns.campaign_name as entity_name,
    accounts.account_key as parent_id,
    {{- entity_attributes(attributes, dict(
        account_attributes(), campaign_id='campaigns.campaign_id', campaign_name='campaigns.campaign_name'
    )) }}
    campaigns.is_active as is_active
from {{ ref('dim_campaigns') }} as campaigns
inner join accounts on campaigns.account_id = accounts.account_id

union all

select
    ad_groups.ad_group_key as entity_id,
    'ad_group' as entity_kind,
    ad_groups.ad_group_name as entity_name,
    ad_groups.campaign_key as parent_id,
    {{- entity_attributes(attributes, dict(
        account_attributes(), campaign_id='ad_groups.campaign_id', campaign_name='ad_groups.campaign_name',
        ad_group_id='ad_groups.ad_group_id', ad_group_name='ad_groups.ad_group_name'
    )) }}
    ad_groups.is_active as is_active
from {{ ref('dim_ad_groups') }} as ad_groups
inner join accounts on ad_groups.account_id = accounts.account_id
