-- One row per account, day or month and item whose amounts differ now.
select
    items.account_id as account_id,
    'account:' || items.account_id as entity_id,
    items.grain as grain,
    items.period_start as period_start,
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
from {{ ref('int_reconciliation_items') }} as items
