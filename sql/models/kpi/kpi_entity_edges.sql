-- Parent and child in two trees: business (company > platform > account > category > SKU, account > campaign > ad group) and people
-- (company > team > person). Categories and campaigns belong where they are today; a person belongs to the team of the day.
{{ config(materialized='table', indexes=[{'columns': ['parent_id']}, {'columns': ['child_id']}]) }}

with entities as (
    select * from {{ ref('kpi_entities') }}
),

person_teams as (
    select * from {{ ref('int_person_teams') }}
)

select
    case when entities.entity_kind in ('team', 'person') then 'people' else 'business' end as tree,
    entities.parent_id as parent_id,
    entities.entity_id as child_id,
    cast('1900-01-01' as date) as valid_from,
    cast(null as date) as valid_to
from entities
where
    entities.parent_id is not null
    and entities.entity_id not in (select person_teams.person_key from person_teams)

union all

select
    'people' as tree,
    coalesce(person_teams.team_key, 'company') as parent_id,
    person_teams.person_key as child_id,
    person_teams.valid_from as valid_from,
    person_teams.valid_to as valid_to
from person_teams
