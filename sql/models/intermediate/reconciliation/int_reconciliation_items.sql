-- Items whose amounts differ, by day and by month. In a month an item is compared as a whole: what was booked on another day of the same
-- month is a difference of two days and none of the month.
with monthly as (
    select
        items.account_id as account_id,
        {{ period_start('month', 'items.date_day') }} as period_start,
        items.line as line,
        items.charge_type as charge_type,
        items.reference as reference,
        items.sku as sku,
        items.currency as currency,
        sum(items.platform_amount) as platform_amount,
        sum(items.erp_amount) as erp_amount,
        sum(items.settled_amount) as settled_amount,
        sum(items.difference) as difference,
        max(items.tolerance) as tolerance
    from {{ ref('fct_reconciliation_items') }} as items
    group by
        items.account_id,
        {{ period_start('month', 'items.date_day') }},
        items.line,
        items.charge_type,
        items.reference,
        items.sku,
        items.currency
)

select
    items.account_id as account_id,
    'day' as grain,
    items.date_day as period_start,
    items.line as line,
    items.charge_type as charge_type,
    items.reference as reference,
    items.sku as sku,
    items.currency as currency,
    items.platform_amount as platform_amount,
    items.erp_amount as erp_amount,
    items.settled_amount as settled_amount,
    items.difference as difference,
    items.state as state
from {{ ref('fct_reconciliation_items') }} as items

union all

select
    monthly.account_id as account_id,
    'month' as grain,
    monthly.period_start as period_start,
    monthly.line as line,
    monthly.charge_type as charge_type,
    monthly.reference as reference,
    monthly.sku as sku,
    monthly.currency as currency,
    monthly.platform_amount as platform_amount,
    monthly.erp_amount as erp_amount,
    monthly.settled_amount as settled_amount,
    monthly.difference as difference,
    case
        when abs(monthly.difference) <= monthly.tolerance then 'within_tolerance'
        when monthly.line <> 'settled_sales' and monthly.erp_amount is null then 'missing_in_erp'
        when monthly.platform_amount is null then 'missing_on_platform'
        else 'different'
    end as state
from monthly
where monthly.difference <> 0
