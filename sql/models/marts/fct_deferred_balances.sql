-- One row per account, currency and day that loads of its finances cover: what Amazon held back at the end of the day. A level: it adds up
-- over accounts, not over days.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('deferred')) }}",
    indexes=[{'columns': ['deferred_balance_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}]
) }}

with covered as (
    select
        loads.account_id as account_id,
        min(loads.window_start) as first_day,
        max(loads.window_end) as last_day
    from {{ ref('stg_pipeline__loads') }} as loads
    where
        loads.platform = 'amazon_sp'
        and loads.stream = 'finances'
        and loads.state in ('loaded', 'empty')
        and loads.window_start is not null
    group by loads.account_id
),

days as (
    select
        covered.account_id as account_id,
        dates.date_day as date_day
    from covered
    inner join {{ ref('dim_dates') }} as dates on covered.first_day <= dates.date_day and covered.last_day >= dates.date_day
    {%- if not is_rebuild() %}
    where (covered.account_id, dates.date_day) in {{ touched_days('deferred') }}
    {%- endif %}
),

balances as (
    select
        days.account_id as account_id,
        days.date_day as date_day,
        coalesce(held.currency, accounts.currency) as currency,
        coalesce(sum(held.amount), 0) as deferred_balance,
        count(held.transaction_id) as deferred_transactions
    from days
    inner join {{ ref('dim_accounts') }} as accounts on days.account_id = accounts.account_id
    left outer join {{ ref('int_deferred_transactions') }} as held
        on
            days.account_id = held.account_id
            and days.date_day >= held.posted_day
            and (days.date_day < held.released_day or held.released_day is null)
    group by days.account_id, days.date_day, coalesce(held.currency, accounts.currency)
)

select
    balances.account_id
    || '/' || cast(balances.date_day as {{ dbt.type_string() }})
    || '/' || balances.currency as deferred_balance_key,
    balances.account_id as account_id,
    balances.date_day as date_day,
    balances.currency as currency,
    balances.deferred_balance as deferred_balance,
    balances.deferred_transactions as deferred_transactions
from balances
