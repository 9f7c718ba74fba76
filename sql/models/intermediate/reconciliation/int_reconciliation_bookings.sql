-- What books should hold of the platforms' sales and refunds (int_platform_bookings), of accounts that books are kept of or that are
-- settled, in the currency of the row or of its account. A table, so that what joins it knows its size.
{{ config(materialized='table', post_hook='{{ analyze_changed(this) }}') }}

select
    bookings.account_id as account_id,
    bookings.date_day as date_day,
    bookings.line as line,
    bookings.order_id as order_id,
    bookings.sku as sku,
    bookings.quantity as quantity,
    coalesce(bookings.currency, accounts.currency) as currency,
    bookings.amount as amount
from {{ ref('int_platform_bookings') }} as bookings
inner join {{ ref('dim_accounts') }} as accounts on bookings.account_id = accounts.account_id
where
    bookings.account_id in (select booked_kinds.account_id from {{ ref('int_booked_kinds') }} as booked_kinds)
    or bookings.account_id in (select settled_orders.account_id from {{ ref('int_settled_orders') }} as settled_orders)
