-- One row per account, snapshot day and SKU: what can be sold through the account as its platform states it, its age, cost and pace.
-- A day exists when each of the account's stock streams that are in use has a snapshot of it. A SKU that vanished from the snapshot
-- has zero units for as long as the trailing window still knows it; nothing is carried over to a day without a snapshot.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('stock')) }}",
    indexes=[{'columns': ['inventory_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}
{%- set window = days_setting('stock_window_days') %}
{%- set in_use = days_setting('stock_stream_in_use_days') %}
{%- set ages = [
    '0_to_30', '31_to_60', '61_to_90', '0_to_90', '91_to_180', '181_to_270', '271_to_365', '181_to_330', '331_to_365',
    '365_plus', '366_to_455', '456_plus',
] %}
{%- set spans = [7, 30, 60, 90] %}
{%- set aged_units = 'case when costed.stock_age_0_90 is not null and costed.stock_age_91_180 is not null then costed.over_180_units end' %}

with bounds as (
    select
        days_touched.account_id as account_id,
        min(days_touched.date_day) as first_day,
        max(days_touched.date_day) as last_day
    from {{ ref('int_days_touched') }} as days_touched
    where days_touched.source = 'stock'
    group by days_touched.account_id
),

stock_rows as (
    select inventory.*
    from {{ ref('int_inventory') }} as inventory
    {%- if not is_rebuild() %}
    where
        exists (
            select 1
            from bounds
            where
                inventory.account_id = bounds.account_id
                and inventory.date_day >= bounds.first_day - {{ window + in_use }}
                and inventory.date_day <= bounds.last_day
        )
    {%- endif %}
),

stream_days as (
    select
        stock_rows.account_id as account_id,
        stock_rows.date_day as date_day,
        stock_rows.stream as stream
    from stock_rows
    group by stock_rows.account_id, stock_rows.date_day, stock_rows.stream
),

-- Days on which no stream in use is missing.
whole_days as (
    select
        days.account_id as account_id,
        days.date_day as date_day
    from stream_days as days
    inner join stream_days as recent
        on
            days.account_id = recent.account_id
            and days.date_day >= recent.date_day
            and days.date_day <= recent.date_day + {{ in_use }}
    group by days.account_id, days.date_day
    having count(distinct days.stream) = count(distinct recent.stream)
),

account_days as (
    select
        whole_days.account_id as account_id,
        whole_days.date_day as date_day,
        {{ day_number('whole_days.date_day') }} as day_number,
        lead(whole_days.date_day) over (
            partition by whole_days.account_id
            order by whole_days.date_day asc nulls last
        ) as next_day,
        count(*) over (
            partition by whole_days.account_id
            order by {{ day_number('whole_days.date_day') }} asc nulls last
            range between {{ window - 1 }} preceding and current row
        ) as window_days
    from whole_days
),

sku_sums as (
    select
        stock_rows.account_id as account_id,
        stock_rows.date_day as date_day,
        stock_rows.sku as sku,
        max(case when stock_rows.is_listed then 1 else 0 end) as is_listed,
        max(case when stock_rows.stream = 'amazon_sp.fba_stock_and_age' then 1 else 0 end) as has_stated_pace,
        max(case when stock_rows.held_by = 'platform' then 1 else 0 end) as is_at_platform,
        max(case when stock_rows.held_by = 'seller' then 1 else 0 end) as is_at_seller,
        sum(stock_rows.available) as raw_units,
        sum(case when stock_rows.held_by = 'platform' then stock_rows.available else 0 end) as platform_units,
        sum(case when stock_rows.held_by = 'seller' then stock_rows.available else 0 end) as seller_units,
        sum(stock_rows.reserved_units) as reserved_units,
        sum(stock_rows.unfulfillable_units) as unfulfillable_units,
        sum(stock_rows.inbound_units) as inbound_units,
        {%- for age in ages %}
        {{ whole_sum('stock_rows.age_' ~ age ~ '_units') }} as age_{{ age }}_units,
        {%- endfor %}
        {%- for span in spans %}
        {{ whole_sum('stock_rows.units_shipped_' ~ span) }} as units_shipped_{{ span }},
        {%- endfor %}
        sum(stock_rows.excess_units) as excess_units,
        sum(stock_rows.estimated_storage_cost) as estimated_storage_cost,
        sum(stock_rows.estimated_aged_surcharge) as estimated_aged_surcharge,
        max(stock_rows.low_inventory_flag) as is_low_inventory,
        max(
            case when stock_rows.is_low_inventory_fee_exempt then 1 when not stock_rows.is_low_inventory_fee_exempt then 0 end
        ) as is_low_inventory_exempt
    from stock_rows
    inner join whole_days on stock_rows.account_id = whole_days.account_id and stock_rows.date_day = whole_days.date_day
    group by stock_rows.account_id, stock_rows.date_day, stock_rows.sku
),

-- The next day on which the SKU is there again; between them it is absent from the account's snapshots.
sku_steps as (
    select
        sku_sums.account_id as account_id,
        sku_sums.date_day as date_day,
        sku_sums.sku as sku,
        account_days.next_day as next_day,
        lead(sku_sums.date_day) over (
            partition by sku_sums.account_id, sku_sums.sku
            order by sku_sums.date_day asc nulls last
        ) as next_sku_day
    from sku_sums
    inner join account_days on sku_sums.account_id = account_days.account_id and sku_sums.date_day = account_days.date_day
    where sku_sums.sku is not null
),

absent as (
    select
        account_days.account_id as account_id,
        account_days.date_day as date_day,
        sku_steps.sku as sku
    from sku_steps
    inner join account_days
        on
            sku_steps.account_id = account_days.account_id
            and sku_steps.date_day < account_days.date_day
            and sku_steps.date_day > account_days.date_day - {{ window }}
            and (sku_steps.next_sku_day > account_days.date_day or sku_steps.next_sku_day is null)
    where sku_steps.next_day is not null and (sku_steps.next_sku_day > sku_steps.next_day or sku_steps.next_sku_day is null)
),

aged as (
    select
        sku_sums.*,
        coalesce(
            sku_sums.age_0_to_90_units,
            sku_sums.age_0_to_30_units + sku_sums.age_31_to_60_units + sku_sums.age_61_to_90_units
        ) as stock_age_0_90,
        sku_sums.age_181_to_330_units + sku_sums.age_331_to_365_units as age_181_to_365_units,
        coalesce(sku_sums.age_366_to_455_units + sku_sums.age_456_plus_units, sku_sums.age_365_plus_units) as stock_age_366_plus
    from sku_sums
),

sku_days as (
    select
        aged.account_id as account_id,
        aged.date_day as date_day,
        aged.sku as sku,
        aged.is_listed as is_listed,
        aged.has_stated_pace as has_stated_pace,
        case
            when aged.is_at_platform = 1 and aged.is_at_seller = 1 then 'both'
            when aged.is_at_platform = 1 then 'platform'
            else 'seller'
        end as held_by,
        aged.raw_units as raw_units,
        aged.platform_units as platform_units,
        aged.seller_units as seller_units,
        aged.reserved_units as reserved_units,
        aged.unfulfillable_units as unfulfillable_units,
        aged.inbound_units as inbound_units,
        aged.stock_age_0_90 as stock_age_0_90,
        aged.age_91_to_180_units as stock_age_91_180,
        coalesce(
            aged.age_181_to_270_units,
            case when aged.age_181_to_365_units >= aged.age_271_to_365_units then aged.age_181_to_365_units - aged.age_271_to_365_units end
        ) as stock_age_181_270,
        coalesce(
            aged.age_271_to_365_units,
            case when aged.age_181_to_365_units >= aged.age_181_to_270_units then aged.age_181_to_365_units - aged.age_181_to_270_units end
        ) as stock_age_271_365,
        aged.stock_age_366_plus as stock_age_366_plus,
        coalesce(aged.age_181_to_270_units + aged.age_271_to_365_units, aged.age_181_to_365_units)
        + aged.stock_age_366_plus as over_180_units,
        aged.units_shipped_7 as units_shipped_7,
        aged.units_shipped_30 as units_shipped_30,
        aged.units_shipped_60 as units_shipped_60,
        aged.units_shipped_90 as units_shipped_90,
        aged.excess_units as excess_units,
        aged.estimated_storage_cost as estimated_storage_cost,
        aged.estimated_aged_surcharge as estimated_aged_surcharge,
        aged.is_low_inventory as is_low_inventory,
        aged.is_low_inventory_exempt as is_low_inventory_exempt
    from aged

    union all

    select
        absent.account_id as account_id,
        absent.date_day as date_day,
        absent.sku as sku,
        0 as is_listed,
        1 as has_stated_pace,
        cast(null as {{ dbt.type_string() }}) as held_by,
        0 as raw_units,
        0 as platform_units,
        0 as seller_units,
        {%- for column in [
            'reserved_units', 'unfulfillable_units', 'inbound_units', 'stock_age_0_90', 'stock_age_91_180', 'stock_age_181_270',
            'stock_age_271_365', 'stock_age_366_plus', 'over_180_units', 'units_shipped_7', 'units_shipped_30', 'units_shipped_60',
            'units_shipped_90', 'excess_units', 'estimated_storage_cost', 'estimated_aged_surcharge', 'is_low_inventory',
            'is_low_inventory_exempt',
        ] %}
        null as {{ column }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from absent
),

-- Where a platform doesn't say what was shipped: units sold on the days before the snapshot.
selling_accounts as (
    select
        stream_days.account_id as account_id,
        min(stream_days.date_day) as first_day
    from stream_days
    where stream_days.stream <> 'amazon_sp.fba_stock_and_age'
    group by stream_days.account_id
),

first_sales as (
    select
        order_lines.account_id as account_id,
        min(order_lines.date_day) as first_sale_day
    from {{ ref('fct_order_lines') }} as order_lines
    inner join selling_accounts on order_lines.account_id = selling_accounts.account_id
    group by order_lines.account_id
),

sold as (
    select
        order_lines.account_id as account_id,
        order_lines.sku as sku,
        order_lines.date_day as date_day,
        sum(order_lines.units) as units
    from {{ ref('fct_order_lines') }} as order_lines
    inner join selling_accounts
        on
            order_lines.account_id = selling_accounts.account_id
            and order_lines.date_day >= selling_accounts.first_day - {{ spans | last }}
    where order_lines.sku is not null
    group by order_lines.account_id, order_lines.sku, order_lines.date_day
),

pace as (
    select
        moments.account_id as account_id,
        moments.sku as sku,
        moments.date_day as date_day,
        {%- for span in spans %}
        sum(moments.units) over (
            partition by moments.account_id, moments.sku
            order by {{ day_number('moments.date_day') }} asc nulls last
            range between {{ span }} preceding and 1 preceding
        ) as units_{{ span }},
        {%- endfor %}
        moments.is_snapshot as is_snapshot
    from (
        select
            sold.account_id as account_id,
            sold.sku as sku,
            sold.date_day as date_day,
            false as is_snapshot,
            sold.units as units
        from sold
        union all
        select
            sku_days.account_id as account_id,
            sku_days.sku as sku,
            sku_days.date_day as date_day,
            true as is_snapshot,
            0 as units
        from sku_days
        where sku_days.has_stated_pace = 0 and sku_days.sku is not null
    ) as moments
),

-- Units, never below zero, and their mean over the account's days of the window.
paced as (
    select
        sku_days.*,
        case when sku_days.raw_units > 0 then sku_days.raw_units when sku_days.raw_units is not null then 0 end as stock_units,
        case when sku_days.raw_units < 0 then -sku_days.raw_units when sku_days.raw_units is not null then 0 end as oversold_units,
        account_days.window_days as window_days,
        {%- for span in spans %}
        case
            when sku_days.has_stated_pace = 1 then sku_days.units_shipped_{{ span }}
            when first_sales.first_sale_day <= sku_days.date_day - {{ span }} then coalesce(pace.units_{{ span }}, 0)
        end as shipped_{{ span }},
        {%- endfor %}
        sum(case when sku_days.raw_units > 0 then sku_days.raw_units when sku_days.raw_units is not null then 0 end) over (
            partition by sku_days.account_id, sku_days.sku
            order by account_days.day_number asc nulls last
            range between {{ window - 1 }} preceding and current row
        ) as window_units
    from sku_days
    inner join account_days on sku_days.account_id = account_days.account_id and sku_days.date_day = account_days.date_day
    left outer join pace
        on
            sku_days.account_id = pace.account_id
            and sku_days.sku = pace.sku
            and sku_days.date_day = pace.date_day
            and pace.is_snapshot
    left outer join first_sales on sku_days.account_id = first_sales.account_id and sku_days.sku is not null
),

costed as (
    select
        paced.*,
        accounts.currency as currency,
        unit_costs.unit_cost
        * {{ conversion('unit_costs.currency', 'accounts.currency', 'cost_rates.rate', 'account_rates.rate') }} as unit_cost
    from paced
    inner join {{ ref('dim_accounts') }} as accounts on paced.account_id = accounts.account_id
    left outer join {{ ref('dim_unit_costs') }} as unit_costs
        on
            paced.sku = unit_costs.sku
            and paced.date_day >= unit_costs.valid_from
            and (paced.date_day < unit_costs.valid_to or unit_costs.valid_to is null)
    left outer join {{ ref('dim_fx_rates') }} as cost_rates
        on unit_costs.currency = cost_rates.currency and paced.date_day = cost_rates.date_day
    left outer join {{ ref('dim_fx_rates') }} as account_rates
        on accounts.currency = account_rates.currency and paced.date_day = account_rates.date_day
)

select
    costed.account_id || '/' || cast(costed.date_day as {{ dbt.type_string() }}) || '/' || coalesce(costed.sku, '') as inventory_key,
    costed.account_id as account_id,
    costed.date_day as date_day,
    costed.sku as sku,
    {{ sku_key('costed.account_id', 'costed.sku') }} as sku_key,
    costed.currency as currency,
    costed.is_listed = 1 as is_listed,
    costed.held_by as held_by,
    costed.stock_units as stock_units,
    costed.oversold_units as oversold_units,
    costed.platform_units as platform_units,
    costed.seller_units as seller_units,
    costed.reserved_units as reserved_units,
    costed.inbound_units as inbound_units,
    costed.unfulfillable_units as unfulfillable_units,
    costed.unit_cost as unit_cost,
    case when costed.stock_units = 0 then 0 else costed.stock_units * costed.unit_cost end as stock_value,
    case when costed.unit_cost is null then costed.stock_units else 0 end as uncosted_stock_units,
    costed.stock_age_0_90 as stock_age_0_90,
    costed.stock_age_91_180 as stock_age_91_180,
    costed.stock_age_181_270 as stock_age_181_270,
    costed.stock_age_271_365 as stock_age_271_365,
    costed.stock_age_366_plus as stock_age_366_plus,
    {%- for age in ['0_90', '91_180', '181_270', '271_365', '366_plus'] %}
    case when costed.stock_age_{{ age }} = 0 then 0 else costed.stock_age_{{ age }} * costed.unit_cost end as stock_age_{{ age }}_value,
    {%- endfor %}
    costed.stock_age_0_90 + costed.stock_age_91_180 + costed.over_180_units as aged_base_units,
    {{ aged_units }} as aged_stock_units_181,
    case when {{ aged_units }} = 0 then 0 else {{ aged_units }} * costed.unit_cost end as aged_stock_value,
    case when costed.unit_cost is null then {{ aged_units }} else 0 end as uncosted_aged_units,
    costed.excess_units as excess_units,
    costed.estimated_storage_cost as estimated_storage_cost,
    costed.estimated_aged_surcharge as estimated_aged_surcharge,
    {%- for span in spans %}
    costed.shipped_{{ span }} as units_shipped_{{ span }},
    {%- endfor %}
    case when costed.shipped_30 is not null then costed.stock_units end as supply_stock_units,
    case
        when costed.shipped_90 is not null
            then cast(costed.window_units as numeric) / nullif(costed.window_days, 0)
    end as average_units_90,
    case when costed.shipped_90 is not null and costed.stock_age_0_90 is not null then costed.stock_units end as dead_base_units,
    case
        when costed.shipped_90 is null or costed.stock_age_0_90 is null then null
        when costed.shipped_90 > 0 or costed.stock_age_0_90 >= costed.stock_units then 0
        else costed.stock_units - costed.stock_age_0_90
    end as dead_stock_units,
    costed.is_low_inventory as is_low_inventory,
    costed.is_low_inventory_exempt as is_low_inventory_exempt,
    case when costed.is_listed = 1 and costed.sku is not null and costed.stock_units is not null then 1 else 0 end as listed_days,
    case when costed.is_listed = 1 and costed.sku is not null and costed.stock_units = 0 then 1 else 0 end as stock_out_days
from costed
{%- if not is_rebuild() %}
where (costed.account_id, costed.date_day) in {{ touched_days('stock') }}
{%- endif %}
