-- One row per transaction of a statement: an order's settlement, a later refund, or an adjustment; signed from the seller's side.
select
    transactions._account_id as account_id,
    transactions.statement_id as statement_id,
    transactions.transaction_id as transaction_id,
    transactions.statement_date as date_day,
    transactions.transaction_type as transaction_type,
    coalesce(nullif(transactions.order_id, ''), nullif(transactions.adjustment_order_id, '')) as order_id,
    nullif(transactions.sku_id, '') as sku_id,
    cast(transactions.quantity as bigint) as quantity,
    upper(coalesce(transactions.currency, accounts.currency)) as currency,
    transactions.settlement_amount as settlement_amount,
    transactions.revenue_amount as revenue_amount,
    transactions.shipping_amount as shipping_amount,
    transactions.fee_amount as fee_amount,
    transactions.adjustment_amount as adjustment_amount,
    {%- for name in tiktok_transaction_parts() %}
    transactions.{{ name }} as {{ name }},
    {%- endfor %}
    transactions.reserve_amount as reserve_amount,
    transactions._load_id as load_id,
    transactions._loaded_at as loaded_at
from {{ source('raw', 'tiktok_shop__statement_transactions') }} as transactions
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on transactions._account_id = accounts.account_id
