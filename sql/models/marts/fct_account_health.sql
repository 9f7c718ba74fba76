-- One row per account, snapshot day, metric and fulfilment type or window. `stated_rate` and `target_value` are exactly the platform's;
-- `rate` is a fraction. A row that is judged has its rate in the column of its KPI too.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('health')) }}",
    indexes=[{'columns': ['health_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}]
) }}
{%- set metrics = [
    'odr', 'late_shipment_rate', 'cancel_rate', 'valid_tracking_rate', 'on_time_delivery_rate', 'seller_response_rate', 'platform_refund_rate'
] %}

select
    health.health_key as health_key,
    health.account_id as account_id,
    health.date_day as date_day,
    health.stream as stream,
    health.platform_metric as platform_metric,
    health.part as part,
    health.report_days as report_days,
    health.metric as metric,
    -- Platforms don't look at all metrics on one day: a level of a period is that of each metric's last day.
    health.account_id || '/' || health.metric as level_key,
    health.is_judged as is_judged,
    health.stated_rate as stated_rate,
    health.rate as rate,
    health.target_value as target_value,
    health.target_condition as target_condition,
    health.status as status,
    {%- for metric in metrics %}
    case when health.is_judged and health.metric = '{{ metric }}' then health.rate end as {{ metric }},
    {%- endfor %}
    health.load_id as load_id
from {{ ref('int_account_health') }} as health
{%- if not is_rebuild() %}
where (health.account_id, health.date_day) in {{ touched_days('health') }}
{%- endif %}
