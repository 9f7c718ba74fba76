-- One row per account, snapshot day, SKU and kind of node at Walmart Fulfillment Services.
select
    stock._account_id as account_id,
    stock.snapshot_date as date_day,
    nullif(trim(stock.sku), '') as sku,
    stock.ship_node_type as ship_node_type,
    cast(stock.available_quantity as bigint) as available,
    cast(stock.on_hand_quantity as bigint) as on_hand,
    stock.modified_at as modified_at,
    stock._load_id as load_id,
    stock._loaded_at as loaded_at
from {{ source('raw', 'walmart__wfs_inventory') }} as stock
