-- One row per transaction that Amazon held back, with the days on which it was posted and released (null: still held).
with held as (
    select
        finances.account_id as account_id,
        finances.transaction_id as transaction_id,
        finances.transaction_status as transaction_status,
        finances.date_day as posted_day,
        finances.maturity_day as maturity_day,
        finances.currency as currency,
        finances.load_id as load_id,
        sum(finances.amount) as amount
    from {{ ref('stg_amazon_sp__finances') }} as finances
    where finances.transaction_status in ('DEFERRED', 'DEFERRED_RELEASED')
    group by
        finances.account_id,
        finances.transaction_id,
        finances.transaction_status,
        finances.date_day,
        finances.maturity_day,
        finances.currency,
        finances.load_id
),

releases as (
    select
        finances.account_id as account_id,
        finances.deferred_transaction_id as deferred_transaction_id,
        min(finances.date_day) as released_day
    from {{ ref('stg_amazon_sp__finances') }} as finances
    where finances.transaction_status = 'RELEASED' and finances.deferred_transaction_id is not null
    group by finances.account_id, finances.deferred_transaction_id
)

select
    held.account_id as account_id,
    held.transaction_id as transaction_id,
    held.posted_day as posted_day,
    case
        when releases.released_day is not null then releases.released_day
        when held.transaction_status = 'DEFERRED_RELEASED' then coalesce(held.maturity_day, held.posted_day)
    end as released_day,
    held.currency as currency,
    held.amount as amount,
    held.load_id as load_id
from held
left outer join releases on held.account_id = releases.account_id and held.transaction_id = releases.deferred_transaction_id
