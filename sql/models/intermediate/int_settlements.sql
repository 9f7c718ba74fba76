-- One row per closed settlement, reconciliation report or statement, on the day on which its money arrives; a statement that isn't paid yet
-- stands on its own day without money.
select
    'amazon_sp.settlement' as stream,
    settlement.account_id as account_id,
    settlement.settlement_id as settlement_id,
    settlement.account_id || '/' || settlement.settlement_id as document_key,
    settlement.deposit_day as date_day,
    {{ marketplace_day('settlement.started_at', 'accounts.time_zone') }} as period_start_day,
    {{ last_day_before('settlement.ended_at', 'accounts.time_zone') }} as period_end_day,
    coalesce(settlement.currency, accounts.currency) as currency,
    settlement.total_amount as settlement_amount,
    true as is_paid,
    settlement.load_id as load_id
from {{ ref('stg_amazon_sp__settlement') }} as settlement
inner join {{ ref('dim_accounts') }} as accounts on settlement.account_id = accounts.account_id
where settlement.is_total

union all

select
    'walmart.recon' as stream,
    recon.account_id as account_id,
    recon.settlement_id as settlement_id,
    recon.account_id || '/' || recon.settlement_id as document_key,
    coalesce(recon.paid_on, recon.settlement_end) as date_day,
    recon.settlement_start as period_start_day,
    recon.settlement_end as period_end_day,
    coalesce(recon.currency, accounts.currency) as currency,
    coalesce(recon.total_payable, sum(recon.amount)) as settlement_amount,
    true as is_paid,
    recon.load_id as load_id
from {{ ref('stg_walmart__recon') }} as recon
inner join {{ ref('dim_accounts') }} as accounts on recon.account_id = accounts.account_id
group by
    recon.account_id,
    recon.settlement_id,
    recon.paid_on,
    recon.settlement_start,
    recon.settlement_end,
    coalesce(recon.currency, accounts.currency),
    recon.total_payable,
    recon.load_id

union all

select
    'tiktok_shop.statements' as stream,
    statements.account_id as account_id,
    statements.statement_id as settlement_id,
    statements.account_id || '/' || statements.statement_id as document_key,
    case when statements.is_paid then coalesce(statements.paid_day, statements.date_day) else statements.date_day end as date_day,
    statements.date_day as period_start_day,
    statements.date_day as period_end_day,
    coalesce(statements.currency, accounts.currency) as currency,
    statements.settlement_amount as settlement_amount,
    statements.is_paid as is_paid,
    statements.load_id as load_id
from {{ ref('stg_tiktok_shop__statements') }} as statements
inner join {{ ref('dim_accounts') }} as accounts on statements.account_id = accounts.account_id
