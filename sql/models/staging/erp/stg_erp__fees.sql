-- One row per booking of a platform's fee: what the seller paid is positive. `reference` names the settlement or statement.
select
    fees._account_id as erp_account_id,
    fees.account_id as account_id,
    fees.date as date_day,
    fees.fee_type as fee_type,
    nullif(trim(fees.reference), '') as reference,
    fees.amount as amount,
    upper(fees.currency) as currency,
    fees._load_id as load_id,
    fees._loaded_at as loaded_at
from {{ source('raw', 'erp__fees') }} as fees
