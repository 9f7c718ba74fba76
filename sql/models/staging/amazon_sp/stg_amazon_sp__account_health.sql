-- One row per account, snapshot day, metric and fulfilment type. Rate and target are fractions, exactly as Amazon states them: they
-- don't always follow from its counts.
select
    health._account_id as account_id,
    health.snapshot_date as date_day,
    health.metric as metric,
    nullif(lower(trim(health.fulfillment_type)), '') as fulfillment_type,
    health.account_status as account_status,
    health.status as status,
    health.rate as rate,
    health.target_value as target_value,
    health.target_condition as target_condition,
    health.numerator as numerator,
    health.denominator as denominator,
    health.reporting_from as reporting_from,
    health.reporting_to as reporting_to,
    health._load_id as load_id,
    health._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__account_health') }} as health
