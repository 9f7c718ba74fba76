-- Refunds by account and day, each platform's as its own staging states them, against the fact. Rows are differences.
with staged_rows as (
    select
        economics.account_id as account_id,
        economics.period_start as date_day,
        economics.units_refunded as units,
        economics.refunded_product_sales as amount
    from {{ ref('stg_amazon_sp__economics') }} as economics
    where economics.row_level = 'product' and economics.period_start = economics.period_end

    union all

    select
        refunds.account_id as account_id,
        refunds.date_day as date_day,
        case when refunds.kind = 'line' then refunds.quantity end as units,
        refunds.amount as amount
    from {{ ref('stg_shopify__refunds') }} as refunds
    where
        refunds.kind <> 'shipping'
        and not exists (
            select 1
            from {{ ref('stg_shopify__orders') }} as orders
            where
                orders.account_id = refunds.account_id
                and orders.order_id = refunds.order_id
                and (orders.is_cancelled or orders.is_test or (orders.is_gift_card and orders.line_id = refunds.line_id))
        )

    union all

    select
        returned.account_id as account_id,
        returned.refunded_on as date_day,
        returned.refunded_quantity as units,
        returned.refund_amount as amount
    from {{ ref('stg_walmart__returns') }} as returned
    where returned.refunded_quantity > 0 and not returned.is_cancelled

    union all

    select
        returned.account_id as account_id,
        returned.refunded_on as date_day,
        1 as units,
        returned.refund_amount as amount
    from {{ ref('stg_tiktok_shop__returns') }} as returned
    where returned.is_refunded
),

staged as (
    select
        staged_rows.account_id as account_id,
        staged_rows.date_day as date_day,
        coalesce(sum(staged_rows.units), 0) as units,
        coalesce(sum(staged_rows.amount), 0) as amount
    from staged_rows
    group by staged_rows.account_id, staged_rows.date_day
),

facts as (
    select
        refunds.account_id as account_id,
        refunds.date_day as date_day,
        sum(refunds.refunded_units) as units,
        sum(refunds.refunded_sales) as amount
    from {{ ref('fct_refunds') }} as refunds
    group by refunds.account_id, refunds.date_day
)

select
    coalesce(staged.account_id, facts.account_id) as account_id,
    coalesce(staged.date_day, facts.date_day) as date_day,
    staged.amount as staged_amount,
    facts.amount as fact_amount
from staged
full outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where
    coalesce(staged.units, 0) <> coalesce(facts.units, 0)
    or coalesce(staged.amount, 0) <> coalesce(facts.amount, 0)
