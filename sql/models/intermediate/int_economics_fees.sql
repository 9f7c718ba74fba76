-- One row per charge of Amazon's economics of one day and SKU, with the line of the margin that it belongs to.
select
    economics.account_id as account_id,
    economics.period_start as date_day,
    economics.sku as sku,
    economics.charge_type as charge_type,
    coalesce(fee_lines.line, 'other') as line,
    fee_lines.line is not null as is_known,
    coalesce(economics.currency, accounts.currency) as currency,
    economics.charge_amount as amount,
    economics.load_id as load_id
from {{ ref('stg_amazon_sp__economics') }} as economics
inner join {{ ref('dim_accounts') }} as accounts on economics.account_id = accounts.account_id
left outer join {{ ref('int_fee_lines') }} as fee_lines
    on
        fee_lines.stream = 'amazon_sp.economics'
        and {{ charge_name('economics.charge_type') }} = fee_lines.charge_type
        and economics.period_start >= fee_lines.valid_from
        and economics.period_start < fee_lines.valid_to
where economics.row_level = 'fee' and economics.period_start = economics.period_end
