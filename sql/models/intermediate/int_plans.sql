-- One row per plan, entity and day, from each ERP's latest snapshot: budgets, spread over the days of their period in whole cents that
-- add up exactly, and headcount, the same on each day of its month.
with budgets as (
    select
        stg_budgets.*,
        max(stg_budgets.snapshot_date) over (partition by stg_budgets.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__budgets') }} as stg_budgets
),

budgets_ranked as (
    select
        budgets.*,
        budgets.period_end - budgets.period_start + 1 as day_count,
        row_number() over (
            partition by budgets.budget_type, budgets.entity_id, budgets.period_start, budgets.period_end
            order by budgets.snapshot_date desc nulls last, budgets.erp_account_id asc nulls last
        ) as budget_rank
    from budgets
    where budgets.snapshot_date = budgets.latest_snapshot_date and budgets.period_end >= budgets.period_start
),

budget_days as (
    select
        ranked.erp_account_id as account_id,
        ranked.load_id as load_id,
        ranked.budget_type as plan,
        ranked.entity_kind as entity_kind,
        ranked.entity_id as entity_id,
        ranked.currency as currency,
        ranked.period_start as period_start,
        ranked.period_end as period_end,
        dates.date_day as date_day,
        ranked.amount as amount,
        ranked.day_count as day_count,
        dates.date_day - ranked.period_start as days_before
    from budgets_ranked as ranked
    inner join {{ ref('dim_dates') }} as dates on dates.date_day between ranked.period_start and ranked.period_end
    where ranked.budget_rank = 1
),

headcount as (
    select
        stg_headcount.*,
        max(stg_headcount.snapshot_date) over (partition by stg_headcount.erp_account_id) as latest_snapshot_date
    from {{ ref('stg_erp__headcount') }} as stg_headcount
),

headcount_ranked as (
    select
        headcount.*,
        row_number() over (
            partition by headcount.team_id, headcount.month_start
            order by headcount.snapshot_date desc nulls last, headcount.erp_account_id asc nulls last
        ) as headcount_rank
    from headcount
    where headcount.snapshot_date = headcount.latest_snapshot_date
),

headcount_days as (
    select
        ranked.erp_account_id as account_id,
        ranked.load_id as load_id,
        ranked.team_id as team_id,
        ranked.month_start as month_start,
        dates.date_day as date_day,
        ranked.actual as actual
    from headcount_ranked as ranked
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between ranked.month_start and {{ period_end('month', 'ranked.month_start') }}
    where ranked.headcount_rank = 1 and ranked.actual is not null
)

select
    'budget/' || budget_days.plan
    || '/' || budget_days.entity_id
    || '/' || cast(budget_days.period_start as {{ dbt.type_string() }})
    || '/' || cast(budget_days.period_end as {{ dbt.type_string() }})
    || '/' || cast(budget_days.date_day as {{ dbt.type_string() }}) as plan_key,
    budget_days.account_id as account_id,
    budget_days.date_day as date_day,
    budget_days.entity_kind as entity_kind,
    budget_days.entity_id as entity_id,
    budget_days.plan as plan,
    budget_days.currency as currency,
    case
        when budget_days.days_before + 1 = budget_days.day_count then budget_days.amount
        else floor(budget_days.amount * 100 * (budget_days.days_before + 1) / nullif(budget_days.day_count, 0)) / 100
    end
    - floor(budget_days.amount * 100 * budget_days.days_before / nullif(budget_days.day_count, 0)) / 100 as budget,
    cast(null as numeric) as headcount,
    cast(budget_days.load_id as {{ dbt.type_string() }}) as load_id
from budget_days

union all

select
    'headcount/team:' || headcount_days.team_id || '/' || cast(headcount_days.date_day as {{ dbt.type_string() }}) as plan_key,
    headcount_days.account_id as account_id,
    headcount_days.date_day as date_day,
    'team' as entity_kind,
    'team:' || headcount_days.team_id as entity_id,
    'headcount' as plan,
    cast(null as {{ dbt.type_string() }}) as currency,
    cast(null as numeric) as budget,
    headcount_days.actual as headcount,
    cast(headcount_days.load_id as {{ dbt.type_string() }}) as load_id
from headcount_days

union all

-- The company's heads are its teams'.
select
    'headcount/company/' || cast(headcount_days.date_day as {{ dbt.type_string() }}) as plan_key,
    min(headcount_days.account_id) as account_id,
    headcount_days.date_day as date_day,
    'company' as entity_kind,
    'company' as entity_id,
    'headcount' as plan,
    cast(null as {{ dbt.type_string() }}) as currency,
    cast(null as numeric) as budget,
    sum(headcount_days.actual) as headcount,
    min(cast(headcount_days.load_id as {{ dbt.type_string() }})) as load_id
from headcount_days
group by headcount_days.date_day
