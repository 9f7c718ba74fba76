-- One row per scope, grain and period that holds a day of calendar_days: the mean threshold factor of its days, and their pace weight
-- (days that no event changes count 1).
{{ config(indexes=[{'columns': ['scope_id', 'grain', 'period_start'], 'unique': true}], post_hook="{{ analyze_changed(this) }}") }}

with changed_days as (
    {%- for grain in kpi_grains() %}
    select
        days.scope_id as scope_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, 'days.date_day') }} as period_start,
        days.threshold_factor - 1 as threshold_excess,
        days.pace_factor - 1 as pace_excess
    from {{ ref('calendar_days') }} as days
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

periods as (
    select
        changed_days.scope_id as scope_id,
        changed_days.grain as grain,
        changed_days.period_start as period_start,
        {{ period_end_of('changed_days.grain', 'changed_days.period_start') }} - changed_days.period_start + 1 as day_count,
        sum(changed_days.threshold_excess) as threshold_excess,
        sum(changed_days.pace_excess) as pace_excess,
        max(case when changed_days.pace_excess <> 0 then 1 else 0 end) as has_pace
    from changed_days
    group by changed_days.scope_id, changed_days.grain, changed_days.period_start
)

select
    periods.scope_id as scope_id,
    periods.grain as grain,
    periods.period_start as period_start,
    {{ ratio('periods.day_count + periods.threshold_excess', 'periods.day_count') }} as threshold_factor,
    cast(periods.day_count + periods.pace_excess as numeric) as pace_weight,
    periods.has_pace = 1 as has_pace
from periods
