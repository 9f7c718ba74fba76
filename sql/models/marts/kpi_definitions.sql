-- One row per KPI that is computed, from dbt's own metric definitions (models/kpis/).
{{ config(materialized='table', indexes=[{'columns': ['kpi_id'], 'unique': true}]) }}
-- depends_on: {{ ref('dim_dates') }}
{%- for definition in kpi_definitions() %}
{%- set kpi = definition.kpi %}

{% if not loop.first %}union all

{% endif -%}
select
    {{ text_literal(definition.id) }} as kpi_id,
    {{ text_literal(definition.label) }} as name_en,
    {{ text_literal(kpi.name_zh) }} as name_zh,
    {{ text_literal(definition.description | trim) }} as description_en,
    {{ text_literal(kpi.description_zh) }} as description_zh,
    {{ text_literal(kpi.formula_en) }} as formula_en,
    {{ text_literal(kpi.formula_zh) }} as formula_zh,
    {{ text_literal(kpi.domain) }} as domain,
    {{ text_literal(kpi.stage) }} as stage,
    {{ text_literal(kpi.unit) }} as unit,
    {{ text_literal(kpi.direction) }} as direction,
    {{ definition.is_additive | lower }} as is_additive,
    {{ definition.is_ratio | lower }} as is_ratio,
    {{ text_literal(definition.numerator_name) }} as numerator,
    {{ text_literal(definition.denominator_name) }} as denominator,
    {{ text_literal(kpi.entity_kinds | join(',')) }} as entity_kinds,
    {{ text_literal(kpi.drivers | join(',')) }} as drivers,
    {{ text_literal(kpi.counter_kpis | join(',')) }} as counter_kpis,
    {{ text_literal(kpi.source) }} as source,
    cast({{ kpi.days_until_settled }} as integer) as days_until_settled,
    {{ text_literal(kpi.owner_role) }} as owner_role,
    cast({{ kpi.display_order }} as integer) as display_order,
    {{ text_literal(kpi.number_format) }} as number_format,
    {{ text_literal(kpi.get('playbook')) }} as playbook,
    {{ text_literal(kpi.get('playbook_zh')) }} as playbook_zh
{%- endfor %}
{%- if not execute %}
select 1 as nothing
{%- endif %}
