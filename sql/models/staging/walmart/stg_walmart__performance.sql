-- One row per account, snapshot day, metric and window of days. Rates are per cent, as Walmart states them.
select
    performance._account_id as account_id,
    performance.snapshot_date as date_day,
    performance.metric as metric,
    performance.report_days as report_days,
    performance.rate as rate_percent,
    performance.seller_accountable_rate as accountable_rate_percent,
    performance.standard as standard,
    performance.risk_level as risk_level,
    performance.orders_impacted as orders_impacted,
    performance.updated_at as updated_at,
    performance._load_id as load_id,
    performance._loaded_at as loaded_at
from {{ source('raw', 'walmart__performance') }} as performance
