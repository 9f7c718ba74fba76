{#
    The figures that targets are held against (marts.target_figures, for kpi_status). Of each table of measures, and of the relations of KPIs
    that have one, the row that a target's KPI reads is looked up by its key, and only where the KPI reads it: a target costs the rows that
    it needs, whatever else the warehouse holds, and the planner has no order of twenty joins to search for.
#}

{# Relations that are no table and no look-up by key: they are worked out as a whole, for all of their KPI's targets at once. #}
{% macro relations_without_key() -%}
    {{ return(['reconciliation_differences']) }}
{%- endmacro %}


{# What the figures come from: definitions of KPIs by how they are looked up, and of each source of measures the KPIs that read it. #}
{% macro figure_sources() -%}
    {%- set found = {'measured': [], 'related': [], 'joined': [], 'readers': {}} -%}
    {%- for definition in kpi_definitions('measures') -%}
        {%- set how = 'measured' if not definition.relation else 'joined' if definition.relation in relations_without_key() else 'related' -%}
        {%- do found[how].append(definition) -%}
        {%- for source in definition.sources if how == 'measured' -%}
            {%- do found.readers.update({source: found.readers.get(source, []) + [definition.id]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The row of a relation for a target, as one column of the relation's row type. #}
{% macro row_of_target(relation, kpi_ids) -%}
    case
            when targets.kpi_id in ('{{ kpi_ids | join("', '") }}')
                then (
                    select found
                    from {{ relation }} as found
                    where
                        found.entity_id = targets.entity_id
                        and found.grain = targets.grain
                        and found.period_start = targets.period_start
                )
        end
{%- endmacro %}


{# A target's own columns and what is known around it: its KPI, its calendar, its pace, the platform's limits, an entered value. #}
{% macro target_columns(rows) -%}
    {%- for name in target_column_names() %}
        {{ rows }}.{{ name }} as {{ name }},
    {%- endfor %}
{%- endmacro %}


{% macro target_column_names() -%}
    {{ return([
        'kpi_id', 'entity_kind', 'entity_id', 'grain', 'period_start', 'target_id', 'version', 'floor_value', 'target_value', 'stretch_value',
        'warn_limit', 'breach_limit', 'tolerance', 'weight', 'currency', 'owner',
    ]) }}
{%- endmacro %}


{% macro surrounding_columns() -%}
    {{ return({
        'period_end': 'date', 'unit': 'text', 'direction': 'text', 'is_additive': 'boolean', 'is_ratio': 'boolean',
        'days_until_settled': 'integer', 'has_kind': 'boolean', 'seasonal_share': 'numeric', 'seasonal_basis': 'text',
        'threshold_factor': 'numeric', 'lowest_limit': 'numeric', 'lowest_warn_limit': 'numeric', 'is_lowest_exclusive': 'boolean',
        'highest_limit': 'numeric', 'highest_warn_limit': 'numeric', 'is_highest_exclusive': 'boolean',
    }) }}
{%- endmacro %}


{# A part ('numerator', 'denominator') of each measured KPI, or how far the sources of any reach ('source_through'), by the KPI of `rows`. #}
{% macro figure_of_kpi(part, definitions, rows) -%}
    case {{ rows }}.kpi_id
            {%- for definition in definitions if part != 'denominator' or definition.is_ratio %}
            when '{{ definition.id }}'
                then {{ looked_up_columns(kpi_coverage(definition, 'coverage') if part == 'source_through' else definition[part], rows) }}
            {%- endfor %}
        end
{%- endmacro %}


{# An expression over rows of `measures` and `coverage`, where each source's row, and that of coverage, is a column of `rows`. #}
{% macro looked_up_columns(expression, rows) -%}
    {%- set state = namespace(sql=expression) -%}
    {%- for measure, source in sources_of_measures().items() if 'measures.' ~ measure in expression -%}
        {%- set state.sql = modules.re.sub('measures\\.' ~ measure ~ '(?!\\w)', '(' ~ rows ~ '.measures_' ~ source ~ ').' ~ measure, state.sql) -%}
    {%- endfor -%}
    {%- for source in facts() -%}
        {%- set state.sql = state.sql | replace('measures.unconverted_rows_' ~ source ~ ',', '(' ~ rows ~ '.measures_' ~ source ~ ').unconverted_rows,') -%}
    {%- endfor -%}
    {%- for name in ['grain', 'period_start'] -%}
        {%- set state.sql = state.sql | replace('measures.' ~ name, rows ~ '.' ~ name) -%}
    {%- endfor -%}
    {{ return(modules.re.sub('(?<![\\w.])coverage\\.', '(' ~ rows ~ '.coverage).', state.sql)) }}
{%- endmacro %}
