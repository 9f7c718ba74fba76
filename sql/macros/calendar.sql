{# Grains, their periods and marketplace days. A week is ISO: it starts on Monday. #}

{% macro kpi_grains() -%}
    {{ return(['day', 'week', 'month', 'quarter', 'year']) }}
{%- endmacro %}


{# The marketplace's own calendar day of an instant. Across a change of the clocks the day has 23 or 25 hours and stays one day. #}
{% macro marketplace_day(instant, time_zone) -%}
    cast({{ instant }} at time zone {{ time_zone }} as date)
{%- endmacro %}


{# The same in the time zone of the account that is joined as `accounts`, also where no load has described it yet. #}
{% macro account_day(instant) -%}
    {{ marketplace_day(instant, "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }}
{%- endmacro %}


{% macro period_start(grain, day) -%}
    {%- if grain == 'day' -%}cast({{ day }} as date)
    {%- else -%}cast({{ dbt.date_trunc(grain, day) }} as date)
    {%- endif -%}
{%- endmacro %}


{# The last day, inclusive, of the period that starts on `start`. #}
{% macro period_end(grain, start) -%}
    {%- if grain == 'day' -%}cast({{ start }} as date)
    {%- elif grain == 'quarter' -%}cast({{ start }} + interval '3 months' - interval '1 day' as date)
    {%- else -%}cast({{ start }} + interval '1 {{ grain }}' - interval '1 day' as date)
    {%- endif -%}
{%- endmacro %}


{# The same where the grain is a column. #}
{% macro period_end_of(grain_column, start) -%}
    case {{ grain_column }}
        {%- for grain in kpi_grains() %}
            when '{{ grain }}' then {{ period_end(grain, start) }}
        {%- endfor %}
    end
{%- endmacro %}


{# The build's clock: now, or var as_of (an instant) in tests. #}
{% macro build_instant() -%}
    {%- if var('as_of') -%}cast('{{ var("as_of") }}' as timestamp with time zone)
    {%- else -%}current_timestamp
    {%- endif -%}
{%- endmacro %}


{# An instant some hours later. #}
{% macro hours_after(instant, hours) -%}
    {{ instant }} + interval '{{ hours }} hours'
{%- endmacro %}


{# The instant at which a marketplace day begins. #}
{% macro day_start(day, time_zone) -%}
    cast({{ day }} as timestamp) at time zone {{ time_zone }}
{%- endmacro %}


{# The last marketplace day of a stretch that ends at an instant, which it doesn't hold itself. #}
{% macro last_day_before(instant, time_zone) -%}
    {{ marketplace_day('(' ~ instant ~ " - interval '1 microsecond')", time_zone) }}
{%- endmacro %}


{#
    A date's month as text, 2026-11: what dashboards filter by. Made of whole numbers, since PostgreSQL may index only what hangs on no setting,
    as a date's text does.
#}
{% macro month_text(day) -%}
    cast(extract(year from {{ day }}) as {{ dbt.type_string() }}) || '-' || lpad(cast(extract(month from {{ day }}) as {{ dbt.type_string() }}), 2, '0')
{%- endmacro %}


{# An index of a relation of periods on the month that they begin in, made where it is absent; it gives the planner the months' shares, too. #}
{% macro index_months(relation, columns) -%}
    create index if not exists month_of_{{ relation.identifier }} on {{ relation }} ({{ columns | join(', ') }}, ({{ month_text('period_start') }}))
{%- endmacro %}


{# The same of days on the month of the same weekday a year later, which they are compared with. #}
{% macro index_months_of_year_after(relation) -%}
    create index if not exists year_after_of_{{ relation.identifier }} on {{ relation }} (entity_kind, ({{ month_text('period_start + 364') }}))
    where grain = 'day'
{%- endmacro %}
