-- Rates of account health are exactly those that the platforms state, one row each. Rows are differences.
with staged as (
    select
        amazon.account_id as account_id,
        amazon.date_day as date_day,
        count(*) as row_count,
        sum(amazon.rate) as stated_rates
    from {{ ref('stg_amazon_sp__account_health') }} as amazon
    group by amazon.account_id, amazon.date_day

    union all

    select
        walmart.account_id as account_id,
        walmart.date_day as date_day,
        count(*) as row_count,
        sum(walmart.rate_percent) as stated_rates
    from {{ ref('stg_walmart__performance') }} as walmart
    group by walmart.account_id, walmart.date_day
),

facts as (
    select
        health.account_id as account_id,
        health.date_day as date_day,
        count(*) as row_count,
        sum(health.stated_rate) as stated_rates
    from {{ ref('fct_account_health') }} as health
    group by health.account_id, health.date_day
)

select
    coalesce(staged.account_id, facts.account_id) as account_id,
    coalesce(staged.date_day, facts.date_day) as date_day,
    staged.stated_rates as stated_rates,
    facts.stated_rates as fact_rates
from staged
full outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where
    coalesce(staged.row_count, 0) <> coalesce(facts.row_count, 0)
    or coalesce(staged.stated_rates, 0) <> coalesce(facts.stated_rates, 0)
