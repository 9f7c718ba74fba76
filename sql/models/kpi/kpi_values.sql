-- One row per KPI, entity, grain and period that has source rows: one branch per KPI with its id as a constant, so that a filter on
-- kpi_id leaves the other branches out. A branch says no more than it must, because PostgreSQL reads all of them for every statement.
{{ config(materialized='view') }}
-- depends_on: {{ ref('entity_coverage') }}
-- depends_on: {{ ref('kpi_definitions') }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- for relation in kpi_relations() %}
-- depends_on: {{ ref(relation) }}
{%- endfor %}

select
    figures.kpi_id as kpi_id,
    figures.entity_kind as entity_kind,
    figures.entity_id as entity_id,
    figures.grain as grain,
    figures.period_start as period_start,
    {{ period_end_of('figures.grain', 'figures.period_start') }} as period_end,
    figures.numerator as numerator,
    figures.denominator as denominator,
    case figures.made_as
        when 'given' then figures.given_value
        when 'ratio' then {{ ratio('figures.numerator', 'figures.denominator') }}
        else figures.numerator
    end as value,
    figures.currency as currency,
    coalesce(
        figures.source_through - figures.days_until_settled >= {{ period_end_of('figures.grain', 'figures.period_start') }}, false
    ) as is_settled,
    case
        when figures.source_through > {{ period_end_of('figures.grain', 'figures.period_start') }}
            then {{ period_end_of('figures.grain', 'figures.period_start') }}
        else figures.source_through
    end as covered_through
from (
    {%- for definition in kpi_definitions('measures') %}
    select
        '{{ definition.id }}' as kpi_id,
        measures.entity_kind as entity_kind,
        measures.entity_id as entity_id,
        measures.grain as grain,
        measures.period_start as period_start,
        {{ definition.numerator }} as numerator,
        {{ 'cast(measures.denominator as numeric)' if definition.relation else definition.denominator }} as denominator,
        {{ 'measures.value' if definition.relation else 'cast(null as numeric)' }} as given_value,
        '{{ 'given' if definition.relation else 'ratio' if definition.is_ratio else 'sum' }}' as made_as,
        {{ 'measures.currency' if definition.kpi.unit == 'money' else text_literal(none) }} as currency,
        {{ kpi_coverage(definition, 'coverage') }} as source_through,
        {{ definition.kpi.days_until_settled }} as days_until_settled
    from {{ kpi_rows(definition) }} as measures
    left outer join {{ ref('entity_coverage') }} as coverage on measures.entity_id = coverage.entity_id
    where
        measures.entity_kind in ('{{ definition.kpi.entity_kinds | join("', '") }}')
        and {{ definition.has_rows }}

    union all

    {% endfor %}
    -- Values that people entered in the plugin stand for their whole period, and are settled.
    select
        manual.kpi_id as kpi_id,
        manual.entity_kind as entity_kind,
        manual.entity_id as entity_id,
        manual.grain as grain,
        manual.period_start as period_start,
        manual.value as numerator,
        cast(null as numeric) as denominator,
        manual.value as given_value,
        'given' as made_as,
        manual.currency as currency,
        {{ period_end_of('manual.grain', 'manual.period_start') }} as source_through,
        0 as days_until_settled
    from {{ source('kpi', 'kpi_manual_values') }} as manual
    left outer join {{ ref('kpi_definitions') }} as computed on manual.kpi_id = computed.kpi_id
    where computed.kpi_id is null
) as figures
