-- One row per KPI, entity, grain and period that has source rows: one branch per KPI with its id as a constant, so that a filter on
-- kpi_id leaves the other branches out.
{{ config(materialized='view') }}
-- depends_on: {{ ref('entity_coverage') }}
-- depends_on: {{ ref('kpi_definitions') }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- for relation in kpi_relations() %}
-- depends_on: {{ ref(relation) }}
{%- endfor %}
{%- for definition in kpi_definitions('measures') %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ definition.id }}' as kpi_id,
    measures.entity_kind as entity_kind,
    measures.entity_id as entity_id,
    measures.grain as grain,
    measures.period_start as period_start,
    {{ period_end_of('measures.grain', 'measures.period_start') }} as period_end,
    {{ definition.numerator }} as numerator,
    {{ definition.denominator }} as denominator,
    {{ definition.value }} as value,
    {{ 'measures.currency' if definition.kpi.unit == 'money' else text_literal(none) }} as currency,
    coalesce(
        {{ kpi_coverage(definition, 'coverage') }} - {{ definition.kpi.days_until_settled }}
        >= {{ period_end_of('measures.grain', 'measures.period_start') }},
        false
    ) as is_settled,
    case
        when {{ kpi_coverage(definition, 'coverage') }} > {{ period_end_of('measures.grain', 'measures.period_start') }}
            then {{ period_end_of('measures.grain', 'measures.period_start') }}
        else {{ kpi_coverage(definition, 'coverage') }}
    end as covered_through
from {{ kpi_rows(definition) }} as measures
left outer join {{ ref('entity_coverage') }} as coverage on measures.entity_id = coverage.entity_id
where
    measures.entity_kind in ('{{ definition.kpi.entity_kinds | join("', '") }}')
    and {{ definition.has_rows }}
{%- endfor %}
{%- if execute %}

union all

-- Values that people entered in the plugin stand for their whole period, and are settled.
{%- else %}
{% endif %}
select
    manual.kpi_id as kpi_id,
    manual.entity_kind as entity_kind,
    manual.entity_id as entity_id,
    manual.grain as grain,
    manual.period_start as period_start,
    {{ period_end_of('manual.grain', 'manual.period_start') }} as period_end,
    manual.value as numerator,
    cast(null as numeric) as denominator,
    manual.value as value,
    manual.currency as currency,
    true as is_settled,
    {{ period_end_of('manual.grain', 'manual.period_start') }} as covered_through
from {{ source('kpi', 'kpi_manual_values') }} as manual
left outer join {{ ref('kpi_definitions') }} as computed on manual.kpi_id = computed.kpi_id
where computed.kpi_id is null
