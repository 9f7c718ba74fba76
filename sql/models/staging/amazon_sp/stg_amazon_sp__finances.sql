-- One row per charge of a transaction's item. A deferred transaction and its release are two transactions: add up one status at a time.
-- Instants are UTC; date_day is the posted day in the account's own time zone.
select
    finances._account_id as account_id,
    finances.transaction_id as transaction_id,
    finances.line_number as line_number,
    finances.transaction_type as transaction_type,
    upper(finances.transaction_status) as transaction_status,
    finances.posted_at as posted_at,
    {{ marketplace_day('finances.posted_at', "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }} as date_day,
    finances.matures_at as matures_at,
    {{ marketplace_day('finances.matures_at', "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }} as maturity_day,
    finances.deferred_transaction_id as deferred_transaction_id,
    finances.release_transaction_id as release_transaction_id,
    finances.order_id as order_id,
    finances.sku as sku,
    cast(finances.quantity as bigint) as quantity,
    finances.breakdown_path as breakdown_path,
    upper(coalesce(finances.currency, accounts.currency)) as currency,
    -- Positive is paid to the seller.
    finances.amount as amount,
    finances._load_id as load_id,
    finances._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__finances') }} as finances
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on finances._account_id = accounts.account_id
