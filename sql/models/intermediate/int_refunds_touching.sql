-- What makes a day of refunds anew: the refunds themselves, and the orders of refunds, because a cancelled order's refund is none.
select
    refunds.account_id as account_id,
    refunds.date_day as date_day,
    refunds.load_id as load_id,
    refunds.document_key as document_key
from {{ ref('int_refunds') }} as refunds

union all

select
    refunds.account_id as account_id,
    refunds.date_day as date_day,
    orders.load_id as load_id,
    cast(refunds.refund_id as {{ dbt.type_string() }}) as document_key
from {{ ref('stg_shopify__refunds') }} as refunds
inner join {{ ref('stg_shopify__orders') }} as orders
    on refunds.account_id = orders.account_id and refunds.order_id = orders.order_id
