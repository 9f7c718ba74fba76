-- The ad health score and why it is what it is, one row per account, campaign and ad group, grain (week to year) and period with ads. A
-- view, so that a published target counts at once; what is slow to work out is in ad_health_inputs.
{{ config(materialized='view') }}
{%- set parts = ad_health_parts() %}

with judged as (
    select
        inputs.*,
        case
            when own_targets.target_value > 0 then own_targets.target_value
            when campaign_targets.target_value > 0 then campaign_targets.target_value
            when account_targets.target_value > 0 then account_targets.target_value
        end as target_acos,
        case
            when own_targets.target_value > 0 then inputs.entity_kind
            when campaign_targets.target_value > 0 then 'campaign'
            when account_targets.target_value > 0 then 'account'
        end as target_source
    from {{ ref('ad_health_inputs') }} as inputs
    left outer join {{ source('kpi', 'kpi_targets') }} as own_targets
        on
            inputs.entity_id = own_targets.entity_id
            and inputs.target_grain = own_targets.grain
            and inputs.target_period_start = own_targets.period_start
            and own_targets.kpi_id = 'acos'
    left outer join {{ source('kpi', 'kpi_targets') }} as campaign_targets
        on
            inputs.campaign_key = campaign_targets.entity_id
            and inputs.target_grain = campaign_targets.grain
            and inputs.target_period_start = campaign_targets.period_start
            and campaign_targets.kpi_id = 'acos'
    left outer join {{ source('kpi', 'kpi_targets') }} as account_targets
        on
            inputs.account_key = account_targets.entity_id
            and inputs.target_grain = account_targets.grain
            and inputs.target_period_start = account_targets.period_start
            and account_targets.kpi_id = 'acos'
),

shares as (
    select
        judged.*,
        {%- for part in parts %}
        {{ part.share }} as {{ part.name }}_kept{% if not loop.last %},{% endif %}
        {%- endfor %}
    from judged
),

-- Sub-scores of 0 to 100, and the weights of those that there are.
capped as (
    select
        shares.*,
        {%- for part in parts %}
        100 * {{ clamped('shares.' ~ part.name ~ '_kept') }} as {{ part.name }}_score,
        {%- endfor %}
        {{ ad_weights(parts, 'shares') }} as weights
    from shares
),

-- Running sums, rounded: the differences between them add up to exactly what the last one says.
running as (
    select
        capped.*,
        {%- for part in parts %}
        {{ share_of_weights(ad_points_lost(parts[:loop.index], 'capped'), 'capped') }} as {{ part.name }}_lost_through,
        {%- set upto = ad_weights(parts[:loop.index], 'capped') %}
        {{ share_of_weights('100 * ' ~ upto, 'capped') }} as {{ part.name }}_weight_through{% if not loop.last %},{% endif %}
        {%- endfor %}
    from capped
)

select
    running.entity_kind as entity_kind,
    running.entity_id as entity_id,
    running.grain as grain,
    running.period_start as period_start,
    100 - running.{{ parts[-1].name }}_lost_through as score,
    {%- for part in parts %}
    {%- set before = none if loop.first else parts[loop.index0 - 1].name %}
    round(running.{{ part.name }}_score, 6) as {{ part.name }}_score,
    case
        when running.{{ part.name }}_score is not null
            then running.{{ part.name }}_weight_through{% if before %} - running.{{ before }}_weight_through{% endif %}
    end as {{ part.name }}_weight,
    case
        when running.{{ part.name }}_score is not null
            then running.{{ part.name }}_lost_through{% if before %} - running.{{ before }}_lost_through{% endif %}
    end as {{ part.name }}_points_lost,
    {%- endfor %}
    nullif(
        substring(
            {%- for part in parts %}
            case when running.{{ part.name }}_score is null then ',{{ part.name }}' else '' end{% if not loop.last %} ||{% endif %}
            {%- endfor %},
            2
        ),
        ''
    ) as missing_parts,
    running.currency as currency,
    running.impressions as impressions,
    running.clicks as clicks,
    running.ad_cost as ad_cost,
    running.ad_purchases as ad_purchases,
    running.ad_sales as ad_sales,
    running.own_weight as own_weight,
    running.acos as acos,
    running.target_acos as target_acos,
    running.target_source as target_source,
    running.break_even_acos as break_even_acos,
    running.break_even_source as break_even_source,
    running.conversion_rate as conversion_rate,
    running.peer_conversion_rate as peer_conversion_rate,
    running.ctr as ctr,
    running.peer_ctr as peer_ctr,
    running.previous_cpc as previous_cpc,
    running.cpc_change as cpc_change,
    running.budget_use as budget_use,
    running.waste_share as waste_share
from running
