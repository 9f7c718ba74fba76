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


{# The streams ('platform.stream') whose rows a model reads through views: no other's loads can be those of its rows. #}
{% macro streams_below(model_name) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set streams = [] -%}
    {%- set waiting = ['model.' ~ project_name ~ '.' ~ model_name] -%}
    {%- for id in waiting -%}
        {%- for read in graph.nodes[id].depends_on.nodes -%}
            {%- if read in graph.sources -%}
                {%- do streams.append(graph.sources[read].name | replace('__', '.')) -%}
            {%- elif read not in waiting -%}
                {%- do waiting.append(read) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(streams | unique | sort) }}
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


{#
    Whether a day lies within the bounds of a list of periods of a grain (subquery with `period_start`). Beside a condition that looks
    for it in the list: the bounds are known before any row is read, so they reach indexes and the tables below views and sums, which a
    list does not.
#}
{% macro within_touched(column, starts, grain='day') -%}
    {{ column }} between (select min(first_touched.period_start) from ({{ starts }}) as first_touched)
        and {{ period_end(grain, '(select max(last_touched.period_start) from (' ~ starts ~ ') as last_touched)') }}
{%- endmacro %}


{# Rows of marts.measures_<source> whose period holds a touched day of the source. #}
{% macro touched_periods_condition(source) -%}
    {{ return(touched_grains_condition(kpi_grains(), [source])) }}
{%- endmacro %}


{#
    Days of the rows that a fact should have and hasn't, or has and shouldn't, by its key and `signature` (facts(), compared_by); every
    day of it where the project's settings changed. `fact` is the fact as the last build left it, or none.
#}
{% macro differing_days(source, rows, fact) -%}
    {%- set key = facts()[source].compared_by -%}
    select
            current_rows.account_id as account_id,
            current_rows.date_day as date_day
        from {{ rows }} as current_rows
        {%- if fact is not none %}
        left outer join {{ fact }} as earlier_rows on current_rows.{{ key }} = earlier_rows.{{ key }}
        where earlier_rows.signature is null or earlier_rows.signature <> current_rows.signature

        union all

        select
            earlier_rows.account_id as account_id,
            earlier_rows.date_day as date_day
        from {{ fact }} as earlier_rows
        left outer join {{ rows }} as current_rows on earlier_rows.{{ key }} = current_rows.{{ key }}
        where
            current_rows.signature is null
            or earlier_rows.signature <> current_rows.signature
            or exists (
                select 1
                from {{ ref('int_state_changed') }} as state_changed
                where state_changed.state_kind = 'settings' and state_changed.source = '{{ source }}'
            )
        {%- endif %}
{%- endmacro %}


{# Models beside the tables of measures that replace what touched days hold: the list of these days may go only after them. #}
{% macro models_of_touched_days() -%}
    {{ return([
        'int_ad_names_latest', 'ad_target_months', 'ad_waste', 'ad_sku_months', 'ad_margins', 'ad_health_inputs',
        'skus_seen', 'stock_value_days',
    ]) }}
{%- endmacro %}
