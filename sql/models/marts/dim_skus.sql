-- One row per selling account and SKU: those the ERP lists, and those only sold, seen or advertised (category 'uncategorised', no owner).
{{ config(indexes=[{'columns': ['sku_key'], 'unique': true}]) }}

with products as (
    select * from {{ ref('int_products_latest') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

seen as (
    select * from {{ ref('skus_seen') }}
),

listed as (
    select
        products.account_id as account_id,
        products.sku as sku
    from products
    inner join accounts on products.account_id = accounts.account_id
),

all_skus as (
    select
        seen.account_id as account_id,
        seen.sku as sku
    from seen
    union distinct
    select
        listed.account_id as account_id,
        listed.sku as sku
    from listed
),

-- The listing of the account itself is believed before one for all accounts.
described as (
    select
        all_skus.account_id as account_id,
        all_skus.sku as sku,
        coalesce(own.sku, common.sku) is not null as is_in_erp,
        case when own.sku is not null then own.asin else common.asin end as asin,
        case when own.sku is not null then own.product_name else common.product_name end as product_name,
        coalesce(case when own.sku is not null then own.category else common.category end, 'uncategorised') as category,
        case when own.sku is not null then own.brand else common.brand end as brand,
        case when own.sku is not null then own.owner_id else common.owner_id end as owner_id,
        case when own.sku is not null then own.team_id else common.team_id end as product_team_id
    from all_skus
    left outer join products as own on all_skus.account_id = own.account_id and all_skus.sku = own.sku
    left outer join products as common on common.account_id is null and all_skus.sku = common.sku
)

select
    {{ sku_key('described.account_id', 'described.sku') }} as sku_key,
    described.account_id as account_id,
    described.sku as sku,
    {{ category_key('described.account_id', 'described.category') }} as category_key,
    described.category as category,
    described.brand as brand,
    described.asin as asin,
    described.product_name as product_name,
    described.owner_id as owner_id,
    'person:' || described.owner_id as person_key,
    staff.person_name as owner_name,
    coalesce(staff.team_id, described.product_team_id) as team_id,
    'team:' || coalesce(staff.team_id, described.product_team_id) as team_key,
    described.is_in_erp as is_in_erp
from described
left outer join {{ ref('int_staff_latest') }} as staff on described.owner_id = staff.person_id
