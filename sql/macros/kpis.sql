{#
    The KPIs, read from dbt's own metrics: a metric with config.meta.kpi is a KPI, one with config.meta.kpi_input feeds another.
    Everything that shows or computes a KPI loops over kpi_definitions(), so a KPI is defined once, in models/kpis/.
#}

{% macro kpi_required_keys() -%}
    {{ return([
        'name_zh', 'description_zh', 'formula_en', 'formula_zh', 'domain', 'stage', 'unit', 'direction', 'drivers', 'counter_kpis',
        'source', 'days_until_settled', 'owner_role', 'entity_kinds', 'display_order', 'number_format',
    ]) }}
{%- endmacro %}


{% macro kpi_error(kpi_id, message) -%}
    {{ exceptions.raise_compiler_error("KPI '" ~ kpi_id ~ "': " ~ message ~ ' Nothing was built from it; see sql/README.md, "Add a KPI".') }}
{%- endmacro %}


{% macro check_kpi(kpi_id, metric, kpi, known_ids) -%}
    {%- for key in kpi_required_keys() if kpi.get(key) is none -%}
        {%- do kpi_error(kpi_id, "config.meta.kpi lacks '" ~ key ~ "'.") -%}
    {%- endfor -%}
    {%- if not metric.label or not metric.description -%}
        {%- do kpi_error(kpi_id, 'the metric needs a label and a description.') -%}
    {%- endif -%}
    {%- for other in kpi.drivers + kpi.counter_kpis if other not in known_ids -%}
        {%- do kpi_error(kpi_id, "names the unknown KPI '" ~ other ~ "' as a driver or counter KPI.") -%}
    {%- endfor -%}
    {%- if kpi.unit not in ['money', 'count', 'ratio', 'days', 'score', 'rank'] -%}
        {%- do kpi_error(kpi_id, "has the unknown unit '" ~ kpi.unit ~ "' (money, count, ratio, days, score or rank).") -%}
    {%- endif -%}
    {%- if kpi.direction not in ['higher', 'lower'] -%}
        {%- do kpi_error(kpi_id, "has the unknown direction '" ~ kpi.direction ~ "' (higher or lower).") -%}
    {%- endif -%}
    {%- for kind in kpi.entity_kinds if kind not in entity_kinds() -%}
        {%- do kpi_error(kpi_id, "names the unknown entity kind '" ~ kind ~ "'.") -%}
    {%- endfor -%}
    {%- for source in kpi.source.split(',') if source not in kpi_coverage_columns() -%}
        {%- do kpi_error(kpi_id, "names the unknown source '" ~ source ~ "'.") -%}
    {%- endfor -%}
{%- endmacro %}


{# A source's name in the catalogue, and the column of entity_coverage with the last day it covers (none: it has no days). #}
{% macro kpi_coverage_columns() -%}
    {{ return({
        'orders': 'orders_through',
        'sales_and_traffic': 'traffic_through',
        'sp_campaigns': 'ads_through',
        'unit_costs': none,
    }) }}
{%- endmacro %}


{#
    SQL of a metric over a row of entity_measures, and the measures it reads: {'sql': ..., 'inputs': [...]}.
    A simple metric is its measure's column; a derived one its expression, with the metrics it names put in.
#}
{% macro metric_sql(metrics_by_name, name, rows) -%}
    {%- set metric = metrics_by_name[name] -%}
    {%- if metric.type == 'simple' -%}
        {%- set measure = metric.type_params.measure.name -%}
        {{ return({'sql': rows ~ '.' ~ measure, 'inputs': [measure]}) }}
    {%- elif metric.type == 'derived' -%}
        {%- set state = namespace(sql=metric.type_params.expr, inputs=[]) -%}
        {%- for input in metric.type_params.metrics -%}
            {%- set inner = metric_sql(metrics_by_name, input.name, rows) -%}
            {%- set state.sql = modules.re.sub('(?<![.\\w])' ~ (input.alias or input.name) ~ '(?!\\w)', inner.sql, state.sql) -%}
            {%- set state.inputs = state.inputs + inner.inputs -%}
        {%- endfor -%}
        {{ return({'sql': '(' ~ state.sql ~ ')', 'inputs': state.inputs}) }}
    {%- else -%}
        {%- do kpi_error(name, "is of type '" ~ metric.type ~ "', which cannot be put into a ratio or an expression.") -%}
    {%- endif -%}
{%- endmacro %}


{# All KPIs, checked and in display order. `rows` is the alias of entity_measures in the SQL they give. #}
{% macro kpi_definitions(rows='measures') -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set metrics_by_name = {} -%}
    {%- for metric in graph.metrics.values() -%}
        {%- do metrics_by_name.update({metric.name: metric}) -%}
    {%- endfor -%}
    {%- set known_ids = [] -%}
    {%- for name, metric in metrics_by_name.items() -%}
        {%- set meta = metric.config.get('meta') or metric.meta or {} -%}
        {%- if meta.get('kpi') -%}
            {%- do known_ids.append(name) -%}
        {%- elif not meta.get('kpi_input') -%}
            {%- do kpi_error(name, 'the metric has neither config.meta.kpi (a KPI) nor config.meta.kpi_input (an input of one).') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set definitions = [] -%}
    {%- for kpi_id in known_ids -%}
        {%- set metric = metrics_by_name[kpi_id] -%}
        {%- set kpi = (metric.config.get('meta') or metric.meta)['kpi'] -%}
        {%- do check_kpi(kpi_id, metric, kpi, known_ids) -%}
        {%- set is_ratio = metric.type == 'ratio' -%}
        {%- if is_ratio -%}
            {%- set numerator_name = metric.type_params.numerator.name -%}
            {%- set denominator_name = metric.type_params.denominator.name -%}
            {%- set denominator = metric_sql(metrics_by_name, denominator_name, rows) -%}
        {%- else -%}
            {%- set numerator_name = kpi_id -%}
            {%- set denominator_name = none -%}
            {%- set denominator = {'sql': 'cast(null as numeric)', 'inputs': []} -%}
        {%- endif -%}
        {%- set numerator = metric_sql(metrics_by_name, numerator_name, rows) -%}
        {%- set coverage = [] -%}
        {%- for source in kpi.source.split(',') if kpi_coverage_columns()[source] -%}
            {%- do coverage.append(kpi_coverage_columns()[source]) -%}
        {%- endfor -%}
        {%- do definitions.append({
            'id': kpi_id,
            'label': metric.label,
            'description': metric.description,
            'is_ratio': is_ratio,
            'is_additive': not is_ratio,
            'numerator_name': numerator_name,
            'denominator_name': denominator_name,
            'numerator': numerator.sql,
            'denominator': denominator.sql,
            'inputs': (numerator.inputs + denominator.inputs) | unique | list,
            'coverage_columns': coverage,
            'kpi': kpi,
            'display_order': kpi.display_order,
        }) -%}
    {%- endfor -%}
    {{ return(definitions | sort(attribute='display_order')) }}
{%- endmacro %}


{# numerator over denominator as numeric, null where the denominator is zero or a part is missing. #}
{% macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0) as numeric)
{%- endmacro %}


{# The last day that all of a KPI's sources cover, from a row of entity_coverage. #}
{% macro kpi_coverage(definition, rows) -%}
    {%- if definition.coverage_columns | length == 1 -%}
        {{ rows }}.{{ definition.coverage_columns[0] }}
    {%- else -%}
        case when {{ rows }}.{{ definition.coverage_columns[0] }} <= {{ rows }}.{{ definition.coverage_columns[1] }} then {{ rows }}.{{ definition.coverage_columns[0] }} else {{ rows }}.{{ definition.coverage_columns[1] }} end
    {%- endif -%}
{%- endmacro %}


{# A text literal. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}cast(null as {{ dbt.type_string() }})
    {%- else -%}'{{ value | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
