-- What an ad may cost of what it sells: the margin before ads by net sales; of ad groups and campaigns that of the SKUs they advertise.
-- numerator / denominator; no value where a part is missing or nothing was sold.
select
    margins.entity_kind as entity_kind,
    margins.entity_id as entity_id,
    margins.grain as grain,
    margins.period_start as period_start,
    case when margins.net_sales > 0 then margins.margin_before_ads end as numerator,
    case when margins.net_sales > 0 then margins.net_sales end as denominator,
    case when margins.net_sales > 0 then {{ ratio('margins.margin_before_ads', 'margins.net_sales') }} end as value,
    margins.currency as currency
from {{ ref('int_margins') }} as margins

union all

select
    ad_margins.entity_kind as entity_kind,
    ad_margins.entity_id as entity_id,
    ad_margins.grain as grain,
    ad_margins.period_start as period_start,
    case when ad_margins.weighted_ad_sales > 0 then ad_margins.margin_of_ad_sales end as numerator,
    case when ad_margins.weighted_ad_sales > 0 then ad_margins.weighted_ad_sales end as denominator,
    case
        when ad_margins.weighted_ad_sales > 0
            then {{ ratio('ad_margins.margin_of_ad_sales', 'ad_margins.weighted_ad_sales') }}
    end as value,
    ad_margins.currency as currency
from {{ ref('ad_margins') }} as ad_margins
