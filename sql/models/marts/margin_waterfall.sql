-- One row per entity, grain and period with sales, refunds, fees or ads: how net sales become contribution, line by line. What its source
-- doesn't cover is null, and so is what hangs on it. A view on the tables of measures: a filter on entity, grain or period reaches each.
{{ config(materialized='view') }}
-- depends_on: {{ ref('entity_coverage') }}
-- depends_on: {{ ref('measures_sales') }}
-- depends_on: {{ ref('measures_refunds') }}
-- depends_on: {{ ref('measures_fees') }}
-- depends_on: {{ ref('measures_ads') }}
{%- if not execute %}
select 1 as nothing
{%- else %}
{%- set metrics_by_name = {} %}
{%- for metric in graph.metrics.values() %}
{%- do metrics_by_name.update({metric.name: metric}) %}
{%- endfor %}
{%- set of_measures = measures_by_name() %}
{%- set inputs = ['provisional_fee_rows', 'final_fee_rows'] %}
{%- set columns = [] %}
{%- for column, metric in waterfall_columns() %}
{%- set found = metric_sql(metrics_by_name, metric, 'measures', of_measures) %}
{%- do columns.append([column, found.sql]) %}
{%- for input in found.inputs if input not in inputs %}
{%- do inputs.append(input) %}
{%- endfor %}
{%- endfor %}
{%- set sources = ['sales', 'refunds', 'fees', 'ads'] %}
{%- set unconverted = [] %}
{%- for source in sources if 'unconverted_rows_' ~ source ~ ',' in columns | string %}
{%- do unconverted.append(source) %}
{%- endfor %}
{%- set definition = {'relation': none, 'sources': sources, 'inputs': inputs, 'unconverted': unconverted} %}

-- The window, which nobody reads, keeps PostgreSQL from writing a line's whole expression into every place that reads the line; conditions
-- on what it is partitioned by pass it.
select
    lines.entity_kind as entity_kind,
    lines.entity_id as entity_id,
    lines.grain as grain,
    lines.period_start as period_start,
    lines.currency as currency,
    {%- for column, sql in columns %}
    lines.{{ column }} as {{ column }},
    {%- endfor %}
    lines.basis as basis
from (
    select
        measures.entity_kind as entity_kind,
        measures.entity_id as entity_id,
        measures.grain as grain,
        measures.period_start as period_start,
        measures.currency as currency,
        {%- for column, sql in columns %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        case
            when measures.provisional_fee_rows > 0 and measures.final_fee_rows > 0 then 'mixed'
            when measures.provisional_fee_rows > 0 then 'provisional'
            when measures.final_fee_rows > 0 then 'final'
        end as basis,
        count(*) over (partition by measures.entity_kind, measures.entity_id, measures.grain, measures.period_start) as rows_of_period
    from {{ kpi_rows(definition) }} as measures
    left outer join {{ ref('entity_coverage') }} as coverage on measures.entity_id = coverage.entity_id
    where measures.entity_kind in ('company', 'platform', 'account', 'category', 'sku', 'team', 'person')
) as lines
{%- endif %}
