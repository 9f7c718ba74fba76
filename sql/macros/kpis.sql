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
    {%- do refuse_definitions(["KPI '" ~ kpi_id ~ "': " ~ message]) -%}
{%- endmacro %}


{% macro refuse_definitions(problems) -%}
    {{ exceptions.raise_compiler_error(problems | join('\n') ~ '\nNothing was built from it; see sql/README.md, "Add a KPI".') }}
{%- endmacro %}


{# What is wrong with a KPI's definition: a list of lines, empty where nothing is. #}
{% macro kpi_problems(kpi_id, metric, kpi, known_ids) -%}
    {%- set found = [] -%}
    {%- for key in kpi_required_keys() if kpi.get(key) is none -%}
        {%- do found.append("config.meta.kpi lacks '" ~ key ~ "'.") -%}
    {%- endfor -%}
    {%- if not metric.label or not metric.description -%}
        {%- do found.append('the metric needs a label and a description.') -%}
    {%- endif -%}
    {%- for other in (kpi.drivers or []) + (kpi.counter_kpis or []) if other not in known_ids -%}
        {%- do found.append("names the unknown KPI '" ~ other ~ "' as a driver or counter KPI.") -%}
    {%- endfor -%}
    {%- if kpi.unit and kpi.unit not in ['money', 'count', 'ratio', 'days', 'hours', 'score', 'rank'] -%}
        {%- do found.append("has the unknown unit '" ~ kpi.unit ~ "' (money, count, ratio, days, hours, score or rank).") -%}
    {%- endif -%}
    {%- if kpi.direction and kpi.direction not in ['higher', 'lower', 'band'] -%}
        {%- do found.append("has the unknown direction '" ~ kpi.direction ~ "' (higher, lower or band).") -%}
    {%- endif -%}
    {%- for kind in kpi.entity_kinds or [] if kind not in entity_kinds() -%}
        {%- do found.append("names the unknown entity kind '" ~ kind ~ "'.") -%}
    {%- endfor -%}
    {%- set lines = [] -%}
    {%- for message in found -%}
        {%- do lines.append("KPI '" ~ kpi_id ~ "': " ~ message) -%}
    {%- endfor -%}
    {{ return(lines) }}
{%- endmacro %}


{#
    SQL of a metric over a row of measures: {'sql': ..., 'inputs': [measures it reads]}. A simple metric is its measure's column; one
    with fill_nulls_with: 0 is zero where nothing happened in a period that its source covers, and no value where that isn't known (covered_zero);
    a derived one is its expression, with the metrics it names put in. `coverage` is the alias of entity_coverage.
#}
{% macro metric_sql(metrics_by_name, name, rows, measures) -%}
    {%- set metric = metrics_by_name[name] -%}
    {%- if metric.type == 'simple' -%}
        {%- set measure = metric.type_params.measure.name -%}
        {%- set column = rows ~ '.' ~ measure -%}
        {%- if measure not in measures -%}
            {%- do kpi_error(name, "reads the measure '" ~ measure ~ "', which belongs to no source: its semantic model needs `config: {meta: {source: ...}}` and a place in macros/facts.sql.") -%}
        {%- elif metric.type_params.measure.fill_nulls_with is not none and facts()[measures[measure].source].by != 'entity' -%}
            {%- set column = covered_zero(measures[measure].source, column, rows, measures[measure].is_money) -%}
        {%- endif -%}
        {{ return({'sql': column, 'inputs': [measure]}) }}
    {%- elif metric.type == 'derived' -%}
        {%- set state = namespace(sql=metric.type_params.expr, inputs=[]) -%}
        {%- set parts = [] -%}
        {%- for input in metric.type_params.metrics -%}
            {%- set inner = metric_sql(metrics_by_name, input.name, rows, measures) -%}
            {%- set mark = '@' ~ loop.index ~ '@' -%}
            {%- set state.sql = modules.re.sub('(?<![.\\w])' ~ (input.alias or input.name) ~ '(?!\\w)', mark, state.sql) -%}
            {%- do parts.append((mark, inner.sql)) -%}
            {%- set state.inputs = state.inputs + inner.inputs -%}
        {%- endfor -%}
        {%- for mark, sql in parts -%}
            {%- set state.sql = state.sql | replace(mark, sql) -%}
        {%- endfor -%}
        {{ return({'sql': '(' ~ state.sql ~ ')', 'inputs': state.inputs}) }}
    {%- else -%}
        {%- do kpi_error(name, "is of type '" ~ metric.type ~ "', which cannot be put into a ratio or an expression.") -%}
    {%- endif -%}
{%- endmacro %}


{#
    All KPIs, checked and in display order. `rows` is the alias of the measures in the SQL they give. `relation` names the model that
    computes a KPI which no expression of measures can give.
#}
{% macro kpi_definitions(rows='measures') -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set measures = measures_by_name() -%}
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
    {%- set problems = [] -%}
    {%- for kpi_id in known_ids -%}
        {%- set metric = metrics_by_name[kpi_id] -%}
        {%- do problems.extend(kpi_problems(kpi_id, metric, (metric.config.get('meta') or metric.meta)['kpi'], known_ids)) -%}
    {%- endfor -%}
    {%- if problems -%}{%- do refuse_definitions(problems) -%}{%- endif -%}
    {%- set definitions = [] -%}
    {%- for kpi_id in known_ids -%}
        {%- set metric = metrics_by_name[kpi_id] -%}
        {%- set kpi = (metric.config.get('meta') or metric.meta)['kpi'] -%}
        {%- set is_ratio = metric.type == 'ratio' -%}
        {%- set numerator_name = metric.type_params.numerator.name if is_ratio else kpi_id -%}
        {%- set denominator_name = metric.type_params.denominator.name if is_ratio else none -%}
        {%- if kpi.relation -%}
            {%- set numerator = {'sql': rows ~ '.numerator', 'inputs': []} -%}
            {%- set denominator = {'sql': rows ~ '.denominator', 'inputs': []} -%}
        {%- else -%}
            {%- set numerator = metric_sql(metrics_by_name, numerator_name, rows, measures) -%}
            {%- if is_ratio -%}
                {%- set denominator = metric_sql(metrics_by_name, denominator_name, rows, measures) -%}
            {%- else -%}
                {%- set denominator = {'sql': 'cast(null as numeric)', 'inputs': []} -%}
            {%- endif -%}
        {%- endif -%}
        {%- set inputs = (numerator.inputs + denominator.inputs) | unique | list -%}
        {%- set unconverted = [] -%}
        {%- for source in facts() if 'unconverted_rows_' ~ source ~ ',' in numerator.sql ~ denominator.sql -%}
            {%- do unconverted.append(source) -%}
        {%- endfor -%}
        {%- set read_sources = [] -%}
        {%- for source in facts() if source in (kpi.covered_by or []) -%}{%- do read_sources.append(source) -%}{%- endfor -%}
        {%- set input_sources = [] -%}
        {%- set additive = namespace(value=not is_ratio and not kpi.relation) -%}
        {%- for input in inputs -%}
            {%- do input_sources.append(measures[input].source) -%}
            {%- if measures[input].rollup != 'sum' -%}{%- set additive.value = false -%}{%- endif -%}
        {%- endfor -%}
        {%- do definitions.append({
            'id': kpi_id,
            'label': metric.label,
            'description': metric.description,
            'is_ratio': is_ratio,
            'is_additive': additive.value,
            'relation': kpi.relation,
            'numerator_name': numerator_name,
            'denominator_name': denominator_name,
            'numerator': numerator.sql,
            'denominator': denominator.sql,
            'value': rows ~ '.value' if kpi.relation else ratio(numerator.sql, denominator.sql) if is_ratio else numerator.sql,
            'has_rows': 'true' if not inputs else 'not (' ~ rows ~ '.' ~ inputs | join(' is null and ' ~ rows ~ '.') ~ ' is null)',
            'inputs': inputs,
            'unconverted': unconverted,
            'sources': input_sources | unique | list,
            'coverage_sources': read_sources or (input_sources | unique | list),
            'kpi': kpi,
            'display_order': kpi.display_order,
        }) -%}
    {%- endfor -%}
    {{ return(definitions | sort(attribute='display_order')) }}
{%- endmacro %}


{#
    A measure of events, or zero where a period that the source covers has none. The source must reach back to the period's start, or
    to the first day of sales within it; otherwise what is missing is unknown. Money that could not be converted is unknown too.
#}
{% macro covered_zero(source, column, rows, is_money) -%}
    case
        when
            coverage.{{ source }}_from
            <= case when coverage.sales_from > {{ rows }}.period_start then coverage.sales_from else {{ rows }}.period_start end
            and coverage.{{ source }}_through >= {{ rows }}.period_start
            {%- if is_money %}
            and coalesce({{ rows }}.unconverted_rows_{{ source }}, 0) = 0
            {%- endif %}
            then coalesce({{ column }}, 0)
    end
{%- endmacro %}


{# numerator over denominator as numeric, null where the denominator is zero or a part is missing. #}
{% macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0) as numeric)
{%- endmacro %}


{#
    The last day that all of a KPI's sources cover, from a row of entity_coverage; null if one covers nothing. What belongs to no
    account (plans, scores) holds until yesterday.
#}
{% macro kpi_coverage(definition, rows) -%}
    {%- set columns = [] -%}
    {%- for source in definition.coverage_sources if source in account_facts() -%}
        {%- do columns.append(rows ~ '.' ~ source ~ '_through') -%}
    {%- endfor -%}
    {%- if not columns -%}
        cast({{ marketplace_day(build_instant(), "'" ~ var('default_time_zone') ~ "'") }} - 1 as date)
    {%- elif columns | length == 1 -%}
        {{ columns[0] }}
    {%- else -%}
        case when {{ columns | join(' is not null and ') }} is not null then least({{ columns | join(', ') }}) end
    {%- endif -%}
{%- endmacro %}


{#
    The rows that a KPI is computed from, as a subquery or a relation: the one table of measures that it reads, or its tables stacked
    and added up by entity and period, so that a filter reaches each of them. Call it only where the tables are known dependencies.
#}
{% macro kpi_rows(definition) -%}
    {%- if definition.relation -%}
        {{ ref(definition.relation) }}
    {%- elif definition.sources | length == 1 and not definition.unconverted -%}
        {{ ref('measures_' ~ definition.sources[0]) }}
    {%- else -%}
        {%- set of_measures = sources_of_measures() -%}
        (
            select
                stacked.entity_kind as entity_kind,
                stacked.entity_id as entity_id,
                stacked.grain as grain,
                stacked.period_start as period_start,
                max(stacked.currency) as currency,
                {%- for source in definition.unconverted %}
                max(stacked.unconverted_rows_{{ source }}) as unconverted_rows_{{ source }},
                {%- endfor %}
                {%- for input in definition.inputs %}
                max(stacked.{{ input }}) as {{ input }}{% if not loop.last %},{% endif %}
                {%- endfor %}
            from (
                {%- for source in definition.sources %}
                select
                    part.entity_kind as entity_kind,
                    part.entity_id as entity_id,
                    part.grain as grain,
                    part.period_start as period_start,
                    part.currency as currency,
                    {%- for other in definition.unconverted %}
                    {% if other == source %}part.unconverted_rows{% else %}cast(null as bigint){% endif %} as unconverted_rows_{{ other }},
                    {%- endfor %}
                    {%- for input in definition.inputs %}
                    {% if of_measures[input] == source %}part.{{ input }}{% else %}cast(null as numeric){% endif %} as {{ input }}{% if not loop.last %},{% endif %}
                    {%- endfor %}
                from {{ ref('measures_' ~ source) }} as part
                {%- if not loop.last %}
                union all
                {%- endif %}
                {%- endfor %}
            ) as stacked
            group by stacked.entity_kind, stacked.entity_id, stacked.grain, stacked.period_start
        )
    {%- endif -%}
{%- endmacro %}


{# A text literal. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}cast(null as {{ dbt.type_string() }})
    {%- else -%}'{{ value | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
