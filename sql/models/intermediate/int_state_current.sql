-- What else figures depend on, besides loads of facts: costs, whose and what a SKU is, a person's team, rates, an account's clock and
-- currency, and what the project itself lays down. One row per thing, with a text that differs when the thing does, and whose
-- days it touches: of one source or all, of an account, a SKU, a person, from and to a day.
{%- for source in costed_sources() %}
select
    'unit_cost' as state_kind,
    '{{ source }}:' || unit_costs.sku || '@' || cast(unit_costs.valid_from as {{ dbt.type_string() }}) as state_key,
    '{{ source }}' as source,
    cast(null as {{ dbt.type_string() }}) as account_id,
    unit_costs.sku as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    unit_costs.valid_from as from_day,
    cast(null as date) as to_day,
    coalesce(cast(unit_costs.valid_to as {{ dbt.type_string() }}), '')
    || '|' || cast(unit_costs.unit_cost as {{ dbt.type_string() }})
    || '|' || coalesce(unit_costs.currency, '') as signature
from {{ ref('dim_unit_costs') }} as unit_costs

union all
{% endfor %}
select
    'asin' as state_kind,
    products.account_id || '/' || products.asin || '/' || products.sku as state_key,
    'ranks' as source,
    products.account_id as account_id,
    products.sku as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as date) as from_day,
    cast(null as date) as to_day,
    '' as signature
from {{ ref('int_asin_skus') }} as products

union all

select
    'landed_cost' as state_kind,
    landed_costs.sku || '@' || cast(landed_costs.valid_from as {{ dbt.type_string() }}) as state_key,
    'sales' as source,
    cast(null as {{ dbt.type_string() }}) as account_id,
    landed_costs.sku as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as date) as from_day,
    cast(null as date) as to_day,
    coalesce(cast(landed_costs.valid_to as {{ dbt.type_string() }}), '')
    || '|' || coalesce(cast(landed_costs.freight_per_unit as {{ dbt.type_string() }}), '')
    || '|' || coalesce(cast(landed_costs.tariff_per_unit as {{ dbt.type_string() }}), '')
    || '|' || coalesce(landed_costs.currency, '') as signature
from {{ ref('dim_landed_costs') }} as landed_costs

union all

select
    'category' as state_kind,
    coalesce(products.account_id, '*') || '/' || products.sku as state_key,
    cast(null as {{ dbt.type_string() }}) as source,
    products.account_id as account_id,
    products.sku as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as date) as from_day,
    cast(null as date) as to_day,
    coalesce(products.category, '') as signature
from {{ ref('int_products_latest') }} as products

union all

select
    'assignment' as state_kind,
    coalesce(assignments.account_id, '*') || '/' || assignments.sku
    || '@' || cast(assignments.valid_from as {{ dbt.type_string() }}) as state_key,
    cast(null as {{ dbt.type_string() }}) as source,
    assignments.account_id as account_id,
    assignments.sku as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    assignments.valid_from as from_day,
    cast(null as date) as to_day,
    coalesce(assignments.owner_id, '') || '|' || coalesce(assignments.team_id, '') as signature
from {{ ref('int_product_assignments') }} as assignments

union all

select
    'person_team' as state_kind,
    person_teams.person_key || '@' || cast(person_teams.valid_from as {{ dbt.type_string() }}) as state_key,
    cast(null as {{ dbt.type_string() }}) as source,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    person_teams.person_key as person_key,
    person_teams.valid_from as from_day,
    cast(null as date) as to_day,
    coalesce(person_teams.team_key, '') as signature
from {{ ref('int_person_teams') }} as person_teams

union all

select
    'rate' as state_kind,
    rates.currency || '@' || cast(rates.date_day as {{ dbt.type_string() }}) as state_key,
    cast(null as {{ dbt.type_string() }}) as source,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    rates.date_day as from_day,
    rates.date_day as to_day,
    cast(rates.rate as {{ dbt.type_string() }}) as signature
from {{ ref('dim_fx_rates') }} as rates

union all

select
    'account' as state_kind,
    accounts.account_id as state_key,
    cast(null as {{ dbt.type_string() }}) as source,
    accounts.account_id as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as date) as from_day,
    cast(null as date) as to_day,
    accounts.platform || '|' || accounts.currency || '|' || accounts.time_zone as signature
from {{ ref('dim_accounts') }} as accounts
{%- for source in facts() %}

union all

-- Another measure or another reporting currency means every figure of the source anew.
select
    'settings' as state_kind,
    '{{ source }}' as state_key,
    '{{ source }}' as source,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as sku,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as date) as from_day,
    cast(null as date) as to_day,
    '{{ reporting_currency() }}|{{ measures_of(source) | map(attribute="name") | join(",") if execute }}' as signature
{%- endfor %}
