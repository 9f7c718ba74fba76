{#
    Views and tables are replaced in place: `create or replace`, or delete and insert in one transaction.
    dbt's own way renames a new relation into the old one's place and drops the old one with everything that hangs on it;
    a view that somebody built on the contract would be gone after every build, and ours between two steps of one.
    Where the columns changed, dbt's way is the only one and is taken.
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
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% materialization table, adapter='postgres' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing_relation is not none and existing_relation.is_table and has_same_columns(existing_relation, sql) -%}
        {%- set columns = adapter.get_columns_in_relation(existing_relation) | map(attribute='quoted') | join(', ') -%}
        {% call statement('main') -%}
            delete from {{ target_relation }};
            insert into {{ target_relation }} ({{ columns }})
            select {{ columns }}
            from ({{ sql }}) as replacing_rows
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
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
