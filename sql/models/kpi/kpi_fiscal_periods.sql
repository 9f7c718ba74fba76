-- One row per fiscal week, month, quarter and year, of the whole fiscal years of dim_dates.
{{ config(materialized='table') }}

with dates as (
    select * from {{ ref('dim_dates') }}
),

spans as (
    {%- for grain, year in [('week', 'fiscal_week_year'), ('month', 'fiscal_year'), ('quarter', 'fiscal_year'), ('year', 'fiscal_year')] %}
    select
        '{{ grain }}' as grain,
        dates.fiscal_{{ grain }}_start as period_start,
        max(dates.date_day) as period_end,
        min(dates.{{ year }}) as fiscal_year,
        {% if grain in ['month', 'quarter'] %}min(dates.fiscal_quarter){% else %}cast(null as integer){% endif %} as fiscal_quarter,
        {% if grain == 'month' %}min(dates.fiscal_month){% else %}cast(null as integer){% endif %} as fiscal_month,
        {% if grain == 'week' %}min(dates.fiscal_week){% else %}cast(null as integer){% endif %} as fiscal_week
    from dates
    group by dates.fiscal_{{ grain }}_start
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

whole_years as (
    select dates.fiscal_year as fiscal_year
    from dates
    group by dates.fiscal_year
    having min(dates.date_day) = min(dates.fiscal_year_start) and max(dates.date_day) = min(dates.fiscal_year_end)
)

select
    spans.grain as grain,
    spans.period_start as period_start,
    spans.period_end as period_end,
    cast(spans.period_end - spans.period_start + 1 as integer) as day_count,
    spans.fiscal_year as fiscal_year,
    spans.fiscal_quarter as fiscal_quarter,
    spans.fiscal_month as fiscal_month,
    spans.fiscal_week as fiscal_week,
    'FY' || spans.fiscal_year || case spans.grain
        when 'week' then ' W' || case when spans.fiscal_week < 10 then '0' else '' end || spans.fiscal_week
        when 'month' then ' M' || case when spans.fiscal_month < 10 then '0' else '' end || spans.fiscal_month
        when 'quarter' then ' Q' || spans.fiscal_quarter
        else ''
    end as period_name
from spans
inner join whole_years on spans.fiscal_year = whole_years.fiscal_year
