-- One row per ERP, snapshot day, kind of budget, entity and period (first and last day, inclusive).
select
    budgets._account_id as erp_account_id,
    budgets.snapshot_date as snapshot_date,
    lower(trim(budgets.budget_type)) as budget_type,
    lower(trim(budgets.entity_kind)) as entity_kind,
    {{ stated_entity_id('budgets.entity_kind', 'budgets.entity_id') }} as entity_id,
    budgets.period_start as period_start,
    budgets.period_end as period_end,
    budgets.amount as amount,
    upper(trim(budgets.currency)) as currency,
    budgets._load_id as load_id,
    budgets._loaded_at as loaded_at
from {{ source('raw', 'erp__budgets') }} as budgets
