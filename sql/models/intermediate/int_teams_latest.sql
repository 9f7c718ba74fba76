-- One row per team of each ERP's latest snapshot, with the team that it is part of; the later snapshot wins where two ERPs know one.
with teams as (
    select
        stg_teams.*,
        max(stg_teams.snapshot_date) over (partition by stg_teams.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__teams') }} as stg_teams
),

ranked as (
    select
        teams.*,
        row_number() over (
            partition by teams.team_id
            order by teams.snapshot_date desc nulls last, teams.erp_account_id asc nulls last
        ) as team_rank
    from teams
    where teams.snapshot_date = teams.latest_snapshot_date
)

select
    ranked.team_id as team_id,
    ranked.team_name as team_name,
    ranked.parent_team_id as parent_team_id
from ranked
where ranked.team_rank = 1
