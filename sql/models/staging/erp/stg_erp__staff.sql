-- One row per ERP, snapshot day and employee.
select
    staff._account_id as erp_account_id,
    staff.snapshot_date as snapshot_date,
    staff.employee_id as person_id,
    coalesce(nullif(trim(staff.employee_name), ''), staff.employee_id) as person_name,
    nullif(trim(staff.team_id), '') as team_id,
    coalesce(nullif(trim(staff.team_name), ''), staff.team_id) as team_name,
    staff.role as role,
    staff.email as email,
    staff._loaded_at as loaded_at
from {{ source('raw', 'erp__staff') }} as staff
