-- Facts against staging, by account and day, each platform's lines as its own staging states them: units, money and distinct orders of
-- sales that aren't cancelled. Rows are differences.
with staged_lines as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.order_id as order_id,
        orders.quantity as quantity,
        orders.item_price - coalesce(orders.item_promotion_discount, 0) as net_price
    from {{ ref('stg_amazon_sp__orders') }} as orders
    where not orders.is_cancelled and not orders.is_other_channel

    union all

    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        cast(orders.order_id as {{ dbt.type_string() }}) as order_id,
        orders.quantity as quantity,
        orders.gross_amount - orders.discount_amount
        - case when orders.is_tax_included then orders.tax_amount else 0 end as net_price
    from {{ ref('stg_shopify__orders') }} as orders
    where not orders.is_cancelled and not orders.is_test and not orders.is_gift_card

    union all

    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.order_id as order_id,
        orders.quantity as quantity,
        orders.product_amount as net_price
    from {{ ref('stg_walmart__orders') }} as orders
    where not orders.is_cancelled and not orders.is_replacement

    union all

    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        orders.order_id as order_id,
        orders.quantity as quantity,
        orders.original_price - coalesce(orders.seller_discount, 0) as net_price
    from {{ ref('stg_tiktok_shop__orders') }} as orders
    where not orders.is_cancelled and not orders.is_sample and not orders.is_unpaid
),

staged as (
    select
        staged_lines.account_id as account_id,
        staged_lines.date_day as date_day,
        count(distinct staged_lines.order_id) as orders,
        sum(staged_lines.quantity) as units,
        sum(staged_lines.net_price) as net_price
    from staged_lines
    group by staged_lines.account_id, staged_lines.date_day
),

facts as (
    select
        order_lines.account_id as account_id,
        order_lines.date_day as date_day,
        count(distinct order_lines.counted_order_key) as orders,
        sum(order_lines.units) as units,
        sum(order_lines.gmv - order_lines.discounts) as net_price
    from {{ ref('fct_order_lines') }} as order_lines
    where not order_lines.is_cancelled
    group by order_lines.account_id, order_lines.date_day
)

select
    coalesce(staged.account_id, facts.account_id) as account_id,
    coalesce(staged.date_day, facts.date_day) as date_day,
    staged.net_price as staged_net_price,
    facts.net_price as fact_net_price
from staged
full outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where
    coalesce(staged.net_price, 0) <> coalesce(facts.net_price, 0)
    or coalesce(staged.units, 0) <> coalesce(facts.units, 0)
    or coalesce(staged.orders, 0) <> coalesce(facts.orders, 0)
