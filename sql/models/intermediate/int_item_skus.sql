-- One row per account and marketplace item that the ERP's listing of that very account names for exactly one SKU.
select
    products.account_id as account_id,
    products.asin as item_id,
    max(products.sku) as sku
from {{ ref('int_products_latest') }} as products
where products.account_id is not null and products.asin is not null
group by products.account_id, products.asin
having count(distinct products.sku) = 1
