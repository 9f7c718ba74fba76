-- One row per amount of a closed settlement, reconciliation report or statement, on the day on which the platform posted it. Signed:
-- positive is paid to the seller. booked_type is what books call the charge.
{%- set amounts = [] %}
{%- for group, parts in tiktok_transaction_groups().items() %}
{%- for part in parts %}
{%- do amounts.append({'group': group, 'type': part, 'sql': 'transactions.' ~ part}) %}
{%- endfor %}
{#- What TikTok names no part of, and the adjustment as a whole. #}
{%- set named = [] %}
{%- for part in parts %}
{%- do named.append('coalesce(transactions.' ~ part ~ ', 0)') %}
{%- endfor %}
{%- do amounts.append({'group': group, 'type': group ~ '_rest', 'sql': 'transactions.' ~ group ~ '_amount - ' ~ named | join(' - ')}) %}
{%- endfor %}
select
    'amazon_sp.settlement' as stream,
    settlement.account_id as account_id,
    settlement.settlement_id as settlement_id,
    settlement.date_day as date_day,
    settlement.order_id as order_id,
    settlement.sku as sku,
    settlement.transaction_type as transaction_type,
    settlement.amount_type as charge_group,
    settlement.amount_description as charge_type,
    settlement.amount_description as booked_type,
    settlement.quantity as quantity,
    settlement.currency as currency,
    settlement.amount as amount,
    settlement.load_id as load_id
from {{ ref('stg_amazon_sp__settlement') }} as settlement
where settlement.amount is not null and not settlement.is_total

union all

select
    'walmart.recon' as stream,
    recon.account_id as account_id,
    recon.settlement_id as settlement_id,
    recon.date_day as date_day,
    recon.order_id as order_id,
    recon.sku as sku,
    recon.transaction_type as transaction_type,
    recon.amount_type as charge_group,
    recon.transaction_description as charge_type,
    recon.amount_type as booked_type,
    recon.quantity as quantity,
    recon.currency as currency,
    recon.amount as amount,
    recon.load_id as load_id
from {{ ref('stg_walmart__recon') }} as recon
{%- for one in amounts %}

union all

select
    'tiktok_shop.statement_transactions' as stream,
    transactions.account_id as account_id,
    transactions.statement_id as settlement_id,
    transactions.date_day as date_day,
    transactions.order_id as order_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    transactions.transaction_type as transaction_type,
    '{{ one.group }}' as charge_group,
    '{{ one.type }}' as charge_type,
    '{{ one.type }}' as booked_type,
    transactions.quantity as quantity,
    transactions.currency as currency,
    {{ one.sql }} as amount,
    transactions.load_id as load_id
from {{ ref('stg_tiktok_shop__statement_transactions') }} as transactions
where {{ one.sql }} <> 0
{%- endfor %}

union all

select
    'tiktok_shop.statement_transactions' as stream,
    transactions.account_id as account_id,
    transactions.statement_id as settlement_id,
    transactions.date_day as date_day,
    transactions.order_id as order_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    transactions.transaction_type as transaction_type,
    'adjustment' as charge_group,
    transactions.transaction_type as charge_type,
    transactions.transaction_type as booked_type,
    transactions.quantity as quantity,
    transactions.currency as currency,
    transactions.adjustment_amount as amount,
    transactions.load_id as load_id
from {{ ref('stg_tiktok_shop__statement_transactions') }} as transactions
where transactions.adjustment_amount <> 0
