-- The lines of the waterfall add up to the contribution margin, to the cent, wherever there is one. Rows are differences.
select
    waterfall.entity_id as entity_id,
    waterfall.grain as grain,
    waterfall.period_start as period_start,
    waterfall.contribution_margin as contribution_margin
from {{ ref('margin_waterfall') }} as waterfall
where
    waterfall.contribution_margin is not null
    and (
        waterfall.gmv - waterfall.discounts - waterfall.refunds is distinct from waterfall.net_sales
        or waterfall.net_sales
        {%- for line in fee_line_names() %}
        - waterfall.{{ line }}_fees
        {%- endfor %}
        - waterfall.cogs
        - waterfall.freight_cost
        - waterfall.tariff_cost is distinct from waterfall.margin_before_ads
        or waterfall.margin_before_ads - waterfall.ad_cost is distinct from waterfall.contribution_margin
    )
