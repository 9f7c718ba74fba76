-- One row per SKU and span of validity, spans not overlapping: freight and tariff of one unit. A part that is not known is null.
with landed_costs as (
    select
        stg_landed_costs.*,
        max(stg_landed_costs.snapshot_date) over (partition by stg_landed_costs.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__landed_costs') }} as stg_landed_costs
),

ranked as (
    select
        landed_costs.*,
        row_number() over (
            partition by landed_costs.sku, landed_costs.valid_from
            order by
                landed_costs.snapshot_date desc nulls last,
                landed_costs.erp_account_id asc nulls last,
                case when landed_costs.currency = '{{ reporting_currency() }}' then 0 else 1 end asc nulls last,
                landed_costs.currency asc nulls last
        ) as cost_rank
    from landed_costs
    where landed_costs.snapshot_date = landed_costs.latest_snapshot_date
),

spans as (
    select
        ranked.sku as sku,
        ranked.valid_from as valid_from,
        ranked.valid_to as stated_valid_to,
        ranked.freight_per_unit as freight_per_unit,
        ranked.tariff_per_unit as tariff_per_unit,
        ranked.currency as currency,
        lead(ranked.valid_from) over (partition by ranked.sku order by ranked.valid_from asc nulls last) as next_valid_from
    from ranked
    where ranked.cost_rank = 1
)

select
    spans.sku as sku,
    spans.valid_from as valid_from,
    case
        when spans.next_valid_from is null then spans.stated_valid_to
        when spans.stated_valid_to is null then spans.next_valid_from
        when spans.stated_valid_to < spans.next_valid_from then spans.stated_valid_to
        else spans.next_valid_from
    end as valid_to,
    spans.freight_per_unit as freight_per_unit,
    spans.tariff_per_unit as tariff_per_unit,
    spans.currency as currency
from spans
where spans.freight_per_unit is not null or spans.tariff_per_unit is not null
