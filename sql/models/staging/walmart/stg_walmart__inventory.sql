-- One row per account, snapshot day, SKU and ship node of the seller's own.
select
    stock._account_id as account_id,
    stock.snapshot_date as date_day,
    nullif(trim(stock.sku), '') as sku,
    stock.ship_node as ship_node,
    cast(stock.input_quantity as bigint) as input_units,
    cast(stock.available_quantity as bigint) as available,
    cast(stock.reserved_quantity as bigint) as reserved_units,
    stock._load_id as load_id,
    stock._loaded_at as loaded_at
from {{ source('raw', 'walmart__inventory') }} as stock
