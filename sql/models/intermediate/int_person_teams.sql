-- One row per person and span of time in one team, from the ERP's staff snapshots. The first known team is taken to have held before;
-- a person who leaves the list keeps the last one.
with staff as (
    select
        'person:' || staff_rows.person_id as person_key,
        'team:' || staff_rows.team_id as team_key,
        staff_rows.snapshot_date as snapshot_date,
        row_number() over (
            partition by staff_rows.person_id, staff_rows.snapshot_date
            order by staff_rows.erp_account_id asc nulls last
        ) as staff_rank
    from {{ ref('stg_erp__staff') }} as staff_rows
    where staff_rows.person_id is not null
),

steps as (
    select
        staff.person_key as person_key,
        staff.team_key as team_key,
        staff.snapshot_date as snapshot_date,
        lag(staff.snapshot_date) over (partition by staff.person_key order by staff.snapshot_date asc nulls last) as previous_date,
        lag(staff.team_key) over (partition by staff.person_key order by staff.snapshot_date asc nulls last) as previous_team_key
    from staff
    where staff.staff_rank = 1
),

changes as (
    select
        steps.person_key as person_key,
        steps.team_key as team_key,
        case when steps.previous_date is null then cast('1900-01-01' as date) else steps.snapshot_date end as valid_from
    from steps
    where steps.previous_date is null or coalesce(steps.previous_team_key, '') <> coalesce(steps.team_key, '')
)

select
    changes.person_key as person_key,
    changes.team_key as team_key,
    changes.valid_from as valid_from,
    lead(changes.valid_from) over (partition by changes.person_key order by changes.valid_from asc nulls last) as valid_to
from changes
