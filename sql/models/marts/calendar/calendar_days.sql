-- One row per scope and day on which a season or promotion changes something. A scope is `all` (what spans platforms: only events of
-- every platform and account apply), a platform's id, or an account's. Of overlapping events the greatest factor counts.
{{ config(indexes=[{'columns': ['scope_id', 'date_day'], 'unique': true}], post_hook="{{ analyze_changed(this) }}") }}

with events as (
    select * from {{ ref('kpi_calendar') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

platforms as (
    select distinct
        accounts.platform as platform,
        accounts.platform_key as platform_key
    from accounts
),

applying as (
    select
        'all' as scope_id,
        events.starts_on as starts_on,
        events.ends_on as ends_on,
        events.threshold_factor as threshold_factor,
        events.pace_factor as pace_factor
    from events
    where events.platform is null and events.account_id is null

    union all

    select
        platforms.platform_key as scope_id,
        events.starts_on as starts_on,
        events.ends_on as ends_on,
        events.threshold_factor as threshold_factor,
        events.pace_factor as pace_factor
    from platforms
    inner join events
        on
            events.account_id is null
            and (events.platform is null or platforms.platform = events.platform)

    union all

    select
        accounts.account_key as scope_id,
        events.starts_on as starts_on,
        events.ends_on as ends_on,
        events.threshold_factor as threshold_factor,
        events.pace_factor as pace_factor
    from accounts
    inner join events
        on
            (events.platform is null or accounts.platform = events.platform)
            and (events.account_id is null or accounts.account_id = events.account_id)
)

select
    applying.scope_id as scope_id,
    dates.date_day as date_day,
    coalesce(max(case when applying.threshold_factor <> 1 then applying.threshold_factor end), 1) as threshold_factor,
    coalesce(max(case when applying.pace_factor <> 1 then applying.pace_factor end), 1) as pace_factor
from applying
inner join {{ ref('dim_dates') }} as dates on dates.date_day between applying.starts_on and applying.ends_on
where applying.threshold_factor <> 1 or applying.pace_factor <> 1
group by applying.scope_id, dates.date_day
