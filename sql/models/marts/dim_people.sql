-- One row per person: the ERP's staff, and owners of SKUs whom the staff list does not know.
with staff as (
    select * from {{ ref('int_staff_latest') }}
),

owners as (
    select
        skus.owner_id as person_id,
        max(skus.team_id) as team_id
    from {{ ref('dim_skus') }} as skus
    where skus.owner_id is not null
    group by skus.owner_id
)

select
    'person:' || coalesce(staff.person_id, owners.person_id) as person_key,
    coalesce(staff.person_id, owners.person_id) as person_id,
    coalesce(staff.person_name, owners.person_id) as person_name,
    coalesce(staff.team_id, owners.team_id) as team_id,
    'team:' || coalesce(staff.team_id, owners.team_id) as team_key,
    staff.role as role,
    staff.email as email,
    staff.person_id is not null as is_in_erp
from staff
full outer join owners on staff.person_id = owners.person_id
