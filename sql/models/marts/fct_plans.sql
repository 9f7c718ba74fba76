-- One row per plan, entity and day: a budget's share of the day, or the heads of a team or the company.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('plans')) }}",
    indexes=[{'columns': ['plan_key'], 'unique': true}, {'columns': ['date_day']}]
) }}

select
    plans.plan_key as plan_key,
    plans.account_id as account_id,
    plans.date_day as date_day,
    plans.entity_kind as entity_kind,
    plans.entity_id as entity_id,
    plans.plan as plan,
    coalesce(plans.currency, accounts.currency, '{{ reporting_currency() }}') as currency,
    coalesce(accounts.currency, '{{ reporting_currency() }}') as entity_currency,
    plans.budget as budget,
    case when plans.plan = 'ads' then plans.budget end as planned_ad_spend,
    plans.headcount as headcount,
    plans.load_id as load_id
from {{ ref('int_plans') }} as plans
-- An account and what lies inside it keep the account's currency.
left outer join {{ ref('dim_accounts') }} as accounts
    on
        plans.entity_kind in ('account', 'category', 'sku')
        and accounts.account_id = {{ account_of_entity('plans.entity_id') }}
{%- if not is_rebuild() %}
where (plans.account_id, plans.date_day) in {{ touched_days('plans') }}
{%- endif %}
