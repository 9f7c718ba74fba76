-- Orders as their settlements hold them: one row per account, order and currency, with the goods' price and units, on the last day that
-- something of them was posted. A table, so that what joins it knows its size.
{{ config(materialized='table', post_hook='{{ analyze_changed(this) }}') }}

with settled_amounts as (
    select
        settlement_lines.account_id as account_id,
        settlement_lines.date_day as date_day,
        settlement_lines.order_id as order_id,
        settlement_lines.currency as currency,
        settlement_lines.amount as amount,
        case when settlement_lines.line = 'principal' then settlement_lines.quantity else 0 end as quantity
    from {{ ref('int_settlement_lines') }} as settlement_lines
    where
        settlement_lines.order_id is not null
        and (
            (
                settlement_lines.stream = 'amazon_sp.settlement'
                and lower(settlement_lines.transaction_type) = 'order'
                and lower(settlement_lines.charge_type) = 'principal'
            )
            or (
                settlement_lines.stream = 'walmart.recon'
                and lower(settlement_lines.transaction_type) = 'sale'
                and settlement_lines.line = 'principal'
            )
        )
)

select
    settled_amounts.account_id as account_id,
    max(settled_amounts.date_day) as date_day,
    settled_amounts.order_id as order_id,
    settled_amounts.currency as currency,
    sum(settled_amounts.amount) as amount,
    sum(settled_amounts.quantity) as quantity
from settled_amounts
group by settled_amounts.account_id, settled_amounts.order_id, settled_amounts.currency
