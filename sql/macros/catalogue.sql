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


{# Rows that this transaction changed are not in the server's counters yet; they are counted apart. #}
{% macro postgres__analyze_changed(relation) -%}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set found = run_query(
        "select relations.reltuples < 0 or coalesce(pg_stat_get_mod_since_analyze(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_inserted(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_updated(relations.oid), 0)"
        ~ " + coalesce(pg_stat_get_xact_tuples_deleted(relations.oid), 0) > 0.1 * relations.reltuples as is_stale"
        ~ " from pg_catalog.pg_class as relations where relations.oid = " ~ regclass(relation.include(database=False))
    ) -%}
    {%- if found.rows and not found.rows[0][0] -%}{{ return('') }}{%- endif -%}
    {{ return('analyze ' ~ relation) }}
{%- endmacro %}


{# SQL of a text that differs when the relation was made anew, by whomever. #}
{% macro relation_stamp(relation) -%}
    {{ return(adapter.dispatch('relation_stamp')(relation)) }}
{%- endmacro %}


{# A view's is the row that holds its definition, which `create or replace` writes anew. #}
{% macro postgres__relation_stamp(relation) -%}
    {%- set found = regclass(relation.include(database=False)) -%}
    {%- if relation.type == 'view' -%}
        {{ return(
            "(select rules.oid || ' ' || rules.xmin from pg_catalog.pg_rewrite as rules where rules.ev_class = " ~ found
            ~ " and rules.rulename = '_RETURN')"
        ) }}
    {%- endif -%}
    {{ return('cast(cast(' ~ found ~ ' as oid) as text)') }}
{%- endmacro %}


{# SQL of a text that differs when one of the relations has other columns, or is another one of the same name. #}
{% macro columns_stamp(names) -%}
    {{ return(adapter.dispatch('columns_stamp')(names)) }}
{%- endmacro %}


{% macro postgres__columns_stamp(names) -%}
    {%- set found = [] -%}
    {%- for name in names -%}{%- do found.append(regclass(name)) -%}{%- endfor -%}
    {%- if not found -%}{{ return("''") }}{%- endif -%}
    {{ return(
        "coalesce((select md5(string_agg(attributes.attrelid || ' ' || attributes.attname || ' ' || attributes.atttypid, ','"
        ~ ' order by attributes.attrelid, attributes.attnum)) from pg_catalog.pg_attribute as attributes'
        ~ ' where attributes.attnum > 0 and not attributes.attisdropped and attributes.attrelid in (' ~ found | join(', ') ~ "))"
        ~ ", '')"
    ) }}
{%- endmacro %}


{# The relation of a name that may be unknown. #}
{% macro regclass(name) -%}
    {{ return("to_regclass('" ~ (name | string | replace("'", "''")) ~ "')") }}
{%- endmacro %}


{# SQL of a version that no other transaction gives. #}
{% macro new_version() -%}
    {{ return(adapter.dispatch('new_version')()) }}
{%- endmacro %}


{% macro postgres__new_version() -%}
    {{ return('cast(pg_current_xact_id() as text)') }}
{%- endmacro %}


{#
    SQL of a text that differs when the rows of relations of ours or of raw tables do (macros/unchanged.sql); null where one of ours reads the
    clock or was never built.
#}
{% macro rows_version(names, raw) -%}
    {{ return(adapter.dispatch('rows_version')(names, raw)) }}
{%- endmacro %}


{% macro postgres__rows_version(names, raw) -%}
    {%- set parts = [] -%}
    {%- if names -%}
        {%- do parts.append(
            "(select case when count(*) = " ~ names | length ~ " and not bool_or(inputs.reads_clock) then md5(string_agg("
            ~ "inputs.relation_name || ' ' || inputs.version, ',' order by inputs.relation_name)) end from " ~ built_relations()
            ~ " as inputs where inputs.relation_name in ('" ~ names | join("', '") ~ "'))"
        ) -%}
    {%- endif -%}
    {%- set streams = [] -%}
    {%- for table in raw -%}
        {%- if table in ['accounts', 'streams'] -%}
            {%- do parts.append(
                "(select coalesce(md5(string_agg(cast(small as text), ',' order by cast(small as text))), '') from raw." ~ table ~ " as small)"
            ) -%}
        {%- else -%}
            {%- set counted = regclass('raw.' ~ table) -%}
            {%- do parts.append(
                "coalesce(pg_stat_get_tuples_inserted(" ~ counted ~ ") + pg_stat_get_tuples_updated(" ~ counted
                ~ ") + pg_stat_get_tuples_deleted(" ~ counted ~ "), 0)"
            ) -%}
            {%- if '__' in table -%}{%- do streams.append(table | replace('__', '.')) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if streams -%}
        {%- do parts.append(
            "(select count(*) || ' ' || coalesce(max(ledger.finished_at), max(ledger.started_at), 'epoch') from raw.load_ledger as ledger"
            ~ " where ledger.platform || '.' || ledger.stream in ('" ~ streams | join("', '") ~ "'))"
        ) -%}
    {%- endif -%}
    {%- if 'load_ledger' in raw -%}
        {%- do parts.append(
            "(select count(*) || ' ' || coalesce(max(ledger.finished_at), max(ledger.started_at), 'epoch') from raw.load_ledger as ledger)"
        ) -%}
    {%- endif -%}
    {{ return("(" ~ (parts | join(" || ' ' || ") or "''") ~ ")") }}
{%- endmacro %}
