-- Every item that is compared: one row per account, day, line, reference (order, settlement), SKU or kind of fee, and currency,
-- with both amounts and how they stand to each other. A side that has no row is null. Every build compares every day: an item's state
-- hangs on its own loads, on how far books and settlements reach by now, and on which accounts the books know.
{{ config(materialized='table') }}

with coverage as (
    select * from {{ ref('int_books_coverage') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

-- Sales and refunds by order.
booked_lines as (
    select
        sales.account_id as account_id,
        sales.date_day as date_day,
        case sales.booking_kind when 'sale' then 'sales' when 'refund' then 'refunds' else sales.booking_kind end as line,
        sales.order_id as order_id,
        sales.sku as sku,
        coalesce(sales.currency, accounts.currency) as currency,
        sales.amount - sales.discount as amount
    from {{ ref('stg_erp__sales') }} as sales
    inner join accounts on sales.account_id = accounts.account_id
),

-- Where the books name no SKU for something of an order, the order is one item.
unnamed_orders as (
    select distinct
        booked_lines.account_id as account_id,
        booked_lines.line as line,
        booked_lines.order_id as order_id
    from booked_lines
    where booked_lines.sku is null
),

platform_lines as (
    select bookings.*
    from {{ ref('int_reconciliation_bookings') }} as bookings
    inner join coverage on bookings.account_id = coverage.account_id and bookings.line = coverage.line
),
{%- for side in ['booked', 'platform'] %}

{{ side }}_orders as (
    select
        sided.account_id as account_id,
        sided.date_day as date_day,
        sided.line as line,
        sided.order_id as reference,
        case when unnamed_orders.order_id is null then coalesce(sided.sku, '') else '' end as sku,
        sided.currency as currency,
        sum(sided.amount) as amount
    from {{ side }}_lines as sided
    left outer join unnamed_orders
        on
            sided.account_id = unnamed_orders.account_id
            and sided.line = unnamed_orders.line
            and sided.order_id = unnamed_orders.order_id
    group by
        sided.account_id,
        sided.date_day,
        sided.line,
        sided.order_id,
        case when unnamed_orders.order_id is null then coalesce(sided.sku, '') else '' end,
        sided.currency
),
{%- endfor %}

-- Fees by settlement.
booked_fees as (
    select
        fees.account_id as account_id,
        fees.date_day as date_day,
        {{ charge_name('fees.fee_type') }} as fee_name,
        max(fees.fee_type) as charge_type,
        coalesce(fees.reference, '') as reference,
        coalesce(fees.currency, accounts.currency) as currency,
        sum(fees.amount) as amount
    from {{ ref('stg_erp__fees') }} as fees
    inner join accounts on fees.account_id = accounts.account_id
    group by
        fees.account_id,
        fees.date_day,
        {{ charge_name('fees.fee_type') }},
        coalesce(fees.reference, ''),
        coalesce(fees.currency, accounts.currency)
),

charged_fees as (
    select
        settlement_lines.account_id as account_id,
        settlement_lines.date_day as date_day,
        {{ charge_name('settlement_lines.booked_type') }} as fee_name,
        max(settlement_lines.booked_type) as charge_type,
        settlement_lines.settlement_id as reference,
        settlement_lines.currency as currency,
        -sum(settlement_lines.amount) as amount
    from {{ ref('int_settlement_lines') }} as settlement_lines
    inner join coverage on settlement_lines.account_id = coverage.account_id and coverage.line = 'fees'
    where
        {{ is_fee_line('settlement_lines.line') }}
    group by
        settlement_lines.account_id,
        settlement_lines.date_day,
        {{ charge_name('settlement_lines.booked_type') }},
        settlement_lines.settlement_id,
        settlement_lines.currency
    -- Charged and given back on one day: nothing to book.
    having sum(settlement_lines.amount) <> 0
),

fee_names as (
    select distinct
        booked_kinds.account_id as account_id,
        booked_kinds.fee_name as fee_name
    from {{ ref('int_booked_kinds') }} as booked_kinds
    where booked_kinds.line = 'fees'
),

settlements as (
    select distinct
        int_settlements.account_id as account_id,
        int_settlements.settlement_id as settlement_id
    from {{ ref('int_settlements') }} as int_settlements
),

final_days as (
    select distinct
        settlement_days.account_id as account_id,
        settlement_days.date_day as date_day
    from {{ ref('int_settlement_days') }} as settlement_days
    where settlement_days.is_final
),

settled_orders as (
    select * from {{ ref('int_settled_orders') }}
),

ordered as (
    select
        bookings.account_id as account_id,
        bookings.order_id as order_id,
        bookings.currency as currency,
        sum(bookings.amount) as amount,
        sum(bookings.quantity) as quantity
    from {{ ref('int_reconciliation_bookings') }} as bookings
    where bookings.line = 'sales'
    group by bookings.account_id, bookings.order_id, bookings.currency
),

items as (
    select
        coalesce(platform_orders.account_id, booked_orders.account_id) as account_id,
        coalesce(platform_orders.date_day, booked_orders.date_day) as date_day,
        coalesce(platform_orders.line, booked_orders.line) as line,
        cast(null as {{ dbt.type_string() }}) as charge_type,
        coalesce(platform_orders.reference, booked_orders.reference) as reference,
        nullif(coalesce(platform_orders.sku, booked_orders.sku), '') as sku,
        coalesce(platform_orders.currency, booked_orders.currency) as currency,
        platform_orders.amount as platform_amount,
        booked_orders.amount as erp_amount,
        cast(null as numeric) as settled_amount
    from platform_orders
    full outer join booked_orders
        on
            platform_orders.account_id = booked_orders.account_id
            and platform_orders.date_day = booked_orders.date_day
            and platform_orders.line = booked_orders.line
            and platform_orders.reference = booked_orders.reference
            and platform_orders.sku = booked_orders.sku
            and platform_orders.currency = booked_orders.currency

    union all

    select
        coalesce(charged_fees.account_id, booked_fees.account_id) as account_id,
        coalesce(charged_fees.date_day, booked_fees.date_day) as date_day,
        'fees' as line,
        coalesce(charged_fees.charge_type, booked_fees.charge_type) as charge_type,
        coalesce(charged_fees.reference, booked_fees.reference) as reference,
        cast(null as {{ dbt.type_string() }}) as sku,
        coalesce(charged_fees.currency, booked_fees.currency) as currency,
        charged_fees.amount as platform_amount,
        booked_fees.amount as erp_amount,
        cast(null as numeric) as settled_amount
    from charged_fees
    full outer join booked_fees
        on
            charged_fees.account_id = booked_fees.account_id
            and charged_fees.date_day = booked_fees.date_day
            and charged_fees.fee_name = booked_fees.fee_name
            and charged_fees.reference = booked_fees.reference
            and charged_fees.currency = booked_fees.currency

    union all

    select
        settled_orders.account_id as account_id,
        settled_orders.date_day as date_day,
        'settled_sales' as line,
        cast(null as {{ dbt.type_string() }}) as charge_type,
        settled_orders.order_id as reference,
        cast(null as {{ dbt.type_string() }}) as sku,
        settled_orders.currency as currency,
        ordered.amount as platform_amount,
        cast(null as numeric) as erp_amount,
        settled_orders.amount as settled_amount
    from settled_orders
    -- Shipped in part, or not known by the orders report any more: not final on both sides.
    inner join ordered
        on
            settled_orders.account_id = ordered.account_id
            and settled_orders.order_id = ordered.order_id
            and settled_orders.currency = ordered.currency
            and settled_orders.quantity = ordered.quantity

    union all

    -- No ERP tells us what arrived at the bank: payouts are listed, not judged.
    select
        int_settlements.account_id as account_id,
        int_settlements.date_day as date_day,
        'payouts' as line,
        cast(null as {{ dbt.type_string() }}) as charge_type,
        int_settlements.settlement_id as reference,
        cast(null as {{ dbt.type_string() }}) as sku,
        int_settlements.currency as currency,
        int_settlements.settlement_amount as platform_amount,
        cast(null as numeric) as erp_amount,
        cast(null as numeric) as settled_amount
    from {{ ref('int_settlements') }} as int_settlements
    where
        int_settlements.is_paid
),

judged as (
    select
        items.account_id as account_id,
        items.date_day as date_day,
        items.line as line,
        items.charge_type as charge_type,
        items.reference as reference,
        items.sku as sku,
        items.currency as currency,
        items.platform_amount as platform_amount,
        items.erp_amount as erp_amount,
        items.settled_amount as settled_amount,
        case when items.line = 'settled_sales' then items.settled_amount else items.erp_amount end as other_amount,
        {{ reconciliation_tolerance('items.line') }} as tolerance,
        case
            when items.line = 'payouts' then false
            when items.line = 'settled_sales' then true
            when items.date_day < coverage.covered_from or items.date_day > coverage.covered_through then false
            -- A settlement that isn't closed or not loaded yet says nothing.
            when items.line = 'fees' and items.platform_amount is null and settlements.settlement_id is null
                then final_days.date_day is not null
            when items.line = 'fees' then fee_names.fee_name is not null
            when items.line = 'refunds' and accounts.platform = 'amazon' then final_days.date_day is not null
            else true
        end as is_comparable
    from items
    inner join accounts on items.account_id = accounts.account_id
    left outer join coverage on items.account_id = coverage.account_id and items.line = coverage.line
    left outer join fee_names
        on
            items.account_id = fee_names.account_id
            and items.line = 'fees'
            and {{ charge_name('items.charge_type') }} = fee_names.fee_name
    left outer join settlements on items.account_id = settlements.account_id and items.reference = settlements.settlement_id
    left outer join final_days on items.account_id = final_days.account_id and items.date_day = final_days.date_day
)

select
    judged.account_id as account_id,
    judged.date_day as date_day,
    judged.line as line,
    judged.charge_type as charge_type,
    judged.reference as reference,
    judged.sku as sku,
    judged.currency as currency,
    judged.platform_amount as platform_amount,
    judged.erp_amount as erp_amount,
    judged.settled_amount as settled_amount,
    case
        when judged.is_comparable then coalesce(judged.other_amount, 0) - coalesce(judged.platform_amount, 0)
    end as difference,
    judged.tolerance as tolerance,
    case
        when not judged.is_comparable then 'not_comparable'
        when coalesce(judged.other_amount, 0) = coalesce(judged.platform_amount, 0) then 'matched'
        when abs(coalesce(judged.other_amount, 0) - coalesce(judged.platform_amount, 0)) <= judged.tolerance then 'within_tolerance'
        when judged.other_amount is null then 'missing_in_erp'
        when judged.platform_amount is null then 'missing_on_platform'
        else 'different'
    end as state
from judged
where judged.line in ('sales', 'refunds', 'fees', 'settled_sales', 'payouts')
