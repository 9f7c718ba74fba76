-- One row per shop, snapshot day, SKU of the platform and warehouse, with price and stock.
select
    products._account_id as account_id,
    products.snapshot_date as date_day,
    products.sku_id as sku_id,
    products.warehouse_id as warehouse_id,
    nullif(trim(products.seller_sku), '') as sku,
    products.product_id as product_id,
    products.product_name as product_name,
    upper(products.product_status) as product_status,
    upper(products.sku_status) as sku_status,
    -- What is switched off, frozen or in review lies there but can't be bought.
    coalesce(upper(products.product_status), 'ACTIVATE') in ('ACTIVATE', 'LIVE')
    and coalesce(upper(products.sku_status), 'NORMAL') in ('NORMAL', 'ACTIVATE') as is_on_sale,
    upper(coalesce(products.currency, accounts.currency)) as currency,
    products.price as price,
    cast(products.stock as bigint) as stock,
    cast(products.backorder_quantity as bigint) as backorder_units,
    products._load_id as load_id,
    products._loaded_at as loaded_at
from {{ source('raw', 'tiktok_shop__products') }} as products
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on products._account_id = accounts.account_id
