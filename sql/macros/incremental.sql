{#
    What a build has to compute again. A load is new until a whole build has dealt with it (marts.processed_loads), and so is a
    change of a unit cost, an assignment or an account (marts.processed_state); both are written last. Nothing is judged by
    clocks: a load that commits late is simply still new. `--full-refresh` deletes and computes everything, in place.
#}

{% macro is_rebuild() -%}
    {{ return(flags.FULL_REFRESH or not is_incremental()) }}
{%- endmacro %}


{# A relation of an earlier build, or none; for what a ref would make circular. #}
{% macro earlier_relation(identifier) -%}
    {%- if not execute or flags.FULL_REFRESH -%}{{ return(none) }}{%- endif -%}
    {{ return(adapter.get_relation(database=target.database, schema=generate_schema_name('marts', none), identifier=identifier)) }}
{%- endmacro %}


{# Pre-hook of a fact or of a table of measures: in the model's own transaction, so no reader sees the gap. #}
{% macro delete_touched(condition) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {% if flags.FULL_REFRESH %}true{% else %}{{ condition }}{% endif %}
    {%- else -%}
        select 1 as nothing_to_delete
    {%- endif -%}
{%- endmacro %}


{# (account, day) pairs of a source to compute again. #}
{% macro touched_days(source) -%}
    (
        select
            days_touched.account_id,
            days_touched.date_day
        from {{ ref('int_days_touched') }} as days_touched
        where days_touched.source = '{{ source }}'
    )
{%- endmacro %}


{% macro touched_days_condition(source) -%}
    {{ return('(account_id, date_day) in ' ~ touched_days(source)) }}
{%- endmacro %}


{# Rows of marts.measures_<source> whose period holds a touched day of the source. #}
{% macro touched_periods_condition(source) -%}
    {%- set conditions = [] -%}
    {%- for grain in kpi_grains() -%}
        {%- do conditions.append(
            "(grain = '" ~ grain ~ "' and period_start in (select " ~ period_start(grain, 'days_touched.date_day')
            ~ ' from ' ~ ref('int_days_touched') ~ " as days_touched where days_touched.source = '" ~ source ~ "'))"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}
