-- One row per amount of a closed settlement, with the line of the margin that it belongs to; a kind of charge that fee_lines doesn't know
-- is `other`.
select
    amounts.stream as stream,
    amounts.account_id as account_id,
    amounts.settlement_id as settlement_id,
    amounts.date_day as date_day,
    amounts.order_id as order_id,
    amounts.sku as sku,
    amounts.transaction_type as transaction_type,
    amounts.charge_group as charge_group,
    amounts.charge_type as charge_type,
    amounts.booked_type as booked_type,
    coalesce(exact.line, of_group.line, 'other') as line,
    coalesce(exact.line, of_group.line) is not null as is_known,
    amounts.quantity as quantity,
    coalesce(amounts.currency, accounts.currency) as currency,
    amounts.amount as amount,
    amounts.load_id as load_id
from {{ ref('int_settlement_amounts') }} as amounts
inner join {{ ref('dim_accounts') }} as accounts on amounts.account_id = accounts.account_id
left outer join {{ ref('int_fee_lines') }} as exact
    on
        amounts.stream = exact.stream
        and {{ charge_name('amounts.charge_group') }} = exact.charge_group
        and {{ charge_name('amounts.charge_type') }} = exact.charge_type
        and amounts.date_day >= exact.valid_from
        and amounts.date_day < exact.valid_to
left outer join {{ ref('int_fee_lines') }} as of_group
    on
        amounts.stream = of_group.stream
        and {{ charge_name('amounts.charge_group') }} = of_group.charge_group
        and of_group.charge_type = '*'
        and amounts.date_day >= of_group.valid_from
        and amounts.date_day < of_group.valid_to
