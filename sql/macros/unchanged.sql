{#
    What a build may leave as it is, because it would only make the same again: a view or a seed of the same text, a table of which no
    input changed, an incremental model of which no day is touched (macros/materializations.sql).

    marts.built_relations has one row per relation of ours:
      made_of      the SQL (with what its contract says) or the seed's file, the columns of all that it reads, and for tables the versions
                   of all that they read
      stamp        of the relation itself, so that one that somebody else made anew isn't taken for ours
      version      another one whenever its rows changed (a view's: its SQL)
      reads_clock  whether its SQL asks what time it is

    A raw table's version goes by the ledger and by the server's own count of changed rows; the small ones that have no ledger, by their
    rows. Nothing is told of models that read what others write (the plugin's targets) or the clock: they are always made.
#}

{% macro create_built_relations() -%}
    create table if not exists marts.built_relations (
        relation_name text not null,
        made_of text not null,
        stamp text not null,
        version text not null,
        reads_clock boolean not null,
        primary key (relation_name)
    )
{%- endmacro %}


{% macro built_relations() -%}
    {{ return(generate_schema_name('marts', none) ~ '.built_relations') }}
{%- endmacro %}


{#
    {is_as_built, made_of}: whether the relation is there and a build before made it of just this; never in a full refresh. Asked before
    anything is read, so that what changes meanwhile counts as changed in the next build.
#}
{% macro known_relation(relation, text, by_inputs=false) -%}
    {%- set name = built_name(relation) -%}
    {%- set found = run_query(
        'select now_made.made_of as made_of, coalesce(built.made_of = now_made.made_of and built.stamp = ' ~ relation_stamp(relation)
        ~ ', false) as is_as_built from (select ' ~ made_of(text, by_inputs) ~ ' as made_of) as now_made left outer join '
        ~ built_relations() ~ " as built on built.relation_name = '" ~ name ~ "'"
    ).rows[0] -%}
    {{ return({'made_of': found[0] or 'unknown', 'is_as_built': found[1] and not flags.FULL_REFRESH}) }}
{%- endmacro %}


{# Remember it, in the transaction that made it; its version is a new one unless `is_same`. #}
{% macro note_built(relation, known, text, is_same=false) -%}
    {%- set name = built_name(relation) -%}
    {% call statement('note_built') -%}
        {%- if is_same %}
        update {{ built_relations() }}
        set made_of = '{{ known.made_of }}', stamp = coalesce({{ relation_stamp(relation) }}, '')
        where relation_name = '{{ name }}'
        {%- else %}
        delete from {{ built_relations() }} where relation_name = '{{ name }}';
        insert into {{ built_relations() }} (relation_name, made_of, stamp, version, reads_clock)
        select
            '{{ name }}' as relation_name,
            '{{ known.made_of }}' as made_of,
            coalesce({{ relation_stamp(relation) }}, '') as stamp,
            {{ new_version() }} as version,
            {{ build_instant() in text }} as reads_clock
        {%- endif %}
    {%- endcall %}
{%- endmacro %}


{#
    Before one of dbt's own materializations, which commits by itself: from now on the relation has another version, lest a reader miss the
    change where the build ends before it is noted.
#}
{% macro note_begun(relation, text) -%}
    {% do note_built(relation, {'made_of': 'begun'}, text) %}
    {{ adapter.commit() }}
{%- endmacro %}


{# What a materialization answers that did nothing. #}
{% macro left_as_it_is(relation, text) -%}
    {% call noop_statement('main', 'UNCHANGED') -%}{{ text }}{%- endcall %}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}


{% macro built_name(relation) -%}
    {{ return(relation.schema ~ '.' ~ relation.identifier) }}
{%- endmacro %}


{# SQL of a text that differs when the text, the contract, the columns of what is read or (by_inputs) its rows do; null: always. #}
{% macro made_of(text, by_inputs) -%}
    {%- set contract = config.get('contract') -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if contract and contract.enforced -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- set read = [] -%}
    {%- for id in model.depends_on.nodes -%}{%- do read.append(relation_of(id)) -%}{%- endfor -%}
    {%- set expression = "'" ~ local_md5(text ~ columns | join(', ')) ~ " ' || " ~ columns_stamp(read) -%}
    {%- if by_inputs -%}{%- set expression = expression ~ " || ' ' || " ~ inputs_version(text) -%}{%- endif -%}
    {{ return(expression) }}
{%- endmacro %}


{# 'schema.name' of a node or source of the graph. #}
{% macro relation_of(id) -%}
    {%- set node = graph.nodes[id] if id in graph.nodes else graph.sources[id] -%}
    {{ return(node.schema ~ '.' ~ (node.alias or node.identifier or node.name)) }}
{%- endmacro %}


{# What a node reads, through views: {relations: ids of models and seeds, the views too; sources: ids}. #}
{% macro read_below(id) -%}
    {%- set relations = [] -%}
    {%- set sources = [] -%}
    {%- set waiting = [id] -%}
    {%- for each in waiting -%}
        {%- for read in graph.nodes[each].depends_on.nodes -%}
            {%- if read in graph.sources -%}
                {%- if read not in sources -%}{%- do sources.append(read) -%}{%- endif -%}
            {%- elif read not in relations -%}
                {%- do relations.append(read) -%}
                {%- if graph.nodes[read].config.materialized == 'view' -%}{%- do waiting.append(read) -%}{%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return({'relations': relations, 'sources': sources}) }}
{%- endmacro %}


{# SQL of a text that differs when the rows of anything that the model reads do, those of earlier builds (earlier_relation) too; null: unknown. #}
{% macro inputs_version(text) -%}
    {%- set below = read_below(model.unique_id) -%}
    {%- set names = [] -%}
    {%- for id in below.relations -%}{%- do names.append(relation_of(id)) -%}{%- endfor -%}
    {%- for id in [model.unique_id] + below.relations if id.startswith('model.') -%}
        {%- if id == model.unique_id or graph.nodes[id].config.materialized == 'view' -%}
            {%- for name in modules.re.findall("earlier_relation\\('(\\w+)'\\)", graph.nodes[id].raw_code) -%}
                {%- do names.append(generate_schema_name('marts', none) ~ '.' ~ name) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set raw = [] -%}
    {%- for id in below.sources -%}
        {%- if graph.sources[id].source_name != 'raw' -%}{{ return('cast(null as text)') }}{%- endif -%}
        {%- do raw.append(graph.sources[id].name) -%}
    {%- endfor -%}
    {%- if build_instant() in text -%}{{ return('cast(null as text)') }}{%- endif -%}
    {{ return(rows_version(names | unique | list, raw)) }}
{%- endmacro %}
