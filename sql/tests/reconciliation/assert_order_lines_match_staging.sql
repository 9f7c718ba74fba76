-- Facts against staging, by account and day: units and money of Amazon's own lines that aren't cancelled. Rows are differences.
with staged as (
    select
        orders.account_id as account_id,
        orders.date_day as date_day,
        sum(orders.quantity) as units,
        sum(orders.item_price) as gmv
    from {{ ref('stg_amazon_sp__orders') }} as orders
    where not orders.is_cancelled and not orders.is_other_channel
    group by orders.account_id, orders.date_day
),

facts as (
    select
        order_lines.account_id as account_id,
        order_lines.date_day as date_day,
        sum(order_lines.units) as units,
        sum(order_lines.gmv) as gmv
    from {{ ref('fct_order_lines') }} as order_lines
    where not order_lines.is_cancelled
    group by order_lines.account_id, order_lines.date_day
)

select
    coalesce(staged.account_id, facts.account_id) as account_id,
    coalesce(staged.date_day, facts.date_day) as date_day,
    staged.gmv as staged_gmv,
    facts.gmv as fact_gmv
from staged
full outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where
    coalesce(staged.gmv, 0) <> coalesce(facts.gmv, 0)
    or coalesce(staged.units, 0) <> coalesce(facts.units, 0)
