-- One row per account, snapshot day and SKU: best-seller ranks of its product. A product that several SKUs offer gives its rank to each;
-- one without a SKU has no row. The lower the rank, the better it sells.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ranks')) }}",
    indexes=[{'columns': ['rank_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

with ranked as (
    select
        ranks.account_id as account_id,
        ranks.date_day as date_day,
        ranks.asin as asin,
        min(case when ranks.rank_kind = 'display_group' then ranks.sales_rank end) as main_rank,
        min(case when ranks.rank_kind = 'classification' then ranks.sales_rank end) as subcategory_rank
    from {{ ref('int_ranks') }} as ranks
    {%- if not is_rebuild() %}
    where (ranks.account_id, ranks.date_day) in {{ touched_days('ranks') }}
    {%- endif %}
    group by ranks.account_id, ranks.date_day, ranks.asin
)

select
    ranked.account_id || '/' || cast(ranked.date_day as {{ dbt.type_string() }}) || '/' || skus.sku as rank_key,
    ranked.account_id as account_id,
    ranked.date_day as date_day,
    ranked.asin as asin,
    skus.sku as sku,
    {{ sku_key('ranked.account_id', 'skus.sku') }} as sku_key,
    ranked.main_rank as main_rank,
    ranked.subcategory_rank as subcategory_rank,
    case when ranked.main_rank is not null then 1 else 0 end as main_rank_days,
    case when ranked.subcategory_rank is not null then 1 else 0 end as subcategory_rank_days
from ranked
inner join {{ ref('int_asin_skus') }} as skus on ranked.account_id = skus.account_id and ranked.asin = skus.asin
