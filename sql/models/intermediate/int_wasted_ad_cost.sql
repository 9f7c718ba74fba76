-- The share of the cost of targets that went to those with clicks and no sale in the period.
select
    waste.entity_kind as entity_kind,
    waste.entity_id as entity_id,
    waste.grain as grain,
    waste.period_start as period_start,
    waste.wasted_cost as numerator,
    waste.targeted_cost as denominator,
    {{ ratio('waste.wasted_cost', 'waste.targeted_cost') }} as value,
    waste.currency as currency
from {{ ref('ad_waste') }} as waste
