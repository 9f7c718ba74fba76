-- One row per ERP, snapshot day, warehouse and SKU: units in the seller's own warehouses.
select
    stock._account_id as erp_account_id,
    stock.snapshot_date as date_day,
    stock.warehouse_id as warehouse_id,
    coalesce(nullif(trim(stock.warehouse_name), ''), stock.warehouse_id) as warehouse_name,
    stock.sku as sku,
    stock.on_hand as on_hand,
    stock.reserved as reserved_units,
    stock.in_transit as in_transit_units,
    stock._load_id as load_id,
    stock._loaded_at as loaded_at
from {{ source('raw', 'erp__warehouse_stock') }} as stock
