-- One row per team of the staff list or of a SKU.
with teams as (
    select
        staff.team_id as team_id,
        staff.team_name as team_name
    from {{ ref('int_staff_latest') }} as staff
    where staff.team_id is not null

    union all

    select
        skus.team_id as team_id,
        cast(null as {{ dbt.type_string() }}) as team_name
    from {{ ref('dim_skus') }} as skus
    where skus.team_id is not null
)

select
    'team:' || teams.team_id as team_key,
    teams.team_id as team_id,
    coalesce(max(teams.team_name), teams.team_id) as team_name
from teams
group by teams.team_id
