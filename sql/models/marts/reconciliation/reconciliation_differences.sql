-- One row per entity (account, platform, company), grain and period with something comparable: by how much platform and books (or
-- settlement) differ, item by item without signs. Platform and company are in the reporting currency, at the day's rate; a missing rate is
-- no value.
{{ config(materialized='view') }}
{%- set reporting = reporting_currency() %}

with differences as (
    select
        reconciliation.account_id as account_id,
        reconciliation.date_day as date_day,
        accounts.account_key as account_key,
        accounts.platform_key as platform_key,
        accounts.currency as account_currency,
        reconciliation.absolute_difference as absolute_difference,
        case
            when reconciliation.currency = accounts.currency then 1
            when accounts.currency = '{{ reporting }}' then row_rates.rate
            when reconciliation.currency = '{{ reporting }}' then round(1 / nullif(account_rates.rate, 0), 10)
            else round(row_rates.rate / nullif(account_rates.rate, 0), 10)
        end as account_rate,
        case when reconciliation.currency = '{{ reporting }}' then 1 else row_rates.rate end as reporting_rate
    from {{ ref('fct_reconciliation') }} as reconciliation
    inner join {{ ref('dim_accounts') }} as accounts on reconciliation.account_id = accounts.account_id
    left outer join {{ ref('dim_fx_rates') }} as row_rates
        on reconciliation.currency = row_rates.currency and reconciliation.date_day = row_rates.date_day
    left outer join {{ ref('dim_fx_rates') }} as account_rates
        on accounts.currency = account_rates.currency and reconciliation.date_day = account_rates.date_day
    where reconciliation.absolute_difference is not null
),

-- Nothing needs no rate.
entity_days as (
    {%- for kind, key, currency, rate in [
        ('account', 'differences.account_key', 'differences.account_currency', 'differences.account_rate'),
        ('platform', 'differences.platform_key', "'" ~ reporting ~ "'", 'differences.reporting_rate'),
        ('company', "'company'", "'" ~ reporting ~ "'", 'differences.reporting_rate'),
    ] %}
    select
        '{{ kind }}' as entity_kind,
        {{ key }} as entity_id,
        differences.date_day as date_day,
        {{ currency }} as currency,
        case when differences.absolute_difference = 0 then 0 else differences.absolute_difference * {{ rate }} end as amount
    from differences
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

periods as (
    {%- for grain in kpi_grains() %}
    select
        entity_days.entity_kind as entity_kind,
        entity_days.entity_id as entity_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, 'entity_days.date_day') }} as period_start,
        max(entity_days.currency) as currency,
        case when count(*) = count(entity_days.amount) then sum(entity_days.amount) end as amount
    from entity_days
    group by entity_days.entity_kind, entity_days.entity_id, {{ period_start(grain, 'entity_days.date_day') }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
)

select
    periods.entity_kind as entity_kind,
    periods.entity_id as entity_id,
    periods.grain as grain,
    periods.period_start as period_start,
    periods.amount as numerator,
    cast(null as numeric) as denominator,
    periods.amount as value,
    periods.currency as currency
from periods
