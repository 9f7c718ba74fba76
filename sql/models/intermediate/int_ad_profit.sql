-- What is left of ad sales after the margin's costs and the ads themselves: ad sales x break-even ACoS - ad cost, to the cent. Divided
-- last, so that half a cent stays half a cent.
{%- set profit %}
    case
        when break_even.value is not null
            then round(measures.ad_sales * break_even.numerator / nullif(break_even.denominator, 0) - measures.ad_cost, 2)
    end
{%- endset %}

select
    measures.entity_kind as entity_kind,
    measures.entity_id as entity_id,
    measures.grain as grain,
    measures.period_start as period_start,
    {{- profit }} as numerator,
    cast(null as numeric) as denominator,
    {{- profit }} as value,
    measures.currency as currency
from {{ ref('measures_ads') }} as measures
left outer join {{ ref('int_break_even_acos') }} as break_even
    on
        -- An id tells its kind; said once more, a filter on the kind reaches what break_even is worked out from.
        measures.entity_kind = break_even.entity_kind
        and measures.entity_id = break_even.entity_id
        and measures.grain = break_even.grain
        and measures.period_start = break_even.period_start
