-- The cost of all judged targets of an account's month is what the targeting reports say, where account and rows share a currency. Rows are
-- differences.
with reported as (
    select
        targets.account_id as account_id,
        {{ period_start('month', 'targets.date_day') }} as period_start,
        sum(targets.cost) as cost
    from {{ ref('int_ad_targets') }} as targets
    inner join {{ ref('dim_accounts') }} as accounts on targets.account_id = accounts.account_id
    where targets.target_kind = 'target'
    group by targets.account_id, {{ period_start('month', 'targets.date_day') }}
    having
        sum(case when targets.currency <> accounts.currency then 1 else 0 end) = 0
        and sum(case when targets.purchases is null and targets.sales is null then 1 else 0 end) = 0
)

select
    reported.account_id as account_id,
    reported.period_start as period_start,
    reported.cost as reported_cost,
    waste.targeted_cost as shown_cost
from reported
left outer join {{ ref('ad_waste') }} as waste
    on
        'account:' || reported.account_id = waste.entity_id
        and reported.period_start = waste.period_start
        and waste.grain = 'month'
where reported.cost is distinct from waste.targeted_cost
