-- One row per account, product and SKU that offers it: by the ERP's list (without an account: every account), and by Amazon's latest
-- stock snapshot.
with latest as (
    select
        stock.account_id as account_id,
        max(stock.date_day) as date_day
    from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as stock
    group by stock.account_id
)

select
    accounts.account_id as account_id,
    products.asin as asin,
    products.sku as sku
from {{ ref('int_products_latest') }} as products
inner join {{ ref('dim_accounts') }} as accounts on products.account_id = accounts.account_id or products.account_id is null
where products.asin is not null and accounts.platform = 'amazon'

union distinct

select
    stock.account_id as account_id,
    stock.asin as asin,
    stock.sku as sku
from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as stock
inner join latest on stock.account_id = latest.account_id and stock.date_day = latest.date_day
where stock.asin is not null
