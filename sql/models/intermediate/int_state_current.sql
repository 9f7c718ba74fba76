-- What else figures depend on, besides loads of facts: unit costs, who and what a SKU belongs to, an account's clock and
-- currency, and the project's own settings.
-- One row per thing, with a text that differs when the thing does.
select
    'unit_cost' as state_kind,
    unit_costs.sku || '@' || cast(unit_costs.valid_from as {{ dbt.type_string() }}) as state_key,
    cast(null as {{ dbt.type_string() }}) as account_id,
    unit_costs.sku as sku,
    coalesce(cast(unit_costs.valid_to as {{ dbt.type_string() }}), '')
    || '|' || cast(unit_costs.unit_cost as {{ dbt.type_string() }})
    || '|' || coalesce(unit_costs.currency, '') as signature
from {{ ref('dim_unit_costs') }} as unit_costs

union all

select
    'assignment' as state_kind,
    coalesce(products.account_id, '*') || '/' || products.sku as state_key,
    products.account_id as account_id,
    products.sku as sku,
    coalesce(products.category, '')
    || '|' || coalesce(products.owner_id, '')
    || '|' || coalesce(staff.team_id, products.team_id, '') as signature
from {{ ref('int_products_latest') }} as products
left outer join {{ ref('int_staff_latest') }} as staff on products.owner_id = staff.person_id

union all

select
    'account' as state_kind,
    accounts.account_id as state_key,
    accounts.account_id as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    accounts.platform || '|' || accounts.currency || '|' || accounts.time_zone as signature
from {{ ref('dim_accounts') }} as accounts

union all

-- What the project itself lays down: another measure or another reporting currency means every figure anew.
select
    'settings' as state_kind,
    'settings' as state_key,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    '{{ var("reporting_currency") }}|{{ measures() | map(attribute="name") | join(",") }}' as signature
