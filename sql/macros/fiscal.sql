{#
    The fiscal calendar, by vars: fiscal_pattern (gregorian, 4-4-5, 4-5-4, 5-4-4), fiscal_start_month (1..12), fiscal_week_start (1 Monday .. 7
    Sunday), fiscal_year_rule (where a year of whole weeks begins) and fiscal_year_named_by (start or end).
#}

{% macro fiscal_pattern() -%}
    {%- set pattern = var('fiscal_pattern') -%}
    {%- if pattern not in ['gregorian', '4-4-5', '4-5-4', '5-4-4'] -%}
        {%- do exceptions.raise_compiler_error("var fiscal_pattern is '" ~ pattern ~ "'; it must be gregorian, 4-4-5, 4-5-4 or 5-4-4.") -%}
    {%- endif -%}
    {{ return(pattern) }}
{%- endmacro %}


{# The weeks of a quarter's three months; none in the gregorian calendar. #}
{% macro fiscal_month_weeks() -%}
    {%- if fiscal_pattern() == 'gregorian' -%}{{ return([]) }}{%- endif -%}
    {{ return(fiscal_pattern().split('-') | map('int') | list) }}
{%- endmacro %}


{# First day of the fiscal year that belongs to a calendar year's start month. #}
{% macro fiscal_year_start(year) -%}
    {%- set month = var('fiscal_start_month') | int -%}
    {%- set week_start = var('fiscal_week_start') | int -%}
    {%- set rule = var('fiscal_year_rule') -%}
    {%- if not (1 <= month <= 12 and 1 <= week_start <= 7) or rule not in ['nearest', 'first', 'last_end'] -%}
        {%- do exceptions.raise_compiler_error('vars fiscal_start_month (1..12), fiscal_week_start (1..7) or fiscal_year_rule (nearest, first, last_end) are wrong.') -%}
    {%- endif -%}
    {%- set anchor = modules.datetime.date(year, month, 1) -%}
    {%- if fiscal_pattern() == 'gregorian' -%}{{ return(anchor) }}{%- endif -%}
    {%- set days_in = (anchor.isoweekday() - week_start) % 7 -%}
    {%- set begun = anchor - modules.datetime.timedelta(days=days_in) -%}
    {%- set is_later = days_in > 0 if rule == 'first' else days_in > 3 if rule == 'nearest' else false -%}
    {{ return(begun + modules.datetime.timedelta(days=7) if is_later else begun) }}
{%- endmacro %}


{# All fiscal years of dim_dates: name, first day, first day of the next one. #}
{% macro fiscal_years() -%}
    {%- set named_by_end = var('fiscal_year_named_by') == 'end' and var('fiscal_start_month') | int > 1 -%}
    {%- set years = [] -%}
    {%- for year in range(2013, 2043) -%}
        {%- do years.append({
            'name': year + 1 if named_by_end else year,
            'starts_on': fiscal_year_start(year),
            'ends_before': fiscal_year_start(year + 1),
        }) -%}
    {%- endfor -%}
    {{ return(years) }}
{%- endmacro %}


{# The first day of the week, of the fiscal calendar, that holds a day. #}
{% macro fiscal_week_start(day) -%}
    cast({{ day }} - mod(cast({{ day }} - {{ period_start('week', day) }} + 8 - {{ var('fiscal_week_start') | int }} as integer), 7) as date)
{%- endmacro %}
