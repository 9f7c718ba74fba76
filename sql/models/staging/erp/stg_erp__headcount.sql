-- One row per ERP, snapshot day, team and month: full-time equivalents, planned and actual (null while the month lies ahead).
select
    headcount._account_id as erp_account_id,
    headcount.snapshot_date as snapshot_date,
    headcount.team_id as team_id,
    {{ period_start('month', 'headcount.month') }} as month_start,
    headcount.planned as planned,
    headcount.actual as actual,
    headcount._load_id as load_id,
    headcount._loaded_at as loaded_at
from {{ source('raw', 'erp__headcount') }} as headcount
