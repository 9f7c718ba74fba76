-- One row per account, marketplace day, line, kind of fee and currency: what the platform says, what the books or the settlement say, and
-- how their items stand to each other.
{{ config(
    materialized='table',
    indexes=[{'columns': ['reconciliation_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}]
) }}

select
    compared.account_id
    || '/' || cast(compared.date_day as {{ dbt.type_string() }})
    || '/' || compared.line
    || '/' || coalesce(compared.charge_type, '')
    || '/' || compared.currency as reconciliation_key,
    compared.account_id as account_id,
    compared.date_day as date_day,
    compared.line as line,
    compared.charge_type as charge_type,
    compared.currency as currency,
    sum(compared.platform_amount) as platform_amount,
    sum(compared.erp_amount) as erp_amount,
    sum(compared.settled_amount) as settled_amount,
    sum(compared.difference) as difference,
    sum(abs(compared.difference)) as absolute_difference,
    max(compared.tolerance) as tolerance,
    count(*) as items,
    sum(case when compared.state in ('different', 'missing_in_erp', 'missing_on_platform') then 1 else 0 end) as different_items
from {{ ref('int_reconciliation_compared') }} as compared
group by compared.account_id, compared.date_day, compared.line, compared.charge_type, compared.currency
