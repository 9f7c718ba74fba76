-- Value against target, one row per published target. The one place where status is decided. Its steps are few, and nested
-- rather than named, on purpose: PostgreSQL copies all of target_figures for each name, in every statement.
{{ config(materialized='view') }}
{%- set pace_share %}
    cast(
            case
                when valued.covered_through is null or valued.covered_through < valued.period_start then 0
                when valued.covered_through >= valued.period_end then 1
                when valued.seasonal_share is not null then valued.seasonal_share
                else
                    cast(valued.covered_through - valued.period_start + 1 as double precision)
                    / nullif(valued.period_end - valued.period_start + 1, 0)
            end as numeric
        )
{%- endset %}
{%- set expected_value %}
    case when valued.is_additive then valued.target_value * {{ pace_share | trim }} else valued.target_value end
{%- endset %}
{%- set standard_limit = 'case when sided.bad_side = 1 then sided.lowest_limit else sided.highest_limit end' %}

select
    limited.kpi_id as kpi_id,
    limited.entity_kind as entity_kind,
    limited.entity_id as entity_id,
    limited.grain as grain,
    limited.period_start as period_start,
    limited.period_end as period_end,
    limited.value as value,
    limited.numerator as numerator,
    limited.denominator as denominator,
    case when limited.unit = 'money' then coalesce(limited.measured_currency, limited.currency) end as currency,
    coalesce(limited.source_through - limited.days_until_settled >= limited.period_end, false) as is_settled,
    limited.covered_through as covered_through,
    limited.target_id as target_id,
    limited.version as target_version,
    limited.floor_value as floor_value,
    limited.target_value as target_value,
    limited.stretch_value as stretch_value,
    limited.effective_warn_limit as warn_limit,
    limited.effective_breach_limit as breach_limit,
    limited.tolerance as tolerance,
    limited.weight as weight,
    limited.owner as owner,
    limited.pace_share as pace_share,
    limited.expected_value as expected_value,
    case
        when limited.bad_side = -1 then {{ ratio('limited.target_value', 'limited.value') }}
        else {{ ratio('limited.value', 'limited.target_value') }}
    end as attainment,
    case
        when limited.bad_side = -1 then {{ ratio('limited.expected_value', 'limited.value') }}
        else {{ ratio('limited.value', 'limited.expected_value') }}
    end as pace_attainment,
    limited.value - limited.expected_value as gap,
    case
        when limited.value is null or limited.source_through is null then 'no_data'
        when limited.source_through - limited.days_until_settled < limited.period_start then 'provisional'
        when limited.bad_side * limited.value < limited.bad_side * limited.effective_breach_limit * limited.limit_share then 'breach'
        when limited.limit_basis = 'standard' and limited.is_exclusive and limited.value = limited.effective_breach_limit then 'breach'
        when limited.bad_side * limited.value < limited.bad_side * limited.effective_warn_limit * limited.limit_share then 'warn'
        else 'ok'
    end as status,
    limited.direction as direction,
    limited.unit as unit,
    case when limited.is_additive then limited.pace_basis end as pace_basis,
    limited.limit_basis as limit_basis,
    cast(case when limited.limit_basis = 'season' then limited.threshold_factor else 1 end as numeric) as threshold_factor
from (
    select
        based.*,
        {{ effective_limit('based', 'warn_limit', 'standard_warn_limit', var('default_warn_share')) }} as effective_warn_limit,
        {{ effective_limit('based', 'breach_limit', 'standard_limit', var('default_breach_share')) }} as effective_breach_limit
    from (
        select
            sided.*,
            {{ standard_limit }} as standard_limit,
            case when sided.bad_side = 1 then sided.lowest_warn_limit else sided.highest_warn_limit end as standard_warn_limit,
            coalesce(
                case when sided.bad_side = 1 then sided.is_lowest_exclusive else sided.is_highest_exclusive end, false
            ) as is_exclusive,
            case
                when sided.warn_limit is not null or sided.breach_limit is not null then 'target'
                when {{ standard_limit }} is not null then 'standard'
                when sided.threshold_factor <> 1 then 'season'
                else 'default'
            end as limit_basis
        from (
            -- What is expected to date, and the bad side: 1 below the target, -1 above it; of a band, the side on which the value lies.
            select
                valued.*,
                case
                    when valued.covered_through is null or valued.covered_through < valued.period_start then 'not_started'
                    when valued.covered_through >= valued.period_end then 'complete'
                    else coalesce(valued.seasonal_basis, 'flat')
                end as pace_basis,
                {{ pace_share | trim }} as pace_share,
                case when valued.is_additive then {{ pace_share | trim }} else 1 end as limit_share,
                {{ expected_value | trim }} as expected_value,
                case
                    when valued.direction = 'higher' then 1
                    when valued.direction = 'band' and valued.value < {{ expected_value | trim }} then 1
                    else -1
                end as bad_side
            from (
                select
                    figures.*,
                    case
                        when not figures.has_kind then null
                        when figures.given_value is not null then figures.given_value
                        when figures.denominator is null and not figures.is_ratio then figures.numerator
                        else {{ ratio('figures.numerator', 'figures.denominator') }}
                    end as value,
                    case
                        when figures.source_through > figures.period_end then figures.period_end
                        else figures.source_through
                    end as covered_through
                from {{ ref('target_figures') }} as figures
            ) as valued
        ) as sided
    ) as based
) as limited
