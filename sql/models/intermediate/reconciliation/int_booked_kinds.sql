-- What the books are kept of: one row per ERP, selling account, line of the reconciliation and, of fees, the fee's name. What an ERP never
-- books is nothing that it lacks.
select
    sales.erp_account_id as erp_account_id,
    sales.account_id as account_id,
    case sales.booking_kind when 'sale' then 'sales' when 'refund' then 'refunds' else sales.booking_kind end as line,
    '' as fee_name
from {{ ref('stg_erp__sales') }} as sales
group by sales.erp_account_id, sales.account_id, sales.booking_kind

union all

select
    fees.erp_account_id as erp_account_id,
    fees.account_id as account_id,
    'fees' as line,
    {{ charge_name('fees.fee_type') }} as fee_name
from {{ ref('stg_erp__fees') }} as fees
group by fees.erp_account_id, fees.account_id, {{ charge_name('fees.fee_type') }}
