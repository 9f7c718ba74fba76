-- Days to reconcile again, by selling account: those on which the platforms' or the books' figures may have changed. Of accounts that no
-- books are kept of, only what settlements and orders say of each other is compared.
{{ config(materialized='table') }}
{%- set earlier = earlier_relation('fct_reconciliation') %}

with loads_new as (
    select * from {{ ref('int_loads_new') }}
),

booked_accounts as (
    select distinct
        booked_kinds.erp_account_id as erp_account_id,
        booked_kinds.account_id as account_id
    from {{ ref('int_booked_kinds') }} as booked_kinds
),

touched as (
    select
        days_touched.account_id as account_id,
        days_touched.date_day as date_day
    from {{ ref('int_days_touched') }} as days_touched
    where days_touched.source in ('sales', 'refunds', 'fees', 'cash')

    union all

    -- Days that became empty count, so the whole window.
    select
        booked_accounts.account_id as account_id,
        dates.date_day as date_day
    from loads_new
    inner join booked_accounts on loads_new.account_id = booked_accounts.erp_account_id
    inner join {{ ref('dim_dates') }} as dates on dates.date_day between loads_new.window_start and loads_new.window_end
    where loads_new.platform = 'erp' and loads_new.stream in ('sales', 'fees')

    union all

    select
        sales.account_id as account_id,
        sales.date_day as date_day
    from {{ ref('stg_erp__sales') }} as sales
    where sales.load_id in (select loads_new.load_id from loads_new)

    union all

    select
        fees.account_id as account_id,
        fees.date_day as date_day
    from {{ ref('stg_erp__fees') }} as fees
    where fees.load_id in (select loads_new.load_id from loads_new)
    {%- if earlier is not none %}

    union all

    -- What was compared before: an item's state also hangs on how far books and settlements reach by now.
    select
        compared_days.account_id as account_id,
        compared_days.date_day as date_day
    from {{ earlier }} as compared_days
    {%- endif %}
)

select distinct
    touched.account_id as account_id,
    touched.date_day as date_day
from touched
