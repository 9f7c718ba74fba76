-- One row per line that the ERP booked of a sale or a refund, under the selling account and the platform's order number.
-- Amounts of refunds are positive too.
select
    sales._account_id as erp_account_id,
    sales.account_id as account_id,
    sales.date as date_day,
    lower(sales.kind) as booking_kind,
    sales.order_id as order_id,
    sales.line_number as line_number,
    nullif(trim(sales.sku), '') as sku,
    sales.quantity as quantity,
    sales.amount as amount,
    coalesce(sales.discount, 0) as discount,
    upper(sales.currency) as currency,
    sales._load_id as load_id,
    sales._loaded_at as loaded_at
from {{ source('raw', 'erp__sales') }} as sales
