-- The days of a budget add up to its amount exactly. Rows are differences.
with days as (
    select
        plans.plan as budget_type,
        plans.entity_id as entity_id,
        sum(plans.budget) as budget
    from {{ ref('fct_plans') }} as plans
    where plans.budget is not null
    group by plans.plan, plans.entity_id
),

budgets as (
    select
        stg_budgets.*,
        max(stg_budgets.snapshot_date) over (partition by stg_budgets.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__budgets') }} as stg_budgets
),

ranked as (
    select
        budgets.*,
        row_number() over (
            partition by budgets.budget_type, budgets.entity_id, budgets.period_start, budgets.period_end
            order by budgets.snapshot_date desc nulls last, budgets.erp_account_id asc nulls last
        ) as budget_rank
    from budgets
    where budgets.snapshot_date = budgets.latest_snapshot_date and budgets.period_end >= budgets.period_start
),

stated as (
    select
        ranked.budget_type as budget_type,
        ranked.entity_id as entity_id,
        sum(ranked.amount) as budget
    from ranked
    where ranked.budget_rank = 1
    group by ranked.budget_type, ranked.entity_id
)

select
    coalesce(stated.budget_type, days.budget_type) as budget_type,
    coalesce(stated.entity_id, days.entity_id) as entity_id,
    stated.budget as stated_budget,
    days.budget as spread_budget
from stated
full outer join days on stated.budget_type = days.budget_type and stated.entity_id = days.entity_id
where coalesce(stated.budget, 0) <> coalesce(days.budget, 0)
