-- One row per person: the ERP's staff, those who were on an earlier list, and owners of SKUs whom no list knows.
with staff as (
    select
        staff_rows.person_id as person_id,
        staff_rows.person_name as person_name,
        staff_rows.role as role,
        staff_rows.email as email,
        row_number() over (
            partition by staff_rows.person_id
            order by staff_rows.snapshot_date desc nulls last, staff_rows.erp_account_id asc nulls last
        ) as staff_rank
    from {{ ref('stg_erp__staff') }} as staff_rows
    where staff_rows.person_id is not null
),

teams as (
    select
        person_teams.person_key as person_key,
        person_teams.team_key as team_key
    from {{ ref('int_person_teams') }} as person_teams
    where person_teams.valid_to is null
),

owners as (
    select
        assignments.owner_id as person_id,
        max(case when assignments.valid_to is null then assignments.team_key end) as team_key
    from {{ ref('dim_assignments') }} as assignments
    where assignments.owner_id is not null
    group by assignments.owner_id
),

people as (
    select
        coalesce(staff.person_id, owners.person_id) as person_id,
        staff.person_name as person_name,
        staff.role as role,
        staff.email as email,
        owners.team_key as owner_team_key
    from staff
    full outer join owners on staff.person_id = owners.person_id
    where staff.staff_rank = 1 or staff.person_id is null
)

select
    'person:' || people.person_id as person_key,
    people.person_id as person_id,
    coalesce(people.person_name, people.person_id) as person_name,
    substring(coalesce(teams.team_key, people.owner_team_key), 6) as team_id,
    coalesce(teams.team_key, people.owner_team_key) as team_key,
    people.role as role,
    people.email as email,
    current_staff.person_id is not null as is_in_erp
from people
left outer join teams on 'person:' || people.person_id = teams.person_key
left outer join {{ ref('int_staff_latest') }} as current_staff on people.person_id = current_staff.person_id
