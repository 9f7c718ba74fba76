-- One row per ERP, purchase order and line.
select
    purchases._account_id as erp_account_id,
    purchases.purchase_order_id as purchase_order_id,
    purchases.line_number as line_number,
    purchases.supplier_id as supplier_id,
    purchases.sku as sku,
    lower(purchases.status) as status,
    coalesce(lower(purchases.status) in ('cancelled', 'canceled', 'closed'), false) as is_closed,
    purchases.ordered_on as ordered_on,
    purchases.expected_on as expected_on,
    purchases.received_on as received_on,
    purchases.quantity_ordered as units_ordered,
    purchases.quantity_received as units_received,
    purchases.unit_cost as unit_cost,
    upper(purchases.currency) as currency,
    purchases.warehouse_id as warehouse_id,
    purchases._load_id as load_id,
    purchases._loaded_at as loaded_at
from {{ source('raw', 'erp__purchase_orders') }} as purchases
