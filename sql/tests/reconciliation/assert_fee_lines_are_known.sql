-- Charges that fee_lines doesn't know count as `other`: a warning, with what to add to the seed. Rows are kinds of charges.
{{ config(severity='warn') }}

with unknown as (
    select
        settlement_lines.stream as stream,
        settlement_lines.charge_group as charge_group,
        settlement_lines.charge_type as charge_type,
        settlement_lines.amount as amount
    from {{ ref('int_settlement_lines') }} as settlement_lines
    where not settlement_lines.is_known

    union all

    select
        'amazon_sp.economics' as stream,
        cast(null as {{ dbt.type_string() }}) as charge_group,
        economics_fees.charge_type as charge_type,
        economics_fees.amount as amount
    from {{ ref('int_economics_fees') }} as economics_fees
    where not economics_fees.is_known
)

select
    unknown.stream as stream,
    unknown.charge_group as charge_group,
    unknown.charge_type as charge_type,
    count(*) as row_count,
    sum(unknown.amount) as amount
from unknown
group by unknown.stream, unknown.charge_group, unknown.charge_type
