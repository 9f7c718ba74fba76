-- One row per account, day, FNSKU, SKU and disposition of Amazon's inventory ledger, all locations together: the balance before and
-- after, what moved, and what the movements don't explain. A row adds up whichever sign the report gave to what leaves, with or
-- without what is between two warehouses.
{%- set comes = ['receipts', 'customer_returns', 'warehouse_transfer', 'found', 'damaged', 'other_events', 'unknown_events'] %}
{%- set leaves = ['customer_shipments', 'vendor_returns', 'lost', 'disposed'] %}
{{ config(materialized='view') }}

with moved as (
    select
        ledger.*,
        ledger.ending_balance - ledger.starting_balance
        {%- for name in comes %}
        - coalesce(ledger.{{ name }}, 0)
        {%- endfor %} as change_of_leavers,
        {% for name in leaves %}
        {{- ' + ' if not loop.first }}coalesce(ledger.{{ name }}, 0)
        {%- endfor %} as stated_leavers,
        {% for name in leaves %}
        {{- ' + ' if not loop.first }}abs(coalesce(ledger.{{ name }}, 0))
        {%- endfor %} as left_units
    from {{ ref('stg_amazon_sp__fba_ledger_summary') }} as ledger
),

gaps as (
    select
        moved.*,
        moved.change_of_leavers - moved.stated_leavers as gap_as_stated,
        moved.change_of_leavers + moved.left_units as gap_counted
    from moved
),

-- Which way of writing what leaves comes nearer to an explanation.
judged as (
    select
        gaps.*,
        case
            when abs(gaps.gap_as_stated) <= abs(gaps.gap_as_stated - coalesce(gaps.in_transit, 0)) then abs(gaps.gap_as_stated)
            else abs(gaps.gap_as_stated - coalesce(gaps.in_transit, 0))
        end
        <= case
            when abs(gaps.gap_counted) <= abs(gaps.gap_counted - coalesce(gaps.in_transit, 0)) then abs(gaps.gap_counted)
            else abs(gaps.gap_counted - coalesce(gaps.in_transit, 0))
        end as is_as_stated
    from gaps
),

signed as (
    select
        judged.*,
        case when judged.is_as_stated then judged.gap_as_stated else judged.gap_counted end as gap
    from judged
)

select
    signed.account_id as account_id,
    signed.date_day as date_day,
    signed.fnsku as fnsku,
    signed.sku as sku,
    {{ sku_key('signed.account_id', 'signed.sku') }} as sku_key,
    signed.disposition as disposition,
    max(signed.asin) as asin,
    sum(signed.starting_balance) as starting_units,
    {%- for name in comes %}
    sum(coalesce(signed.{{ name }}, 0)) as {{ name }},
    {%- endfor %}
    {%- for name in leaves %}
    sum(
        case when signed.is_as_stated then coalesce(signed.{{ name }}, 0) else -abs(coalesce(signed.{{ name }}, 0)) end
    ) as {{ name }},
    {%- endfor %}
    sum(coalesce(signed.in_transit, 0)) as in_transit,
    sum(signed.ending_balance) as ending_units,
    -- What start and movements lack to the end, before and after what is in transit is allowed for.
    sum(signed.gap) as difference_units,
    sum(
        case
            when abs(signed.gap) <= abs(signed.gap - coalesce(signed.in_transit, 0)) then signed.gap
            else signed.gap - coalesce(signed.in_transit, 0)
        end
    ) as unexplained_units
from signed
group by signed.account_id, signed.date_day, signed.fnsku, signed.sku, signed.disposition
