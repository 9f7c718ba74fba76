-- One row per ERP, snapshot day, warehouse and SKU.
select
    stock.erp_account_id as account_id,
    stock.date_day as date_day,
    stock.warehouse_id as warehouse_id,
    stock.sku as sku,
    stock.on_hand as on_hand,
    stock.reserved_units as reserved_units,
    stock.in_transit_units as in_transit_units,
    stock.load_id as load_id
from {{ ref('stg_erp__warehouse_stock') }} as stock
