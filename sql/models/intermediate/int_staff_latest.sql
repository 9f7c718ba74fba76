-- One row per employee of each ERP's latest snapshot; the later snapshot wins where two ERPs know one.
with staff as (
    select
        stg_staff.*,
        max(stg_staff.snapshot_date) over (partition by stg_staff.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__staff') }} as stg_staff
),

ranked as (
    select
        staff.*,
        row_number() over (
            partition by staff.person_id
            order by staff.snapshot_date desc nulls last, staff.erp_account_id asc nulls last
        ) as person_rank
    from staff
    where staff.snapshot_date = staff.latest_snapshot_date
)

select
    ranked.person_id as person_id,
    ranked.person_name as person_name,
    ranked.team_id as team_id,
    ranked.team_name as team_name,
    ranked.role as role,
    ranked.email as email
from ranked
where ranked.person_rank = 1
