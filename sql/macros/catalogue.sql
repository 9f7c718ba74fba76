{#
    What dbt asks of the database's catalogue, and statistics: the few places that hang on the warehouse's engine.
#}

{# dbt's own way reads information_schema, which checks privileges on every column of the database: 10 ms where this takes none. #}
{% macro postgres__get_columns_in_relation(relation) -%}
    {% call statement('get_columns_in_relation', fetch_result=True) %}
        select
            attributes.attname as column_name,
            format_type(attributes.atttypid, null) as data_type,
            information_schema._pg_char_max_length(attributes.atttypid, attributes.atttypmod) as character_maximum_length,
            information_schema._pg_numeric_precision(attributes.atttypid, attributes.atttypmod) as numeric_precision,
            information_schema._pg_numeric_scale(attributes.atttypid, attributes.atttypmod) as numeric_scale
        from pg_catalog.pg_attribute as attributes
        where
            attributes.attrelid = {{ regclass(relation.include(database=False)) }}
            and attributes.attnum > 0
            and not attributes.attisdropped
        order by attributes.attnum
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}


{# Post-hook: fresh statistics for the planner where a tenth of the rows changed since the last, or there are none. #}
{% macro analyze_changed(relation) -%}
    {{ return(adapter.dispatch('analyze_changed')(relation)) }}
{%- endmacro %}


{% macro default__analyze_changed(relation) -%}
    {{ return('analyze ' ~ relation) }}
{%- endmacro %}


{#
    Rows that this transaction changed are not in the server's counters yet; they are counted apart. An index of an expression that was just
    made has no figures for the planner either.
#}
{% macro postgres__analyze_changed(relation) -%}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set found = run_query(
        "select relations.reltuples < 0 or coalesce(pg_stat_get_mod_since_analyze(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_inserted(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_updated(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_deleted(relations.oid), 0) > 0.1 * relations.reltuples"
        ~ " or exists (select 1 from pg_catalog.pg_index as indexes"
        ~ " inner join pg_catalog.pg_class as names on indexes.indexrelid = names.oid"
        ~ " where indexes.indrelid = relations.oid and indexes.indexprs is not null and names.relname not in"
        ~ " (select statistics.tablename from pg_catalog.pg_stats as statistics where statistics.schemaname = '" ~ relation.schema ~ "')"
        ~ ") as is_stale"
        ~ " from pg_catalog.pg_class as relations where relations.oid = " ~ regclass(relation.include(database=False))
    ) -%}
    {%- if found.rows and not found.rows[0][0] -%}{{ return('') }}{%- endif -%}
    {{ return('analyze ' ~ relation) }}
{%- endmacro %}


{# The relation of a name that may be unknown. #}
{% macro regclass(name) -%}
    {{ return("to_regclass('" ~ (name | string | replace("'", "''")) ~ "')") }}
{%- endmacro %}
