-- One row per SKU and span of validity, spans not overlapping: a cost ends where the SKU's next one begins.
with unit_costs as (
    select
        stg_unit_costs.*,
        max(stg_unit_costs.snapshot_date) over (partition by stg_unit_costs.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__unit_costs') }} as stg_unit_costs
),

ranked as (
    select
        unit_costs.*,
        row_number() over (
            partition by unit_costs.sku, unit_costs.valid_from
            order by
                unit_costs.snapshot_date desc nulls last,
                unit_costs.erp_account_id asc nulls last,
                case when unit_costs.currency = '{{ reporting_currency() }}' then 0 else 1 end asc nulls last,
                unit_costs.currency asc nulls last
        ) as cost_rank
    from unit_costs
    where unit_costs.snapshot_date = unit_costs.latest_snapshot_date
),

spans as (
    select
        ranked.sku as sku,
        ranked.valid_from as valid_from,
        ranked.valid_to as stated_valid_to,
        ranked.unit_cost as unit_cost,
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
    spans.unit_cost as unit_cost,
    spans.currency as currency
from spans
where spans.unit_cost is not null
