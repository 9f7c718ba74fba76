-- One row per calendar day: its ISO week, its months, quarters and years, and its place in the fiscal calendar (macros/fiscal.sql).
-- MetricFlow's time spine.
{{ config(indexes=[{'columns': ['date_day'], 'unique': true}]) }}
{%- set weeks = fiscal_month_weeks() %}

with spine as (
    {{ dbt.date_spine(datepart='day', start_date="cast('2015-01-01' as date)", end_date="cast('2041-01-01' as date)") }}
),

fiscal_years as (
    {%- for year in fiscal_years() %}
    select
        cast({{ year.name }} as integer) as fiscal_year,
        cast('{{ year.starts_on }}' as date) as starts_on,
        cast('{{ year.ends_before }}' as date) as ends_before  -- style: alias
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

days as (
    select
        cast(spine.date_day as date) as date_day,
        {{ period_start('week', 'spine.date_day') }} as iso_week_start,
        {{ fiscal_week_start('cast(spine.date_day as date)') }} as fiscal_week_start
    from spine
),

-- A week belongs to the year that holds its fourth day, as ISO has it; where years are whole weeks that is the day's own year.
placed as (
    select
        days.date_day as date_day,
        days.iso_week_start as iso_week_start,
        days.fiscal_week_start as fiscal_week_start,
        years.fiscal_year as fiscal_year,
        years.starts_on as fiscal_year_start,
        years.ends_before as fiscal_year_end,
        week_years.fiscal_year as fiscal_week_year,
        cast(floor((days.fiscal_week_start + 3 - week_years.starts_on) / 7.0) + 1 as integer) as fiscal_week
    from days
    inner join fiscal_years as years
        on days.date_day >= years.starts_on and days.date_day < years.ends_before
    inner join fiscal_years as week_years
        on days.fiscal_week_start + 3 >= week_years.starts_on and days.fiscal_week_start + 3 < week_years.ends_before
),
{%- if weeks %}

-- Quarters have 13 weeks; a 53rd week belongs to the last month of the year.
quartered as (
    select
        placed.*,
        cast(case when placed.fiscal_week > 39 then 4 else floor((placed.fiscal_week - 1) / 13.0) + 1 end as integer) as fiscal_quarter
    from placed
),

monthly as (
    select
        quartered.*,
        cast(quartered.fiscal_year_start + (quartered.fiscal_quarter - 1) * 91 as date) as fiscal_quarter_start,
        case
            when quartered.fiscal_week - (quartered.fiscal_quarter - 1) * 13 <= {{ weeks[0] }} then 1
            when quartered.fiscal_week - (quartered.fiscal_quarter - 1) * 13 <= {{ weeks[0] + weeks[1] }} then 2
            else 3
        end as month_of_quarter
    from quartered
),

fiscal as (
    select
        monthly.*,
        (monthly.fiscal_quarter - 1) * 3 + monthly.month_of_quarter as fiscal_month,
        cast(
            monthly.fiscal_quarter_start
            + case monthly.month_of_quarter when 1 then 0 when 2 then {{ weeks[0] * 7 }} else {{ (weeks[0] + weeks[1]) * 7 }} end
            as date
        ) as fiscal_month_start
    from monthly
)
{%- else %}

monthly as (
    select
        placed.*,
        {{ period_start('month', 'placed.date_day') }} as fiscal_month_start,
        cast(
            mod(cast(extract(month from placed.date_day) as integer) + 12 - {{ var('fiscal_start_month') | int }}, 12) + 1 as integer
        ) as fiscal_month
    from placed
),

fiscal as (
    select
        monthly.*,
        cast(floor((monthly.fiscal_month - 1) / 3.0) + 1 as integer) as fiscal_quarter,
        cast(
            {{ dbt.dateadd('month', '-mod(monthly.fiscal_month - 1, 3)', 'monthly.fiscal_month_start') }} as date
        ) as fiscal_quarter_start
    from monthly
)
{%- endif %}

select
    fiscal.date_day as date_day,
    fiscal.iso_week_start as iso_week_start,
    cast(extract(year from fiscal.iso_week_start + 3) as integer) as iso_year,
    cast(
        floor((fiscal.iso_week_start + 3 - {{ period_start('year', 'fiscal.iso_week_start + 3') }}) / 7.0) + 1 as integer
    ) as iso_week,
    {{ period_start('month', 'fiscal.date_day') }} as month_start,
    {{ period_start('quarter', 'fiscal.date_day') }} as quarter_start,
    {{ period_start('year', 'fiscal.date_day') }} as year_start,
    fiscal.fiscal_year as fiscal_year,
    fiscal.fiscal_quarter as fiscal_quarter,
    fiscal.fiscal_month as fiscal_month,
    fiscal.fiscal_week_year as fiscal_week_year,
    fiscal.fiscal_week as fiscal_week,
    fiscal.fiscal_year_start as fiscal_year_start,
    cast(fiscal.fiscal_year_end - 1 as date) as fiscal_year_end,
    fiscal.fiscal_quarter_start as fiscal_quarter_start,
    fiscal.fiscal_month_start as fiscal_month_start,
    fiscal.fiscal_week_start as fiscal_week_start
from fiscal
