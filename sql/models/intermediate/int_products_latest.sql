-- One row per SKU and selling account (null: every account that sells it) of each ERP's latest snapshot.
-- Where two ERPs list the same, the later snapshot is believed.
with products as (
    select
        stg_products.*,
        max(stg_products.snapshot_date) over (partition by stg_products.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__products') }} as stg_products
),

ranked as (
    select
        products.*,
        row_number() over (
            partition by products.sku, products.account_id
            order by products.snapshot_date desc nulls last, products.erp_account_id asc nulls last
        ) as product_rank
    from products
    where products.snapshot_date = products.latest_snapshot_date
)

select
    ranked.account_id as account_id,
    ranked.sku as sku,
    ranked.asin as asin,
    ranked.product_name as product_name,
    ranked.category as category,
    ranked.brand as brand,
    ranked.owner_id as owner_id,
    ranked.team_id as team_id
from ranked
where ranked.product_rank = 1
