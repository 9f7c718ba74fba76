-- One row per account, marketplace day, SKU (null: the account as a whole), line and currency: what a platform charged, positive is paid by
-- the seller. A day that closed settlements cover wholly is final and adds up to them; where they name no SKU for a line, Amazon's
-- economics tell the SKUs and a row without a SKU holds the rest. Other days are provisional, from economics.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('fees')) }}",
    indexes=[{'columns': ['fee_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

with settlement_days as (
    select settlement_days.*
    from {{ ref('int_settlement_days') }} as settlement_days
    where
        settlement_days.stream = 'amazon_sp.settlement'
        and settlement_days.is_final
        {%- if not is_rebuild() %}
        and (settlement_days.account_id, settlement_days.date_day) in {{ touched_days('fees') }}
        {%- endif %}
),

final_days as (
    select distinct
        settlement_days.account_id as account_id,
        settlement_days.date_day as date_day
    from settlement_days
),

settled_skus as (
    select distinct
        settlement_lines.account_id as account_id,
        settlement_lines.settlement_id as settlement_id,
        settlement_lines.line as line
    from {{ ref('int_settlement_lines') }} as settlement_lines
    where
        settlement_lines.stream = 'amazon_sp.settlement'
        and settlement_lines.sku is not null
        and {{ is_fee_line('settlement_lines.line') }}
        {%- if not is_rebuild() %}
        and settlement_lines.settlement_id in (select settlement_days.settlement_id from settlement_days)
        {%- endif %}
),

-- Lines whose SKUs the settlements of the day name, on this day or another.
sku_lines as (
    select distinct
        settlement_days.account_id as account_id,
        settlement_days.date_day as date_day,
        settled_skus.line as line
    from settlement_days
    inner join settled_skus
        on settlement_days.account_id = settled_skus.account_id and settlement_days.settlement_id = settled_skus.settlement_id
),

settled as (
    select
        settlement_lines.account_id as account_id,
        settlement_lines.date_day as date_day,
        settlement_lines.sku as sku,
        settlement_lines.line as line,
        settlement_lines.currency as currency,
        settlement_lines.stream <> 'amazon_sp.settlement' or sku_lines.line is not null as has_skus,
        -settlement_lines.amount as amount
    from {{ ref('int_settlement_lines') }} as settlement_lines
    left outer join final_days
        on settlement_lines.account_id = final_days.account_id and settlement_lines.date_day = final_days.date_day
    left outer join sku_lines
        on
            settlement_lines.account_id = sku_lines.account_id
            and settlement_lines.date_day = sku_lines.date_day
            and settlement_lines.line = sku_lines.line
    where
        {{ is_fee_line('settlement_lines.line') }}
        and (settlement_lines.stream <> 'amazon_sp.settlement' or final_days.date_day is not null)
        {%- if not is_rebuild() %}
        and (settlement_lines.account_id, settlement_lines.date_day) in {{ touched_days('fees') }}
        {%- endif %}
),

economics as (
    select
        economics_fees.account_id as account_id,
        economics_fees.date_day as date_day,
        economics_fees.sku as sku,
        economics_fees.line as line,
        economics_fees.currency as currency,
        final_days.date_day is not null as is_final,
        economics_fees.amount as amount
    from {{ ref('int_economics_fees') }} as economics_fees
    left outer join final_days
        on economics_fees.account_id = final_days.account_id and economics_fees.date_day = final_days.date_day
    left outer join sku_lines
        on
            economics_fees.account_id = sku_lines.account_id
            and economics_fees.date_day = sku_lines.date_day
            and economics_fees.line = sku_lines.line
    where
        sku_lines.line is null
        and (final_days.date_day is null or economics_fees.sku is not null)
        {%- if not is_rebuild() %}
        and (economics_fees.account_id, economics_fees.date_day) in {{ touched_days('fees') }}
        {%- endif %}
),

all_rows as (
    select
        settled.account_id as account_id,
        settled.date_day as date_day,
        settled.sku as sku,
        settled.line as line,
        settled.currency as currency,
        true as is_final,
        settled.amount as amount
    from settled
    where settled.has_skus

    union all

    -- Settled without SKUs, less what economics give to SKUs: the rest stays with the account.
    select
        settled.account_id as account_id,
        settled.date_day as date_day,
        cast(null as {{ dbt.type_string() }}) as sku,
        settled.line as line,
        settled.currency as currency,
        true as is_final,
        settled.amount as amount
    from settled
    where not settled.has_skus

    union all

    select
        economics.account_id as account_id,
        economics.date_day as date_day,
        cast(null as {{ dbt.type_string() }}) as sku,
        economics.line as line,
        economics.currency as currency,
        true as is_final,
        -economics.amount as amount
    from economics
    where economics.is_final

    union all

    select
        economics.account_id as account_id,
        economics.date_day as date_day,
        economics.sku as sku,
        economics.line as line,
        economics.currency as currency,
        economics.is_final as is_final,
        economics.amount as amount
    from economics
),

fees as (
    select
        all_rows.account_id as account_id,
        all_rows.date_day as date_day,
        all_rows.sku as sku,
        all_rows.line as line,
        all_rows.currency as currency,
        all_rows.is_final as is_final,
        sum(all_rows.amount) as amount
    from all_rows
    group by
        all_rows.account_id,
        all_rows.date_day,
        all_rows.sku,
        all_rows.line,
        all_rows.currency,
        all_rows.is_final
    -- Where economics and settlement agree, nothing is left for the account.
    having all_rows.sku is not null or sum(all_rows.amount) <> 0
)

select
    fees.account_id
    || '/' || cast(fees.date_day as {{ dbt.type_string() }})
    || '/' || fees.line
    || '/' || fees.currency
    || coalesce('/' || fees.sku, '') as fee_key,
    fees.account_id as account_id,
    fees.date_day as date_day,
    fees.sku as sku,
    {{ sku_key('fees.account_id', 'fees.sku') }} as sku_key,
    fees.line as line,
    case when fees.is_final then 'final' else 'provisional' end as basis,
    fees.currency as currency,
    fees.amount as amount,
    {%- for line in fee_line_names() %}
    case when fees.line = '{{ line }}' then fees.amount else 0 end as {{ line }}_fees,
    {%- endfor %}
    case when not fees.is_final then fees.amount else 0 end as provisional_fees,
    case when not fees.is_final then 1 else 0 end as provisional_fee_rows,
    case when fees.is_final then 1 else 0 end as final_fee_rows
from fees
