-- One row per KPI: those that are computed, and those whose values people enter in the plugin (source 'manual').
{{ config(materialized='view') }}

select
    definitions.kpi_id as kpi_id,
    definitions.name_en as name_en,
    definitions.name_zh as name_zh,
    definitions.description_en as description_en,
    definitions.description_zh as description_zh,
    definitions.formula_en as formula_en,
    definitions.formula_zh as formula_zh,
    definitions.domain as domain,
    definitions.stage as stage,
    definitions.unit as unit,
    definitions.direction as direction,
    definitions.is_additive as is_additive,
    definitions.is_ratio as is_ratio,
    definitions.numerator as numerator,
    definitions.denominator as denominator,
    definitions.entity_kinds as entity_kinds,
    definitions.drivers as drivers,
    definitions.counter_kpis as counter_kpis,
    definitions.source as source,
    definitions.days_until_settled as days_until_settled,
    definitions.owner_role as owner_role,
    definitions.display_order as display_order,
    definitions.number_format as number_format,
    definitions.playbook as playbook,
    definitions.playbook_zh as playbook_zh
from {{ ref('kpi_definitions') }} as definitions

union all

select
    manual.kpi_id as kpi_id,
    manual.name_en as name_en,
    manual.name_zh as name_zh,
    manual.description_en as description_en,
    manual.description_zh as description_zh,
    'Entered by hand.' as formula_en,
    '人工录入。' as formula_zh,
    'manual' as domain,
    'manual' as stage,
    manual.unit as unit,
    manual.direction as direction,
    manual.is_additive as is_additive,
    false as is_ratio,
    manual.kpi_id as numerator,
    cast(null as text) as denominator,
    manual.entity_kinds as entity_kinds,
    '' as drivers,
    '' as counter_kpis,
    'manual' as source,
    cast(0 as integer) as days_until_settled,
    manual.owner as owner_role,
    cast(100000 as integer) as display_order,
    manual.number_format as number_format,
    cast(null as text) as playbook,
    cast(null as text) as playbook_zh
from {{ source('kpi', 'kpi_manual_kpis') }} as manual
left outer join {{ ref('kpi_definitions') }} as computed on manual.kpi_id = computed.kpi_id
where computed.kpi_id is null
