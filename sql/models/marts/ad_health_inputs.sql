-- One row per account, campaign and ad group, grain (week to year) and period in which its ads were shown or clicked: what the ad health
-- score is made of, but for targets. Rates of few clicks are shrunk to their peers' mean: var ad_health_prior_clicks clicks (impressions)
-- of the peers' mean are added to what was seen. Peers of a campaign or ad group: the account's campaigns of the same ad product; of an
-- account: the platform's accounts in its currency.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_grains_condition(ad_health_grains(), ['ads', 'ad_targets', 'ad_budgets'] + margin_sources(), and_next=true)) }}",
    post_hook="{{ analyze_changed(this) }}",
    indexes=[{'columns': ['entity_id', 'grain', 'period_start'], 'unique': true}, {'columns': ['entity_kind', 'grain', 'period_start']}]
) }}
{%- set sources = ['ads', 'ad_targets', 'ad_budgets'] + margin_sources() %}
{%- set prior_clicks = var('ad_health_prior_clicks') %}
{%- set prior_impressions = var('ad_health_prior_impressions') %}
{%- set amounts = ['impressions', 'clicks', 'ad_cost', 'ad_purchases', 'ad_sales'] %}

with shown as (
    select
        measures.entity_kind as entity_kind,
        measures.entity_id as entity_id,
        measures.grain as grain,
        measures.period_start as period_start,
        measures.currency as currency,
        {%- for amount in amounts %}
        cast(measures.{{ amount }} as double precision) as {{ amount }},
        {%- endfor %}
        cast(waste.wasted_cost as double precision) as wasted_cost,
        cast(waste.targeted_cost as double precision) as targeted_cost
    from {{ ref('measures_ads') }} as measures
    left outer join {{ ref('ad_waste') }} as waste
        on
            measures.entity_id = waste.entity_id
            and measures.grain = waste.grain
            and measures.period_start = waste.period_start
    where
        measures.entity_kind in ('account', 'campaign', 'ad_group')
        and measures.grain in ('{{ ad_health_grains() | join("', '") }}')
        {%- if not is_rebuild() %}
        and {{ touched_grains_condition(ad_health_grains(), sources, 'measures.', and_next=true) }}
        {%- endif %}
),

-- Whose peers each entity is compared with, and what it lies in.
placed as (
    select
        shown.*,
        accounts.account_key as account_key,
        cast(null as {{ dbt.type_string() }}) as campaign_key,
        accounts.platform_key || '|' || shown.currency as peer_key
    from shown
    inner join {{ ref('dim_accounts') }} as accounts on shown.entity_id = accounts.account_key
    where shown.entity_kind = 'account'

    union all

    select
        shown.*,
        'account:' || campaigns.account_id as account_key,
        campaigns.campaign_key as campaign_key,
        campaigns.account_id || '|' || campaigns.ad_product as peer_key
    from shown
    inner join {{ ref('dim_campaigns') }} as campaigns on shown.entity_id = campaigns.campaign_key
    where shown.entity_kind = 'campaign'

    union all

    select
        shown.*,
        'account:' || ad_groups.account_id as account_key,
        ad_groups.campaign_key as campaign_key,
        ad_groups.account_id || '|' || ad_groups.ad_product as peer_key
    from shown
    inner join {{ ref('dim_ad_groups') }} as ad_groups on shown.entity_id = ad_groups.ad_group_key
    where shown.entity_kind = 'ad_group'
),

peer_sums as (
    select
        placed.peer_key as peer_key,
        placed.grain as grain,
        placed.period_start as period_start,
        {%- for amount in amounts + ['wasted_cost', 'targeted_cost'] %}
        sum(placed.{{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from placed
    where placed.entity_kind in ('account', 'campaign')
    group by placed.peer_key, placed.grain, placed.period_start
),

peers as (
    select
        peer_sums.peer_key as peer_key,
        peer_sums.grain as grain,
        peer_sums.period_start as period_start,
        peer_sums.impressions as peer_impressions,
        peer_sums.clicks as peer_clicks,
        peer_sums.clicks / nullif(peer_sums.impressions, 0) as peer_ctr,
        peer_sums.ad_purchases / nullif(peer_sums.clicks, 0) as peer_conversion_rate,
        peer_sums.ad_cost / nullif(peer_sums.clicks, 0) as peer_cpc,
        peer_sums.ad_sales / nullif(peer_sums.clicks, 0) as peer_sales_per_click,
        peer_sums.wasted_cost / nullif(peer_sums.targeted_cost, 0) as peer_waste_share
    from peer_sums
),

-- Read twice below, so it is worked out once and not looked up row by row.
break_even as (
    select
        acos.entity_id as entity_id,
        acos.grain as grain,
        acos.period_start as period_start,
        acos.value as value
    from {{ ref('int_break_even_acos') }} as acos
    where
        acos.entity_kind in ('account', 'campaign', 'ad_group')
        and acos.grain in ('{{ ad_health_grains() | join("', '") }}')
),

compared as (
    select
        placed.*,
        coalesce(peers.peer_impressions > placed.impressions, false) as has_impression_peers,
        coalesce(peers.peer_clicks > placed.clicks, false) as has_click_peers,
        peers.peer_ctr as peer_ctr,
        peers.peer_conversion_rate as peer_conversion_rate,
        peers.peer_cpc as peer_cpc,
        peers.peer_sales_per_click as peer_sales_per_click,
        peers.peer_waste_share as peer_waste_share,
        case
            when earlier.clicks >= {{ var('ad_health_least_clicks') }} and earlier.ad_cost > 0
                then cast(earlier.ad_cost as double precision) / nullif(cast(earlier.clicks as double precision), 0)
        end as previous_cpc,
        cast(budgets.budgeted_ad_cost as double precision) / nullif(cast(budgets.ad_budget as double precision), 0) as budget_use,
        coalesce(own.value, of_account.value) as break_even_acos,
        case when own.value is not null then placed.entity_kind when of_account.value is not null then 'account' end as break_even_source
    from placed
    inner join peers
        on
            placed.peer_key = peers.peer_key
            and placed.grain = peers.grain
            and placed.period_start = peers.period_start
    left outer join {{ ref('measures_ads') }} as earlier
        on
            placed.entity_id = earlier.entity_id
            and placed.grain = earlier.grain
            and earlier.period_start = {{ previous_start_of('placed.grain', 'placed.period_start') }}
    left outer join {{ ref('measures_ad_budgets') }} as budgets
        on
            coalesce(placed.campaign_key, placed.account_key) = budgets.entity_id
            and placed.grain = budgets.grain
            and placed.period_start = budgets.period_start
    left outer join break_even as own
        on
            placed.entity_id = own.entity_id
            and placed.grain = own.grain
            and placed.period_start = own.period_start
    left outer join break_even as of_account
        on
            placed.account_key = of_account.entity_id
            and placed.grain = of_account.grain
            and placed.period_start = of_account.period_start
    where placed.impressions > 0 or placed.clicks > 0
),

shrunk as (
    select
        compared.*,
        compared.ad_cost + {{ prior_clicks }} * compared.peer_cpc as shrunk_cost,
        compared.ad_sales + {{ prior_clicks }} * compared.peer_sales_per_click as shrunk_sales,
        (compared.ad_purchases + {{ prior_clicks }} * compared.peer_conversion_rate)
        / nullif(compared.clicks + {{ prior_clicks }}, 0) as shrunk_conversion_rate,
        (compared.clicks + {{ prior_impressions }} * compared.peer_ctr)
        / nullif(compared.impressions + {{ prior_impressions }}, 0) as shrunk_ctr,
        (compared.wasted_cost + {{ prior_clicks }} * compared.peer_cpc * compared.peer_waste_share)
        / nullif(compared.targeted_cost + {{ prior_clicks }} * compared.peer_cpc, 0) as shrunk_waste_share,
        (compared.ad_cost + {{ prior_clicks }} * compared.previous_cpc)
        / nullif(compared.clicks + {{ prior_clicks }}, 0)
        / nullif(compared.previous_cpc, 0)
        - 1 as cpc_change
    from compared
)

select
    shrunk.entity_kind as entity_kind,
    shrunk.entity_id as entity_id,
    shrunk.grain as grain,
    shrunk.period_start as period_start,
    shrunk.currency as currency,
    shrunk.account_key as account_key,
    shrunk.campaign_key as campaign_key,
    -- Targets are set by month: a week is held against its month's.
    case when shrunk.grain = 'week' then 'month' else shrunk.grain end as target_grain,
    case
        when shrunk.grain = 'week' then {{ period_start('month', 'shrunk.period_start') }}
        else shrunk.period_start
    end as target_period_start,
    {%- for amount in amounts %}
    cast(shrunk.{{ amount }} as numeric) as {{ amount }},
    {%- endfor %}
    cast(shrunk.clicks / nullif(shrunk.clicks + {{ prior_clicks }}, 0) as numeric) as own_weight,
    shrunk.has_impression_peers as has_impression_peers,
    shrunk.has_click_peers as has_click_peers,
    cast(shrunk.shrunk_cost / nullif(shrunk.shrunk_sales, 0) as numeric) as acos,
    coalesce(shrunk.shrunk_sales = 0 and shrunk.shrunk_cost > 0, false) as is_without_sales,
    cast(shrunk.shrunk_conversion_rate as numeric) as conversion_rate,
    cast(shrunk.peer_conversion_rate as numeric) as peer_conversion_rate,
    cast(shrunk.shrunk_ctr as numeric) as ctr,
    cast(shrunk.peer_ctr as numeric) as peer_ctr,
    cast(shrunk.previous_cpc as numeric) as previous_cpc,
    cast(shrunk.cpc_change as numeric) as cpc_change,
    cast(shrunk.budget_use as numeric) as budget_use,
    cast(shrunk.shrunk_waste_share as numeric) as waste_share,
    cast(shrunk.break_even_acos as numeric) as break_even_acos,
    shrunk.break_even_source as break_even_source
from shrunk
