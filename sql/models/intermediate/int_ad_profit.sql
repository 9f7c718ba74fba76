-- What is left of ad sales after the margin's costs and the ads themselves: ad sales x break-even ACoS - ad cost, to the cent.
select
    measures.entity_kind as entity_kind,
    measures.entity_id as entity_id,
    measures.grain as grain,
    measures.period_start as period_start,
    round(measures.ad_sales * break_even.value - measures.ad_cost, 2) as numerator,
    cast(null as numeric) as denominator,
    round(measures.ad_sales * break_even.value - measures.ad_cost, 2) as value,
    measures.currency as currency
from {{ ref('measures_ads') }} as measures
left outer join {{ ref('int_break_even_acos') }} as break_even
    on
        measures.entity_id = break_even.entity_id
        and measures.grain = break_even.grain
        and measures.period_start = break_even.period_start
