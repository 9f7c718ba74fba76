{#
    The figures that targets are held against, for kpi_status. KPIs that read the same tables share a branch, so that each target looks
    into these tables only, by their keys.
#}
{% macro kpi_definitions_by_tables() -%}
    {%- set branches = {} -%}
    {%- for definition in kpi_definitions('measures') -%}
        {%- set key = definition.relation or definition.sources | sort | join(',') -%}
        {%- do branches.update({key: branches.get(key, []) + [definition]}) -%}
    {%- endfor -%}
    {{ return(branches.values() | list) }}
{%- endmacro %}


{# One branch: numerator, denominator and value of each target of these KPIs, and how far its sources reach. #}
{% macro target_figures(definitions) -%}
    {%- set joined = definitions[0] %}
    select
        targets.kpi_id as kpi_id,
        targets.entity_id as entity_id,
        targets.grain as grain,
        targets.period_start as period_start,
        {%- if joined.relation %}
        measures.currency as measured_currency,
        measures.numerator as numerator,
        measures.denominator as denominator,
        measures.value as value,
        {%- else %}
        coalesce({% for source in joined.sources %}measures_{{ source }}.currency{% if not loop.last %}, {% endif %}{% endfor %}) as measured_currency,
        case targets.kpi_id
            {%- for definition in definitions %}
            when '{{ definition.id }}' then {{ kpi_columns_by_source(definition.numerator) }}
            {%- endfor %}
        end as numerator,
        {%- if definitions | selectattr('is_ratio') | list %}
        case targets.kpi_id
            {%- for definition in definitions | selectattr('is_ratio') %}
            when '{{ definition.id }}' then {{ kpi_columns_by_source(definition.denominator) }}
            {%- endfor %}
        end as denominator,
        {%- else %}
        cast(null as numeric) as denominator,
        {%- endif %}
        cast(null as numeric) as value,
        {%- endif %}
        case targets.kpi_id
            {%- for definition in definitions %}
            when '{{ definition.id }}' then {{ kpi_coverage(definition, 'coverage') }}
            {%- endfor %}
        end as source_through
    from targets
    {%- if joined.relation %}
    left outer join {{ ref(joined.relation) }} as measures
        on
            targets.entity_id = measures.entity_id
            and targets.grain = measures.grain
            and targets.period_start = measures.period_start
            and targets.has_kind
    {%- else %}
    {%- for source in joined.sources %}
    left outer join {{ ref('measures_' ~ source) }} as measures_{{ source }}
        on
            targets.entity_id = measures_{{ source }}.entity_id
            and targets.grain = measures_{{ source }}.grain
            and targets.period_start = measures_{{ source }}.period_start
            and targets.has_kind
    {%- endfor %}
    {%- endif %}
    left outer join {{ ref('entity_coverage') }} as coverage on targets.entity_id = coverage.entity_id
    where targets.kpi_id in ('{{ definitions | map(attribute='id') | join("', '") }}')
{%- endmacro %}


{# An expression over rows of `measures`, where each source's table is joined under its own name. #}
{% macro kpi_columns_by_source(expression) -%}
    {%- set state = namespace(sql=expression) -%}
    {%- for measure, source in sources_of_measures().items() if 'measures.' ~ measure in expression -%}
        {%- set state.sql = modules.re.sub('measures\\.' ~ measure ~ '(?!\\w)', 'measures_' ~ source ~ '.' ~ measure, state.sql) -%}
    {%- endfor -%}
    {%- for source in facts() -%}
        {%- set state.sql = state.sql | replace('measures.unconverted_rows_' ~ source ~ ',', 'measures_' ~ source ~ '.unconverted_rows,') -%}
    {%- endfor -%}
    {%- for name in ['grain', 'period_start'] -%}
        {%- set state.sql = state.sql | replace('measures.' ~ name, 'targets.' ~ name) -%}
    {%- endfor -%}
    {{ return(state.sql) }}
{%- endmacro %}
