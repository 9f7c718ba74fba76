-- One row per account, day, platform's metric and fulfilment type (Amazon) or window of days (Walmart). `metric` is the KPI that the row
-- feeds, where `is_judged`: Amazon's worse fulfilment type, as both are held against one limit; Walmart's window of 30 days (refunds:
-- 60) and what the seller answers for.
with health as (
    select
        'amazon_sp.account_health' as stream,
        amazon.account_id as account_id,
        amazon.date_day as date_day,
        amazon.metric as platform_metric,
        coalesce(amazon.fulfillment_type, '') as part,
        cast(null as integer) as report_days,
        case amazon.metric
            when 'orderDefectRate' then 'odr'
            when 'lateShipmentRate' then 'late_shipment_rate'
            when 'preFulfillmentCancellationRate' then 'cancel_rate'
            when 'validTrackingRate' then 'valid_tracking_rate'
            when 'onTimeDeliveryRate' then 'on_time_delivery_rate'
        end as metric,
        amazon.rate as stated_rate,
        amazon.rate as rate,
        amazon.target_value as target_value,
        amazon.target_condition as target_condition,
        amazon.status as status,
        amazon.load_id as load_id
    from {{ ref('stg_amazon_sp__account_health') }} as amazon

    union all

    select
        'walmart.performance' as stream,
        walmart.account_id as account_id,
        walmart.date_day as date_day,
        walmart.metric as platform_metric,
        cast(walmart.report_days as {{ dbt.type_string() }}) as part,
        walmart.report_days as report_days,
        case walmart.metric
            when 'lateShipment' then 'late_shipment_rate'
            when 'cancellations' then 'cancel_rate'
            when 'vtr' then 'valid_tracking_rate'
            when 'otd' then 'on_time_delivery_rate'
            when 'srr' then 'seller_response_rate'
            when 'refunds' then 'platform_refund_rate'
        end as metric,
        walmart.rate_percent as stated_rate,
        coalesce(walmart.accountable_rate_percent, walmart.rate_percent) / 100 as rate,
        cast(null as numeric) as target_value,
        walmart.standard as target_condition,
        walmart.risk_level as status,
        walmart.load_id as load_id
    from {{ ref('stg_walmart__performance') }} as walmart
),

ranked as (
    select
        health.*,
        row_number() over (
            partition by health.stream, health.account_id, health.date_day, health.platform_metric
            order by
                case when health.rate is null then 2 else 1 end asc nulls last,
                case health.report_days
                    when case health.platform_metric when 'refunds' then 60 else 30 end then 1
                    else 2
                end asc nulls last,
                health.report_days desc nulls last,
                health.rate desc nulls last,
                health.part asc nulls last
        ) as row_rank
    from health
)

select
    ranked.account_id
    || '/' || cast(ranked.date_day as {{ dbt.type_string() }})
    || '/' || ranked.stream
    || '/' || ranked.platform_metric
    || '/' || ranked.part as health_key,
    ranked.account_id as account_id,
    ranked.date_day as date_day,
    ranked.stream as stream,
    ranked.platform_metric as platform_metric,
    nullif(ranked.part, '') as part,
    ranked.report_days as report_days,
    ranked.metric as metric,
    ranked.metric is not null and ranked.rate is not null and ranked.row_rank = 1 as is_judged,
    ranked.stated_rate as stated_rate,
    ranked.rate as rate,
    ranked.target_value as target_value,
    ranked.target_condition as target_condition,
    ranked.status as status,
    ranked.load_id as load_id
from ranked
