-- One row per amount of a settlement, and one per settlement with its total (is_total). Instants are UTC; date_day is the posted day in
-- the account's own time zone.
with settlement as (
    select
        raw_settlement.*,
        coalesce(accounts.time_zone, '{{ var("default_time_zone") }}') as time_zone,
        accounts.currency as account_currency
    from {{ source('raw', 'amazon_sp__settlement') }} as raw_settlement
    left outer join {{ ref('stg_pipeline__accounts') }} as accounts on raw_settlement._account_id = accounts.account_id
)

select
    settlement._account_id as account_id,
    settlement.settlement_id as settlement_id,
    settlement.line_number as line_number,
    settlement.total_amount is not null as is_total,
    settlement.started_at as started_at,
    settlement.ended_at as ended_at,
    settlement.deposited_at as deposited_at,
    {{ marketplace_day('coalesce(settlement.deposited_at, settlement.ended_at)', 'settlement.time_zone') }} as deposit_day,
    settlement.posted_at as posted_at,
    {{ marketplace_day('coalesce(settlement.posted_at, settlement.ended_at)', 'settlement.time_zone') }} as date_day,
    settlement.transaction_type as transaction_type,
    nullif(trim(settlement.order_id), '') as order_id,
    nullif(trim(settlement.sku), '') as sku,
    cast(settlement.quantity_purchased as bigint) as quantity,
    settlement.amount_type as amount_type,
    settlement.amount_description as amount_description,
    upper(coalesce(settlement.currency, settlement.account_currency)) as currency,
    -- Positive is paid to the seller.
    settlement.amount as amount,
    settlement.total_amount as total_amount,
    settlement._load_id as load_id,
    settlement._loaded_at as loaded_at
from settlement
