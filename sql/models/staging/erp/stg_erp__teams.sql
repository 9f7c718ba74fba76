-- One row per ERP, snapshot day and team.
select
    teams._account_id as erp_account_id,
    teams.snapshot_date as snapshot_date,
    teams.team_id as team_id,
    coalesce(nullif(trim(teams.team_name), ''), teams.team_id) as team_name,
    nullif(trim(teams.parent_team_id), '') as parent_team_id,
    nullif(trim(teams.leader_id), '') as leader_id,
    teams._loaded_at as loaded_at
from {{ source('raw', 'erp__teams') }} as teams
