-- One row per account, day or month, line, kind of fee and currency, and per stretch of time in which builds found the same difference:
-- what was found before stays beside what holds now (is_current).
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='reconciliation_id',
    full_refresh=false,
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['reconciliation_id']}, {'columns': ['account_id', 'period_start']}]
) }}
{%- set states = ['different', 'missing_in_erp', 'missing_on_platform'] %}
{%- set values = ['platform_amount', 'erp_amount', 'settled_amount'] %}
{%- set columns = [
    'account_id', 'grain', 'period_start', 'line', 'charge_type', 'currency', 'platform_amount', 'erp_amount', 'settled_amount',
    'difference', 'absolute_difference', 'tolerance', 'items', 'different_items',
] %}

with
{%- for grain in ['day', 'month'] %}

{{ grain }}_sums as (
    select
        reconciliation.account_id as account_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, 'reconciliation.date_day') }} as period_start,
        reconciliation.line as line,
        reconciliation.charge_type as charge_type,
        reconciliation.currency as currency,
        sum(reconciliation.platform_amount) as platform_amount,
        sum(reconciliation.erp_amount) as erp_amount,
        sum(reconciliation.settled_amount) as settled_amount,
        sum(reconciliation.difference) as difference,
        max(reconciliation.tolerance) as tolerance,
        sum(reconciliation.items) as items
    from {{ ref('fct_reconciliation') }} as reconciliation
    group by
        reconciliation.account_id,
        {{ period_start(grain, 'reconciliation.date_day') }},
        reconciliation.line,
        reconciliation.charge_type,
        reconciliation.currency
),
{%- endfor %}

period_sums as (
    select * from day_sums
    union all
    select * from month_sums
),

-- How many items differ, and in what way.
item_states as (
    select
        items.account_id as account_id,
        items.grain as grain,
        items.period_start as period_start,
        items.line as line,
        coalesce(items.charge_type, '') as charge_type,
        items.currency as currency,
        sum(abs(items.difference)) as absolute_difference,
        sum(case when items.state = 'within_tolerance' then 1 else 0 end) as tolerated_items,
        sum(case when items.state = 'different' then 1 else 0 end) as different_items,
        sum(case when items.state = 'missing_in_erp' then 1 else 0 end) as missing_in_erp_items,
        sum(case when items.state = 'missing_on_platform' then 1 else 0 end) as missing_on_platform_items
    from {{ ref('int_reconciliation_items') }} as items
    group by
        items.account_id,
        items.grain,
        items.period_start,
        items.line,
        coalesce(items.charge_type, ''),
        items.currency
),

counted as (
    select
        period_sums.account_id as account_id,
        period_sums.grain as grain,
        period_sums.period_start as period_start,
        period_sums.line as line,
        period_sums.charge_type as charge_type,
        period_sums.currency as currency,
        period_sums.platform_amount as platform_amount,
        period_sums.erp_amount as erp_amount,
        period_sums.settled_amount as settled_amount,
        period_sums.difference as difference,
        case when period_sums.difference is not null then coalesce(item_states.absolute_difference, 0) end as absolute_difference,
        period_sums.tolerance as tolerance,
        period_sums.items as items,
        -- In a month, an item that was booked on another day of it counts as matched.
        case when period_sums.difference is not null then 1 else 0 end as matched_items,
        coalesce(item_states.tolerated_items, 0) as tolerated_items,
        coalesce(item_states.different_items, 0) as different_items,
        coalesce(item_states.missing_in_erp_items, 0) as missing_in_erp_items,
        coalesce(item_states.missing_on_platform_items, 0) as missing_on_platform_items
    from period_sums
    left outer join item_states
        on
            period_sums.account_id = item_states.account_id
            and period_sums.grain = item_states.grain
            and period_sums.period_start = item_states.period_start
            and period_sums.line = item_states.line
            and coalesce(period_sums.charge_type, '') = item_states.charge_type
            and period_sums.currency = item_states.currency
),

found as (
    select
        counted.account_id
        || '/' || counted.grain
        || '/' || cast(counted.period_start as {{ dbt.type_string() }})
        || '/' || counted.line
        || '/' || coalesce(counted.charge_type, '')
        || '/' || counted.currency as reconciliation_id,
        counted.account_id as account_id,
        counted.grain as grain,
        counted.period_start as period_start,
        counted.line as line,
        counted.charge_type as charge_type,
        counted.currency as currency,
        counted.platform_amount as platform_amount,
        counted.erp_amount as erp_amount,
        counted.settled_amount as settled_amount,
        counted.difference as difference,
        counted.absolute_difference as absolute_difference,
        counted.tolerance as tolerance,
        counted.items as items,
        counted.different_items + counted.missing_in_erp_items + counted.missing_on_platform_items as different_items,
        {{ reconciliation_state('counted') }} as state
    from counted
),

earlier as (
    {%- if is_incremental() %}
    select
        known.reconciliation_id as reconciliation_id,
        {%- for column in columns %}
        known.{{ column }} as {{ column }},
        {%- endfor %}
        known.state as state,
        known.first_seen_at as first_seen_at,
        known.last_seen_at as last_seen_at,
        known.is_current as is_current
    from {{ this }} as known
    {%- else %}
    select
        found.reconciliation_id as reconciliation_id,
        {%- for column in columns %}
        found.{{ column }} as {{ column }},
        {%- endfor %}
        found.state as state,
        {{ build_instant() }} as first_seen_at,
        {{ build_instant() }} as last_seen_at,
        false as is_current
    from found
    where false
    {%- endif %}
),

-- What is found now, as the same finding as before where neither its state nor, of a difference, its amounts changed.
present as (
    select
        found.reconciliation_id as reconciliation_id,
        {%- for column in columns %}
        found.{{ column }} as {{ column }},
        {%- endfor %}
        found.state as state,
        coalesce(earlier.first_seen_at, {{ build_instant() }}) as first_seen_at,
        {{ build_instant() }} as last_seen_at,
        true as is_current
    from found
    left outer join earlier
        on
            found.reconciliation_id = earlier.reconciliation_id
            and earlier.is_current
            and found.state = earlier.state
            and (
                found.state not in ('{{ states | join("', '") }}')
                or (
                    {%- for value in values %}
                    {% if not loop.first %}and {% endif %}coalesce(found.{{ value }}, 0)
                    = coalesce(earlier.{{ value }}, 0)
                    {%- endfor %}
                )
            )
),

-- Differences that were found before and no longer hold; where nothing is left to compare, what there was.
past as (
    select
        earlier.reconciliation_id as reconciliation_id,
        {%- for column in columns %}
        earlier.{{ column }} as {{ column }},
        {%- endfor %}
        earlier.state as state,
        earlier.first_seen_at as first_seen_at,
        earlier.last_seen_at as last_seen_at,
        false as is_current
    from earlier
    left outer join present
        on earlier.reconciliation_id = present.reconciliation_id and earlier.first_seen_at = present.first_seen_at
    left outer join found on earlier.reconciliation_id = found.reconciliation_id
    where
        present.reconciliation_id is null
        and (
            earlier.state in ('{{ states | join("', '") }}')
            or found.reconciliation_id is null
        )
),

every_row as (
    select * from present
    union all
    select * from past
)

select
    every_row.reconciliation_id as reconciliation_id,
    every_row.account_id as account_id,
    'account:' || every_row.account_id as entity_id,
    every_row.grain as grain,
    every_row.period_start as period_start,
    {{ period_end_of('every_row.grain', 'every_row.period_start') }} as period_end,
    every_row.line as line,
    every_row.charge_type as charge_type,
    every_row.currency as currency,
    every_row.platform_amount as platform_amount,
    every_row.erp_amount as erp_amount,
    every_row.settled_amount as settled_amount,
    every_row.difference as difference,
    every_row.absolute_difference as absolute_difference,
    cast(every_row.tolerance as numeric) as tolerance,
    every_row.state as state,
    cast(every_row.items as bigint) as items,
    cast(every_row.different_items as bigint) as different_items,
    every_row.first_seen_at as first_seen_at,
    every_row.last_seen_at as last_seen_at,
    every_row.is_current as is_current
from every_row
