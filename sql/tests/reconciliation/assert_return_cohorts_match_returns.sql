-- What came back of an order is the same by the day of the return and by the day of the order, for every order that is known, and its order
-- day is the order's. Rows are differences.
with order_days as (
    select
        order_lines.account_id as account_id,
        order_lines.order_id as order_id,
        min(order_lines.date_day) as date_day
    from {{ ref('fct_order_lines') }} as order_lines
    group by order_lines.account_id, order_lines.order_id
),

by_return as (
    select
        returned.account_id as account_id,
        returned.order_id as order_id,
        min(order_days.date_day) as date_day,
        sum(returned.returned_units) as units
    from {{ ref('fct_returns') }} as returned
    inner join order_days on returned.account_id = order_days.account_id and returned.order_id = order_days.order_id
    group by returned.account_id, returned.order_id
),

by_order as (
    select
        cohorts.account_id as account_id,
        cohorts.order_id as order_id,
        min(cohorts.date_day) as date_day,
        sum(cohorts.cohort_returned_units) as units
    from {{ ref('fct_return_cohorts') }} as cohorts
    group by cohorts.account_id, cohorts.order_id
)

select
    coalesce(by_return.account_id, by_order.account_id) as account_id,
    coalesce(by_return.order_id, by_order.order_id) as order_id,
    by_return.units as units_by_return,
    by_order.units as units_by_order
from by_return
full outer join by_order on by_return.account_id = by_order.account_id and by_return.order_id = by_order.order_id
where by_return.units is distinct from by_order.units or by_return.date_day is distinct from by_order.date_day
