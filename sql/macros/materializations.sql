{#
    Views and tables are replaced in place: `create or replace`, or delete and insert in one transaction.
    dbt's own way renames a new relation into the old one's place and drops the old one with everything that hangs on it;
    a view that somebody built on the contract would be gone after every build, and ours between two steps of one.
    Where the columns changed, dbt's way is the only one and is taken.
    What would only be made again as it is, is left (macros/unchanged.sql). `--full-refresh` leaves nothing.
#}

{% macro has_same_columns(existing_relation, sql) -%}
    {%- set existing = [] -%}
    {%- for column in adapter.get_columns_in_relation(existing_relation) -%}
        {%- do existing.append([column.name | lower, column.data_type]) -%}
    {%- endfor -%}
    {%- set wanted = [] -%}
    {%- for column in get_column_schema_from_query(sql) -%}
        {%- do wanted.append(column.name | lower) -%}
    {%- endfor -%}
    {{ return((existing | map(attribute=0) | list) == wanted) }}
{%- endmacro %}


{% materialization view, adapter='postgres' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set known = known_relation(target_relation, sql) -%}
    {%- if known.is_as_built -%}{{ return(left_as_it_is(target_relation, sql)) }}{%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing_relation is not none and existing_relation.is_view and not has_same_columns(existing_relation, sql) -%}
        {{ log(this ~ ' has other columns than before: it is dropped and made anew', info=True) }}
        {%- do drop_relation_if_exists(existing_relation) -%}
    {%- elif existing_relation is not none and not existing_relation.is_view -%}
        {%- do drop_relation_if_exists(existing_relation) -%}
    {%- endif -%}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(target_relation, sql) | replace('create view', 'create or replace view', 1) }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do note_built(target_relation, known, sql) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Rows that a table has already are not written again, as long as all of them are the same. #}
{% materialization table, adapter='postgres' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set known = known_relation(target_relation, sql, by_inputs=true) -%}
    {%- if known.is_as_built -%}{{ return(left_as_it_is(target_relation, sql)) }}{%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set state = namespace(is_same=false) -%}
    {%- if existing_relation is not none and existing_relation.is_table and has_same_columns(existing_relation, sql) -%}
        {%- set columns = adapter.get_columns_in_relation(existing_relation) | map(attribute='quoted') | join(', ') -%}
        {%- set new_rows = make_temp_relation(target_relation) -%}
        {% call statement('new_rows') -%}{{ get_create_table_as_sql(True, new_rows, sql) }}{%- endcall %}
        {%- set state.is_same = not flags.FULL_REFRESH and holds_just(target_relation, new_rows, columns) -%}
        {% call statement('main') -%}
            {%- if state.is_same %}
            drop table {{ new_rows }}
            {%- else %}
            delete from {{ target_relation }};
            insert into {{ target_relation }} ({{ columns }})
            select {{ columns }}
            from {{ new_rows }};
            drop table {{ new_rows }}
            {%- endif %}
        {%- endcall %}
    {%- else -%}
        {%- if existing_relation is not none -%}
            {%- do drop_relation_if_exists(existing_relation) -%}
        {%- endif -%}
        {% call statement('main') -%}
            {{ get_create_table_as_sql(False, target_relation, sql) }}
        {%- endcall %}
        {% do create_indexes(target_relation) %}
    {%- endif -%}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do note_built(target_relation, known, sql, state.is_same) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Whether two relations hold the same rows, each as often. #}
{% macro holds_just(relation, other, columns) -%}
    {%- set found = run_query(
        'select not exists (select ' ~ columns ~ ' from ' ~ relation ~ ' except all select ' ~ columns ~ ' from ' ~ other
        ~ ') and not exists (select ' ~ columns ~ ' from ' ~ other ~ ' except all select ' ~ columns ~ ' from ' ~ relation ~ ') as is_same'
    ) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}


{# dbt's own, where a day of the model is touched. #}
{% materialization incremental, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set known = known_relation(target_relation, sql) -%}
    {%- if known.is_as_built and is_untouched(model.name) -%}{{ return(left_as_it_is(target_relation, sql)) }}{%- endif -%}

    {% do note_begun(target_relation, sql) %}
    {%- set made = dbt.materialization_incremental_default() -%}
    {% do note_built(target_relation, known, sql, is_same=true) %}
    {{ adapter.commit() }}
    {{ return(made) }}
{% endmaterialization %}


{# dbt's own, which drops a seed with all that hangs on it, where the file or the types of its columns changed. #}
{% materialization seed, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set file = model.checksum.checksum ~ ' ' ~ config.get('column_types', {}) -%}
    {%- set known = known_relation(target_relation, file) -%}
    {%- if known.is_as_built -%}
        {%- do store_result('agate_table', response='UNCHANGED', agate_table=load_agate_table()) -%}
        {{ return(left_as_it_is(target_relation, file)) }}
    {%- endif -%}

    {% do note_begun(target_relation, file) %}
    {%- set made = dbt.materialization_seed_default() -%}
    {% do note_built(target_relation, known, file, is_same=true) %}
    {{ adapter.commit() }}
    {{ return(made) }}
{% endmaterialization %}
