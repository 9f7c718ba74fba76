-- One row per SKU, account that lists it (null: every account that sells it) and span of time with one owner and team, from the ERP's
-- product snapshots. The first known owner is taken to have held before.
with products as (
    select
        stg_products.account_id as account_id,
        stg_products.sku as sku,
        stg_products.owner_id as owner_id,
        stg_products.team_id as team_id,
        stg_products.snapshot_date as snapshot_date,
        row_number() over (
            partition by stg_products.account_id, stg_products.sku, stg_products.snapshot_date
            order by stg_products.erp_account_id asc nulls last
        ) as product_rank
    from {{ ref('stg_erp__products') }} as stg_products
),

steps as (
    select
        products.*,
        lag(products.snapshot_date) over (
            partition by products.account_id, products.sku
            order by products.snapshot_date asc nulls last
        ) as previous_date,
        lag(coalesce(products.owner_id, '') || '|' || coalesce(products.team_id, '')) over (
            partition by products.account_id, products.sku
            order by products.snapshot_date asc nulls last
        ) as previous_assignment
    from products
    where products.product_rank = 1
)

select
    steps.account_id as account_id,
    steps.sku as sku,
    steps.owner_id as owner_id,
    steps.team_id as team_id,
    case when steps.previous_date is null then cast('1900-01-01' as date) else steps.snapshot_date end as valid_from
from steps
where
    steps.previous_date is null
    or steps.previous_assignment <> coalesce(steps.owner_id, '') || '|' || coalesce(steps.team_id, '')
