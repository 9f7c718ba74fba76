-- What a day's fees are made of, with the load it came with: charges of economics, amounts of settlements, and every day that a
-- settlement covers (it becomes final, whether or not something was charged).
select
    economics.account_id as account_id,
    economics.period_start as date_day,
    economics.load_id as load_id
from {{ ref('stg_amazon_sp__economics') }} as economics
where economics.row_level = 'fee' and economics.period_start = economics.period_end

union all

select
    amounts.account_id as account_id,
    amounts.date_day as date_day,
    amounts.load_id as load_id
from {{ ref('int_settlement_amounts') }} as amounts

union all

select
    settlement_days.account_id as account_id,
    settlement_days.date_day as date_day,
    settlement_days.load_id as load_id
from {{ ref('int_settlement_days') }} as settlement_days
