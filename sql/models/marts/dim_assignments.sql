-- One row per SKU of an account and span of time with one owner, from the ERP's product snapshots: whose figures a day's are. The first
-- known owner is taken to have held before; a SKU that leaves the list keeps its last one. The account's own listing is believed
-- before one for all accounts.
{{ config(indexes=[{'columns': ['sku_key', 'valid_from'], 'unique': true}]) }}

with products as (
    select * from {{ ref('stg_erp__products') }}
),

listed as (
    select
        skus.sku_key as sku_key,
        skus.account_id as account_id,
        skus.sku as sku,
        products.owner_id as owner_id,
        products.team_id as team_id,
        products.snapshot_date as snapshot_date,
        row_number() over (
            partition by skus.sku_key, products.snapshot_date
            order by
                case when products.account_id is null then 2 else 1 end asc nulls last,
                products.erp_account_id asc nulls last
        ) as listing_rank
    from {{ ref('dim_skus') }} as skus
    inner join products
        on skus.sku = products.sku and (skus.account_id = products.account_id or products.account_id is null)
),

steps as (
    select
        listed.sku_key as sku_key,
        listed.account_id as account_id,
        listed.sku as sku,
        listed.owner_id as owner_id,
        listed.team_id as team_id,
        listed.snapshot_date as snapshot_date,
        lag(listed.snapshot_date) over (partition by listed.sku_key order by listed.snapshot_date asc nulls last) as previous_date,
        lag(coalesce(listed.owner_id, '') || '|' || coalesce(listed.team_id, '')) over (
            partition by listed.sku_key
            order by listed.snapshot_date asc nulls last
        ) as previous_assignment
    from listed
    where listed.listing_rank = 1
),

changes as (
    select
        steps.sku_key as sku_key,
        steps.account_id as account_id,
        steps.sku as sku,
        steps.owner_id as owner_id,
        steps.team_id as team_id,
        case when steps.previous_date is null then cast('1900-01-01' as date) else steps.snapshot_date end as valid_from
    from steps
    where
        steps.previous_date is null
        or steps.previous_assignment <> coalesce(steps.owner_id, '') || '|' || coalesce(steps.team_id, '')
)

select
    changes.sku_key as sku_key,
    changes.account_id as account_id,
    changes.sku as sku,
    changes.owner_id as owner_id,
    'person:' || changes.owner_id as person_key,
    'team:' || changes.team_id as team_key,
    changes.valid_from as valid_from,
    lead(changes.valid_from) over (partition by changes.sku_key order by changes.valid_from asc nulls last) as valid_to
from changes
