-- Cash reconciles to 0: the amounts of every settlement, report and statement add up to what it pays out. Rows are differences.
with summed as (
    select
        amounts.account_id as account_id,
        amounts.settlement_id as settlement_id,
        sum(amounts.amount) as lines_amount
    from {{ ref('int_settlement_amounts') }} as amounts
    group by amounts.account_id, amounts.settlement_id
)

select
    settlements.account_id as account_id,
    settlements.settlement_id as settlement_id,
    settlements.settlement_amount as settlement_amount,
    summed.lines_amount as lines_amount
from {{ ref('fct_settlements') }} as settlements
left outer join summed on settlements.account_id = summed.account_id and settlements.settlement_id = summed.settlement_id
-- A statement whose transactions aren't loaded at all is a stream that is behind, not a difference.
where
    settlements.settlement_amount <> coalesce(summed.lines_amount, 0)
    and (summed.settlement_id is not null or settlements.stream <> 'tiktok_shop.statements')
