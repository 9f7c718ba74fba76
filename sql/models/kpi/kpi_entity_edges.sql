-- Parent and child in two trees: business (company > platform > account > category > SKU, account > campaign > ad group) and people
-- (company > team > person). Today's assignment is taken to hold always.
{{ config(materialized='table', indexes=[{'columns': ['parent_id']}, {'columns': ['child_id']}]) }}

select
    case when entities.entity_kind in ('team', 'person') then 'people' else 'business' end as tree,
    entities.parent_id as parent_id,
    entities.entity_id as child_id,
    cast('2000-01-01' as date) as valid_from,
    cast(null as date) as valid_to
from {{ ref('kpi_entities') }} as entities
where entities.parent_id is not null
