-- Amazon's inventory ledger: start and movements give the end, up to what is in transit; and a day starts where the day before
-- ended. Rows are what the platform's own books don't explain, worth a case with its support, so they warn.
{{ config(severity='warn') }}
with ledger as (
    select
        stock_ledger.account_id as account_id,
        stock_ledger.date_day as date_day,
        stock_ledger.fnsku as fnsku,
        stock_ledger.sku as sku,
        stock_ledger.disposition as disposition,
        stock_ledger.starting_units as starting_units,
        stock_ledger.unexplained_units as unexplained_units,
        lag(stock_ledger.ending_units) over (
            partition by stock_ledger.account_id, stock_ledger.fnsku, stock_ledger.sku, stock_ledger.disposition
            order by stock_ledger.date_day asc nulls last
        ) as previous_units,
        lag(stock_ledger.date_day) over (
            partition by stock_ledger.account_id, stock_ledger.fnsku, stock_ledger.sku, stock_ledger.disposition
            order by stock_ledger.date_day asc nulls last
        ) as previous_day
    from {{ ref('fct_stock_ledger') }} as stock_ledger
)

select
    ledger.account_id as account_id,
    ledger.date_day as date_day,
    ledger.fnsku as fnsku,
    ledger.sku as sku,
    ledger.disposition as disposition,
    ledger.unexplained_units as unexplained_units,
    ledger.starting_units - ledger.previous_units as opening_difference
from ledger
where ledger.unexplained_units <> 0 or (ledger.previous_day = ledger.date_day - 1 and ledger.starting_units <> ledger.previous_units)
