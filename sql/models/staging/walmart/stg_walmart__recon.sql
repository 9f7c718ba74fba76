-- One row per amount of a reconciliation report. Days are the shop's.
select
    recon._account_id as account_id,
    recon.settlement_start as settlement_start,
    recon.settlement_end as settlement_end,
    -- The report's period, as the ERP refers to it.
    cast(recon.settlement_start as {{ dbt.type_string() }})
    || '..' || cast(recon.settlement_end as {{ dbt.type_string() }}) as settlement_id,
    recon.line_number as line_number,
    recon.paid_on as paid_on,
    recon.total_payable as total_payable,
    recon.transaction_date as date_day,
    recon.transaction_type as transaction_type,
    recon.transaction_description as transaction_description,
    nullif(trim(recon.purchase_order_id), '') as order_id,
    nullif(trim(recon.customer_order_id), '') as customer_order_id,
    nullif(trim(recon.sku), '') as sku,
    cast(recon.quantity as bigint) as quantity,
    recon.amount_type as amount_type,
    recon.fulfillment_type as fulfillment_type,
    upper(coalesce(recon.currency, accounts.currency)) as currency,
    -- Positive is paid to the seller.
    recon.amount as amount,
    recon._load_id as load_id,
    recon._loaded_at as loaded_at
from {{ source('raw', 'walmart__recon') }} as recon
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on recon._account_id = accounts.account_id
