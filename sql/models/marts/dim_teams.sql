-- One row per team of the ERP's list, of its staff of any day (figures stay with the team of the day) or of a SKU, and the team it is part
-- of; teams that are part of each other stand alone.
with recursive teams as (
    select
        listed.team_id as team_id,
        listed.team_name as listed_name,
        cast(null as {{ dbt.type_string() }}) as staff_name,
        cast(null as {{ dbt.type_string() }}) as former_name,
        listed.parent_team_id as parent_team_id
    from {{ ref('int_teams_latest') }} as listed

    union all

    select
        staff.team_id as team_id,
        cast(null as {{ dbt.type_string() }}) as listed_name,
        staff.team_name as staff_name,
        cast(null as {{ dbt.type_string() }}) as former_name,
        cast(null as {{ dbt.type_string() }}) as parent_team_id
    from {{ ref('int_staff_latest') }} as staff
    where staff.team_id is not null

    union all

    select
        staff.team_id as team_id,
        cast(null as {{ dbt.type_string() }}) as listed_name,
        cast(null as {{ dbt.type_string() }}) as staff_name,
        staff.team_name as former_name,
        cast(null as {{ dbt.type_string() }}) as parent_team_id
    from {{ ref('stg_erp__staff') }} as staff
    where staff.team_id is not null and staff.person_id is not null

    union all

    select
        skus.team_id as team_id,
        cast(null as {{ dbt.type_string() }}) as listed_name,
        cast(null as {{ dbt.type_string() }}) as staff_name,
        cast(null as {{ dbt.type_string() }}) as former_name,
        cast(null as {{ dbt.type_string() }}) as parent_team_id
    from {{ ref('dim_skus') }} as skus
    where skus.team_id is not null
),

named as (
    select
        teams.team_id as team_id,
        coalesce(max(teams.listed_name), max(teams.staff_name), max(teams.former_name), teams.team_id) as team_name,
        max(teams.parent_team_id) as parent_team_id
    from teams
    group by teams.team_id
),

-- From the teams that are part of no known team downwards: what isn't reached goes round in a circle.
reached as (
    select
        roots.team_id as team_id,
        cast(null as {{ dbt.type_string() }}) as parent_team_id
    from named as roots
    left outer join named as parents on roots.parent_team_id = parents.team_id
    where parents.team_id is null

    union all

    select
        children.team_id as team_id,
        reached.team_id as parent_team_id
    from named as children
    inner join reached on children.parent_team_id = reached.team_id
)

select
    'team:' || named.team_id as team_key,
    named.team_id as team_id,
    named.team_name as team_name,
    reached.parent_team_id as parent_team_id,
    coalesce('team:' || reached.parent_team_id, 'company') as parent_key
from named
left outer join reached on named.team_id = reached.team_id
