-- One row per shop, snapshot day and variant, with price and unit cost in the shop's own currency.
select
    variants._account_id as account_id,
    variants.snapshot_date as snapshot_date,
    variants.handle as handle,
    variants.variant_title as variant_title,
    variants.variant_id as variant_id,
    variants.product_id as product_id,
    variants.inventory_item_id as inventory_item_id,
    nullif(trim(variants.sku), '') as sku,
    variants.product_title as product_name,
    variants.vendor as brand,
    variants.product_type as product_type,
    upper(variants.status) as status,
    variants.price as price,
    variants.unit_cost as unit_cost,
    upper(coalesce(variants.cost_currency, accounts.currency)) as cost_currency,
    variants._load_id as load_id,
    variants._loaded_at as loaded_at
from {{ source('raw', 'shopify__products') }} as variants
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on variants._account_id = accounts.account_id
