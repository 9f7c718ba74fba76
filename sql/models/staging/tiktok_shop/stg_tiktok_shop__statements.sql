-- One row per statement: settlement = revenue + shipping + fees + adjustment, signed from the seller's side. Instants are UTC.
select
    statements._account_id as account_id,
    statements.statement_id as statement_id,
    statements.statement_time as stated_at,
    statements.statement_date as date_day,
    upper(coalesce(statements.currency, accounts.currency)) as currency,
    statements.settlement_amount as settlement_amount,
    statements.revenue_amount as revenue_amount,
    statements.shipping_amount as shipping_amount,
    statements.fee_amount as fee_amount,
    statements.adjustment_amount as adjustment_amount,
    upper(statements.payment_status) as payment_status,
    coalesce(upper(statements.payment_status) = 'PAID', false) as is_paid,
    statements.paid_at as paid_at,
    {{ marketplace_day('statements.paid_at', "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }} as paid_day,
    statements._load_id as load_id,
    statements._loaded_at as loaded_at
from {{ source('raw', 'tiktok_shop__statements') }} as statements
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on statements._account_id = accounts.account_id
