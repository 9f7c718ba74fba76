-- Facts against staging, by account and day: sellable units of each of the fact's days. Rows are differences.
with staged as (
    select
        amazon.account_id as account_id,
        amazon.date_day as date_day,
        sum(amazon.available) as units
    from {{ ref('stg_amazon_sp__fba_stock_and_age') }} as amazon
    group by amazon.account_id, amazon.date_day

    union all

    select
        shopify.account_id as account_id,
        shopify.date_day as date_day,
        sum(shopify.available) as units
    from {{ ref('stg_shopify__inventory_levels') }} as shopify
    where shopify.is_tracked
    group by shopify.account_id, shopify.date_day

    union all

    select
        walmart.account_id as account_id,
        walmart.date_day as date_day,
        sum(walmart.available) as units
    from {{ ref('stg_walmart__inventory') }} as walmart
    group by walmart.account_id, walmart.date_day

    union all

    select
        wfs.account_id as account_id,
        wfs.date_day as date_day,
        sum(wfs.available) as units
    from {{ ref('stg_walmart__wfs_inventory') }} as wfs
    group by wfs.account_id, wfs.date_day

    union all

    select
        tiktok.account_id as account_id,
        tiktok.date_day as date_day,
        sum(case when tiktok.is_on_sale then tiktok.stock end) as units
    from {{ ref('stg_tiktok_shop__products') }} as tiktok
    group by tiktok.account_id, tiktok.date_day
),

staged_days as (
    select
        staged.account_id as account_id,
        staged.date_day as date_day,
        sum(staged.units) as units
    from staged
    group by staged.account_id, staged.date_day
),

facts as (
    select
        inventory.account_id as account_id,
        inventory.date_day as date_day,
        sum(inventory.stock_units - inventory.oversold_units) as units
    from {{ ref('fct_inventory') }} as inventory
    group by inventory.account_id, inventory.date_day
)

select
    facts.account_id as account_id,
    facts.date_day as date_day,
    staged_days.units as staged_units,
    facts.units as fact_units
from facts
left outer join staged_days on facts.account_id = staged_days.account_id and facts.date_day = staged_days.date_day
where coalesce(facts.units, 0) <> coalesce(staged_days.units, 0) or staged_days.account_id is null
