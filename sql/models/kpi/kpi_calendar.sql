-- One row per season, holiday or promotion: known events, and those of the latest snapshot of each ERP. A factor that is not stated is 1.
{{ config(materialized='table') }}

with promotions as (
    select * from {{ ref('stg_erp__promotions') }}
),

latest_snapshots as (
    select
        promotions.erp_account_id as erp_account_id,
        max(promotions.snapshot_date) as snapshot_date
    from promotions
    group by promotions.erp_account_id
)

select
    'event:' || events.event_id as calendar_id,
    events.event as event,
    events.kind as kind,
    events.name_en as name_en,
    events.name_zh as name_zh,
    nullif(events.platform, '') as platform,
    cast(null as {{ dbt.type_string() }}) as account_id,
    events.starts_on as starts_on,
    events.ends_on as ends_on,
    cast(events.threshold_factor as numeric) as threshold_factor,
    cast(events.pace_factor as numeric) as pace_factor,
    'known' as origin,
    events.source as source,
    events.is_verified as is_verified
from {{ ref('calendar_events') }} as events

union all

select
    'erp:' || promotions.erp_account_id || '/' || promotions.promotion_id as calendar_id,
    promotions.promotion_id as event,
    promotions.kind as kind,
    promotions.promotion_name as name_en,
    promotions.promotion_name as name_zh,
    promotions.platform as platform,
    promotions.account_id as account_id,
    promotions.starts_on as starts_on,
    promotions.ends_on as ends_on,
    cast(case when promotions.threshold_factor > 0 then promotions.threshold_factor else 1 end as numeric) as threshold_factor,
    cast(case when promotions.pace_factor > 0 then promotions.pace_factor else 1 end as numeric) as pace_factor,
    'erp' as origin,
    promotions.erp_account_id as source,
    true as is_verified
from promotions
inner join latest_snapshots
    on
        promotions.erp_account_id = latest_snapshots.erp_account_id
        and promotions.snapshot_date = latest_snapshots.snapshot_date
where promotions.starts_on <= promotions.ends_on
