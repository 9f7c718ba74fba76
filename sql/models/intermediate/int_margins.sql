-- Net sales and margin before ads by entity, grain and period, of entities that have SKUs. The margin is null where a part of it isn't
-- known.
select
    measures.entity_kind as entity_kind,
    measures.entity_id as entity_id,
    measures.grain as grain,
    measures.period_start as period_start,
    measures.currency as currency,
    measures.gmv - measures.discounts as net_sales,
    case when measures.uncosted_units > 0 then null else measures.gmv - measures.discounts - measures.cogs end as margin_before_ads
from {{ ref('measures_sales') }} as measures
