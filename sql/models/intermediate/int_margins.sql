-- Net sales and margin before ads by entity, grain and period, of entities that have SKUs, as the KPI of that margin's rate defines them.
-- The margin is null where a part of it isn't known.
-- depends_on: {{ ref('entity_coverage') }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- set margin = margin_definition() %}
{%- if margin %}
select
    measures.entity_kind as entity_kind,
    measures.entity_id as entity_id,
    measures.grain as grain,
    measures.period_start as period_start,
    measures.currency as currency,
    {{ margin.denominator }} as net_sales,
    {{ margin.numerator }} as margin_before_ads
from {{ kpi_rows(margin) }} as measures
left outer join {{ ref('entity_coverage') }} as coverage on measures.entity_id = coverage.entity_id
where measures.entity_kind in ('{{ margin.kpi.entity_kinds | join("', '") }}')
{%- else %}
select 1 as nothing
{%- endif %}
