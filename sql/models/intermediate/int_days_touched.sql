-- Days to compute again, by source and account. Made before the facts change, so that the day an order leaves is among them, and kept
-- over failed builds: only a whole build (processed_loads) empties it.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='append_new_columns') }}
{%- set streams = [
    {'source': 'traffic', 'platform': 'amazon_sp', 'stream': 'sales_and_traffic', 'model': 'stg_amazon_sp__sales_and_traffic', 'day': 'period_start'},
    {'source': 'ads', 'platform': 'amazon_ads', 'stream': 'sp_campaigns', 'model': 'stg_amazon_ads__sp_campaigns', 'day': 'date_day'},
    {'source': 'ads', 'platform': 'amazon_ads', 'stream': 'sp_advertised_product', 'model': 'stg_amazon_ads__sp_advertised_product', 'day': 'date_day'},
] %}
{%- set facts = {'sales': 'fct_order_lines', 'traffic': 'fct_traffic', 'ads': 'fct_ad_performance'} %}

with loads_new as (
    select * from {{ ref('int_loads_new') }}
),

orders_changed as (
    select * from {{ ref('int_orders_changed') }}
),

state_changed as (
    select * from {{ ref('int_state_changed') }}
),

touched as (
    select
        'sales' as source,
        orders.account_id as account_id,
        orders.date_day as date_day
    from {{ ref('stg_amazon_sp__orders') }} as orders
    inner join orders_changed
        on orders.account_id = orders_changed.account_id and orders.order_id = orders_changed.order_id
    {%- for stream in streams %}

    union all

    -- The whole window: days that became empty count.
    select
        '{{ stream.source }}' as source,
        loads_new.account_id as account_id,
        dates.date_day as date_day
    from loads_new
    inner join {{ ref('dim_dates') }} as dates on dates.date_day between loads_new.window_start and loads_new.window_end
    where loads_new.platform = '{{ stream.platform }}' and loads_new.stream = '{{ stream.stream }}'

    union all

    select
        '{{ stream.source }}' as source,
        report_rows.account_id as account_id,
        report_rows.{{ stream.day }} as date_day
    from {{ ref(stream.model) }} as report_rows
    where
        report_rows.load_id in (select loads_new.load_id from loads_new)
        or report_rows.account_id in (
            select state_changed.account_id
            from state_changed
            where state_changed.state_kind = 'account'
        )
    {%- endfor %}
    {%- for source, fact in facts.items() %}
    {%- set relation = earlier_relation(fact) %}
    {%- if relation is not none %}

    union all

    select
        '{{ source }}' as source,
        facts.account_id as account_id,
        facts.date_day as date_day
    from {{ relation }} as facts
    inner join state_changed
        on
            (facts.account_id = state_changed.account_id or state_changed.account_id is null)
            and (facts.sku = state_changed.sku or state_changed.sku is null)
    where state_changed.state_kind in ('assignment', 'account', 'settings')
    {%- if source == 'sales' %}

    union all

    select
        'sales' as source,
        facts.account_id as account_id,
        facts.date_day as date_day
    from {{ relation }} as facts
    inner join orders_changed
        on facts.account_id = orders_changed.account_id and facts.order_id = orders_changed.order_id
    {%- endif %}
    {%- endif %}
    {%- endfor %}
)

select distinct
    touched.source as source,
    touched.account_id as account_id,
    touched.date_day as date_day
from touched
