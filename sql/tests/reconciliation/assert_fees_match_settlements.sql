-- The fees of final days are the settlements', those of other days economics', by account, month, line and currency. Rows are differences.
with final_days as (
    select distinct
        settlement_days.account_id as account_id,
        settlement_days.date_day as date_day
    from {{ ref('int_settlement_days') }} as settlement_days
    where settlement_days.is_final
),

sources as (
    select
        settlement_lines.account_id as account_id,
        {{ period_start('month', 'settlement_lines.date_day') }} as month_start,
        settlement_lines.line as line,
        settlement_lines.currency as currency,
        'final' as basis,
        -settlement_lines.amount as amount
    from {{ ref('int_settlement_lines') }} as settlement_lines
    left outer join final_days
        on settlement_lines.account_id = final_days.account_id and settlement_lines.date_day = final_days.date_day
    where
        {{ is_fee_line('settlement_lines.line') }}
        and (settlement_lines.stream <> 'amazon_sp.settlement' or final_days.date_day is not null)

    union all

    select
        economics_fees.account_id as account_id,
        {{ period_start('month', 'economics_fees.date_day') }} as month_start,
        economics_fees.line as line,
        economics_fees.currency as currency,
        'provisional' as basis,
        economics_fees.amount as amount
    from {{ ref('int_economics_fees') }} as economics_fees
    left outer join final_days
        on economics_fees.account_id = final_days.account_id and economics_fees.date_day = final_days.date_day
    where final_days.date_day is null
),

summed as (
    select
        sources.account_id as account_id,
        sources.month_start as month_start,
        sources.line as line,
        sources.currency as currency,
        sources.basis as basis,
        sum(sources.amount) as amount
    from sources
    group by sources.account_id, sources.month_start, sources.line, sources.currency, sources.basis
),

facts as (
    select
        fees.account_id as account_id,
        {{ period_start('month', 'fees.date_day') }} as month_start,
        fees.line as line,
        fees.currency as currency,
        fees.basis as basis,
        sum(fees.amount) as amount
    from {{ ref('fct_fees') }} as fees
    group by fees.account_id, {{ period_start('month', 'fees.date_day') }}, fees.line, fees.currency, fees.basis
)

select
    coalesce(summed.account_id, facts.account_id) as account_id,
    coalesce(summed.month_start, facts.month_start) as month_start,
    coalesce(summed.line, facts.line) as line,
    coalesce(summed.basis, facts.basis) as basis,
    summed.amount as source_amount,
    facts.amount as fact_amount
from summed
full outer join facts
    on
        summed.account_id = facts.account_id
        and summed.month_start = facts.month_start
        and summed.line = facts.line
        and summed.currency = facts.currency
        and summed.basis = facts.basis
where coalesce(summed.amount, 0) <> coalesce(facts.amount, 0)
