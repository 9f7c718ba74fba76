-- One row per account and SKU: the product that it offers, by Amazon's latest stock snapshot, else by the ERP's list of the account, else
-- by its list for all accounts. Several SKUs may offer one product.
with latest as (
    select
        stock.account_id as account_id,
        max(stock.date_day) as date_day
    from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as stock
    group by stock.account_id
),

offers as (
    select
        stock.account_id as account_id,
        stock.asin as asin,
        stock.sku as sku,
        1 as precedence
    from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as stock
    inner join latest on stock.account_id = latest.account_id and stock.date_day = latest.date_day
    where stock.asin is not null

    union all

    select
        accounts.account_id as account_id,
        products.asin as asin,
        products.sku as sku,
        case when products.account_id is not null then 2 else 3 end as precedence
    from {{ ref('int_products_latest') }} as products
    inner join {{ ref('dim_accounts') }} as accounts on products.account_id = accounts.account_id or products.account_id is null
    where products.asin is not null and accounts.platform = 'amazon'
),

ranked as (
    select
        offers.account_id as account_id,
        offers.asin as asin,
        offers.sku as sku,
        row_number() over (
            partition by offers.account_id, offers.sku
            order by offers.precedence asc nulls last, offers.asin asc nulls last
        ) as position
    from offers
)

select
    ranked.account_id as account_id,
    ranked.asin as asin,
    ranked.sku as sku
from ranked
where ranked.position = 1
