-- The ledger's fact keeps the equation of the day: start, movements and difference are the end, and nothing of staging is lost.
with facts as (
    select
        ledger.account_id as account_id,
        ledger.date_day as date_day,
        sum(ledger.starting_units) as starting_units,
        sum(ledger.ending_units) as ending_units,
        sum(
            ledger.starting_units + ledger.receipts + ledger.customer_returns + ledger.warehouse_transfer + ledger.found
            + ledger.damaged + ledger.other_events + ledger.unknown_events + ledger.customer_shipments + ledger.vendor_returns
            + ledger.lost + ledger.disposed + ledger.difference_units - ledger.ending_units
        ) as lacking_units
    from {{ ref('fct_stock_ledger') }} as ledger
    group by ledger.account_id, ledger.date_day
),

staged as (
    select
        ledger.account_id as account_id,
        ledger.date_day as date_day,
        sum(ledger.starting_balance) as starting_units,
        sum(ledger.ending_balance) as ending_units
    from {{ ref('stg_amazon_sp__fba_ledger_summary') }} as ledger
    group by ledger.account_id, ledger.date_day
)

select
    staged.account_id as account_id,
    staged.date_day as date_day,
    staged.ending_units as staged_units,
    facts.ending_units as fact_units,
    facts.lacking_units as lacking_units
from staged
left outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where
    facts.account_id is null
    or facts.lacking_units <> 0
    or facts.starting_units <> staged.starting_units
    or facts.ending_units <> staged.ending_units
