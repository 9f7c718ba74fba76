-- One row per shop, snapshot day, inventory item and location: units available to sell, committed to orders, on hand and on their way.
select
    levels._account_id as account_id,
    levels.snapshot_date as date_day,
    levels.inventory_item_id as inventory_item_id,
    levels.handle as handle,
    levels.variant_title as variant_title,
    nullif(trim(levels.sku), '') as sku,
    levels.location_id as location_id,
    levels.location_name as location_name,
    coalesce(levels.is_tracked, true) as is_tracked,
    cast(levels.available as bigint) as available,
    cast(levels.on_hand as bigint) as on_hand,
    cast(levels.committed as bigint) as committed,
    cast(levels.incoming as bigint) as incoming,
    levels._load_id as load_id,
    levels._loaded_at as loaded_at
from {{ source('raw', 'shopify__inventory_levels') }} as levels
