-- One row per ERP, snapshot day, SKU and selling account that lists it (none: every account that sells it).
select
    products._account_id as erp_account_id,
    products.snapshot_date as snapshot_date,
    products.sku as sku,
    products.account_id as account_id,
    products.asin as asin,
    products.product_name as product_name,
    nullif(trim(products.category), '') as category,
    nullif(trim(products.brand), '') as brand,
    nullif(trim(products.owner_id), '') as owner_id,
    nullif(trim(products.team_id), '') as team_id,
    products._loaded_at as loaded_at
from {{ source('raw', 'erp__products') }} as products
