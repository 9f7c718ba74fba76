-- One row per day and currency: what one unit is worth in the reporting currency. A published rate holds until the next one, for
-- var fx_rate_max_age_days at most; a day without a row has no rate. A rate that is published the other way round is inverted and
-- rounded to ten decimals; where both are published the direct one holds.
{{ config(indexes=[{'columns': ['currency', 'date_day'], 'unique': true}]) }}

with rates as (
    select * from {{ ref('stg_erp__fx_rates') }}
),

published as (
    select
        rates.date_day as date_day,
        rates.from_currency as currency,
        rates.rate as rate,
        1 as preference,
        rates.erp_account_id as erp_account_id
    from rates
    where rates.to_currency = '{{ reporting_currency() }}' and rates.from_currency <> '{{ reporting_currency() }}'

    union all

    select
        rates.date_day as date_day,
        rates.to_currency as currency,
        round(1 / nullif(rates.rate, 0), 10) as rate,
        2 as preference,
        rates.erp_account_id as erp_account_id
    from rates
    where rates.from_currency = '{{ reporting_currency() }}' and rates.to_currency <> '{{ reporting_currency() }}'
),

ranked as (
    select
        published.*,
        row_number() over (
            partition by published.currency, published.date_day
            order by published.preference asc nulls last, published.erp_account_id asc nulls last
        ) as rate_rank
    from published
),

spans as (
    select
        ranked.currency as currency,
        ranked.rate as rate,
        ranked.date_day as first_day,
        lead(ranked.date_day) over (partition by ranked.currency order by ranked.date_day asc nulls last) as next_day
    from ranked
    where ranked.rate_rank = 1
)

select
    dates.date_day as date_day,
    spans.currency as currency,
    spans.rate as rate
from spans
inner join {{ ref('dim_dates') }} as dates
    on
        spans.first_day <= dates.date_day
        and spans.first_day + {{ var('fx_rate_max_age_days') }} >= dates.date_day
        and (spans.next_day > dates.date_day or spans.next_day is null)
