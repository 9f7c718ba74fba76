{# Pieces of the stock models. #}

{# A number of days from the project's vars. #}
{% macro days_setting(name) -%}
    {{ return(var(name) | int) }}
{%- endmacro %}


{# Days since 1970, so that a window can be stated in days on every engine. #}
{% macro day_number(day) -%}
    {{ dbt.datediff("cast('1970-01-01' as date)", day, 'day') }}
{%- endmacro %}


{# The sum of a column where every row states it; null as soon as one doesn't: an unknown part makes the whole unknown. #}
{% macro whole_sum(column) -%}
    case when count({{ column }}) = count(*) then sum({{ column }}) end
{%- endmacro %}


{#
    What one unit of a currency is worth in another, by the day's rates of both into the reporting currency (macros/measures.sql
    converts rows in the same way); null without a rate.
#}
{% macro conversion(from_currency, to_currency, from_rate, to_rate) -%}
    case
            when {{ from_currency }} = {{ to_currency }} then 1
            when {{ to_currency }} = '{{ reporting_currency() }}' then {{ from_rate }}
            when {{ from_currency }} = '{{ reporting_currency() }}' then round(1 / nullif({{ to_rate }}, 0), 10)
            else round({{ from_rate }} / nullif({{ to_rate }}, 0), 10)
        end
{%- endmacro %}
