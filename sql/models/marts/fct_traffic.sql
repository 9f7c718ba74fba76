-- One row per account, day and SKU of Amazon's one-day reports, and one residual row (SKU null) per account and day: what the
-- platform's own account day has beyond its SKUs, so that the rows of a day add up to its figure; of Shopify and TikTok Shop that is
-- all. A visitor who looks at two products has one session in the account's day and two in the SKUs', so the residual is often negative.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('traffic')) }}",
    indexes=[{'columns': ['traffic_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}
{%- set amounts = ['sessions', 'page_views', 'buy_box_page_views', 'buy_box_base_page_views', 'traffic_units'] %}

with traffic as (
    select source_rows.*
    from {{ ref('int_traffic') }} as source_rows
    {%- if not is_rebuild() %}
    where (source_rows.account_id, source_rows.date_day) in {{ touched_days('traffic') }}
    {%- endif %}
),

sku_days as (
    select
        traffic.account_id as account_id,
        traffic.date_day as date_day,
        traffic.sku as sku,
        {%- for amount in amounts %}
        sum(traffic.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from traffic
    where traffic.row_level = 'sku'
    group by traffic.account_id, traffic.date_day, traffic.sku
),

sku_sums as (
    select
        sku_days.account_id as account_id,
        sku_days.date_day as date_day,
        {%- for amount in amounts %}
        sum(sku_days.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from sku_days
    group by sku_days.account_id, sku_days.date_day
),

account_days as (
    select
        traffic.account_id as account_id,
        traffic.date_day as date_day,
        {%- for amount in amounts %}
        max(traffic.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from traffic
    where traffic.row_level = 'account'
    group by traffic.account_id, traffic.date_day
),

-- Units of a day whose sessions aren't known would flatter the conversion.
order_days as (
    select
        traffic.account_id as account_id,
        traffic.date_day as date_day,
        sum(traffic.traffic_units) as traffic_units
    from traffic
    where traffic.row_level = 'orders'
    group by traffic.account_id, traffic.date_day
),

all_rows as (
    select
        sku_days.account_id as account_id,
        sku_days.date_day as date_day,
        sku_days.sku as sku,
        false as is_residual,
        {%- for amount in amounts %}
        sku_days.{{ amount }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from sku_days

    union all

    select
        account_days.account_id as account_id,
        account_days.date_day as date_day,
        cast(null as {{ dbt.type_string() }}) as sku,
        true as is_residual,
        {%- for amount in amounts if amount != 'traffic_units' %}
        account_days.{{ amount }} - coalesce(sku_sums.{{ amount }}, 0) as {{ amount }},
        {%- endfor %}
        account_days.traffic_units + coalesce(order_days.traffic_units, 0) - coalesce(sku_sums.traffic_units, 0) as traffic_units
    from account_days
    left outer join sku_sums
        on account_days.account_id = sku_sums.account_id and account_days.date_day = sku_sums.date_day
    left outer join order_days
        on account_days.account_id = order_days.account_id and account_days.date_day = order_days.date_day
)

select
    all_rows.account_id
    || '/' || cast(all_rows.date_day as {{ dbt.type_string() }})
    || case when all_rows.is_residual then '' else '/' || all_rows.sku end as traffic_key,
    all_rows.account_id as account_id,
    all_rows.date_day as date_day,
    all_rows.sku as sku,
    {{ sku_key('all_rows.account_id', 'all_rows.sku') }} as sku_key,
    all_rows.is_residual as is_residual,
    {%- for amount in amounts %}
    all_rows.{{ amount }} as {{ amount }}{% if not loop.last %},{% endif %}
    {%- endfor %}
from all_rows
