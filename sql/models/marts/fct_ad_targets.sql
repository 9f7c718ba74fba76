-- One row per account, day, ad group and target (target_kind target), and per search term of it (search_term). Terms are parts
-- of their targets.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ad_targets')) }}",
    indexes=[{'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

select
    targets.account_id as account_id,
    targets.date_day as date_day,
    targets.ad_product as ad_product,
    targets.target_kind as target_kind,
    targets.campaign_id as campaign_id,
    {{ campaign_key('targets.account_id', 'targets.campaign_id') }} as campaign_key,
    targets.ad_group_id as ad_group_id,
    {{ ad_group_key('targets.account_id', 'targets.ad_group_id') }} as ad_group_key,
    targets.target_id as target_id,
    targets.target_text as target_text,
    targets.match_type as match_type,
    targets.search_term as search_term,
    coalesce(targets.currency, accounts.currency) as currency,
    targets.impressions as impressions,
    targets.clicks as clicks,
    targets.cost as cost,
    targets.purchases as purchases,
    targets.sales as sales,
    -- What the measures of this source add up: targets only, so that no cost counts twice.
    case when targets.target_kind = 'target' then targets.clicks end as target_clicks,
    case when targets.target_kind = 'target' then targets.cost end as target_cost,
    targets.load_id as load_id
from {{ ref('int_ad_targets') }} as targets
inner join {{ ref('dim_accounts') }} as accounts on targets.account_id = accounts.account_id
{%- if not is_rebuild() %}
where (targets.account_id, targets.date_day) in {{ touched_days('ad_targets') }}
{%- endif %}
