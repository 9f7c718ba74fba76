-- Value against target, one row per published target. The one place where status is decided.
{{ config(materialized='view') }}
-- depends_on: {{ ref('entity_coverage') }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- for relation in kpi_relations() %}
-- depends_on: {{ ref(relation) }}
{%- endfor %}

with targets as (
    select
        published.*,
        catalogue.unit as unit,
        catalogue.direction as direction,
        catalogue.is_additive as is_additive,
        catalogue.is_ratio as is_ratio,
        catalogue.days_until_settled as days_until_settled,
        catalogue.source as catalogue_source,
        position(',' || published.entity_kind || ',' in ',' || catalogue.entity_kinds || ',') > 0 as has_kind,
        {{ period_end_of('published.grain', 'published.period_start') }} as period_end
    from {{ source('kpi', 'kpi_targets') }} as published
    left outer join {{ ref('kpi_catalogue') }} as catalogue on published.kpi_id = catalogue.kpi_id
),

figures as (
    {%- for definitions in kpi_definitions_by_tables() %}
    {{ target_figures(definitions) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if execute %}

    union all
    {%- endif %}

    select
        targets.kpi_id as kpi_id,
        targets.entity_id as entity_id,
        targets.grain as grain,
        targets.period_start as period_start,
        manual.currency as measured_currency,
        manual.value as numerator,
        cast(null as numeric) as denominator,
        manual.value as value,
        targets.period_end as source_through
    from targets
    inner join {{ source('kpi', 'kpi_manual_values') }} as manual
        on
            targets.kpi_id = manual.kpi_id
            and targets.entity_id = manual.entity_id
            and targets.grain = manual.grain
            and targets.period_start = manual.period_start
    where targets.catalogue_source = 'manual'
),

measured as (
    select
        targets.*,
        pace.pace_share as seasonal_share,
        pace.pace_basis as seasonal_basis,
        figures.measured_currency as measured_currency,
        figures.numerator as numerator,
        figures.denominator as denominator,
        figures.value as given_value,
        figures.source_through as source_through
    from targets
    left outer join figures
        on
            targets.kpi_id = figures.kpi_id
            and targets.entity_id = figures.entity_id
            and targets.grain = figures.grain
            and targets.period_start = figures.period_start
    left outer join {{ ref('entity_pace') }} as pace
        on
            targets.entity_id = pace.entity_id
            and targets.kpi_id = pace.kpi_id
            and targets.grain = pace.grain
            and targets.period_start = pace.period_start
),

valued as (
    select
        measured.*,
        case
            when measured.given_value is not null then measured.given_value
            when measured.denominator is null and not measured.is_ratio then measured.numerator
            else {{ ratio('measured.numerator', 'measured.denominator') }}
        end as value,
        case
            when measured.source_through > measured.period_end then measured.period_end
            else measured.source_through
        end as covered_through
    from measured
),

paced as (
    select
        valued.*,
        case
            when valued.covered_through is null or valued.covered_through < valued.period_start then 'not_started'
            when valued.covered_through >= valued.period_end then 'complete'
            else coalesce(valued.seasonal_basis, 'flat')
        end as pace_basis,
        cast(
            case
                when valued.covered_through is null or valued.covered_through < valued.period_start then 0
                when valued.covered_through >= valued.period_end then 1
                when valued.seasonal_share is not null then valued.seasonal_share
                else
                    cast(valued.covered_through - valued.period_start + 1 as double precision)
                    / nullif(valued.period_end - valued.period_start + 1, 0)
            end as numeric
        ) as pace_share
    from valued
),

expected as (
    select
        paced.*,
        case when paced.is_additive then paced.pace_share else 1 end as limit_share,
        case when paced.is_additive then paced.target_value * paced.pace_share else paced.target_value end as expected_value
    from paced
),

-- 1 where the bad side is below the target, -1 where it is above; of a band, the side on which the value lies.
sided as (
    select
        expected.*,
        case
            when expected.direction = 'higher' then 1
            when expected.direction = 'band' and expected.value < expected.expected_value then 1
            else -1
        end as bad_side
    from expected
),

based as (
    select
        sided.*,
        standards.limit_value as standard_limit,
        standards.warn_limit as standard_warn_limit,
        coalesce(calendar_periods.threshold_factor, 1) as threshold_factor,
        coalesce(standards.is_exclusive, false) as is_exclusive,
        case
            when sided.warn_limit is not null or sided.breach_limit is not null then 'target'
            when standards.limit_value is not null then 'standard'
            when calendar_periods.threshold_factor <> 1 then 'season'
            else 'default'
        end as limit_basis
    from sided
    left outer join {{ ref('entity_scopes') }} as scopes on sided.entity_id = scopes.entity_id
    left outer join {{ ref('calendar_periods') }} as calendar_periods
        on
            scopes.scope_id = calendar_periods.scope_id
            and sided.grain = calendar_periods.grain
            and sided.period_start = calendar_periods.period_start
    left outer join {{ ref('standard_spans') }} as standards
        on
            sided.kpi_id = standards.kpi_id
            and scopes.platform = standards.platform
            and standards.is_lowest = (sided.bad_side = 1)
            and sided.period_end >= standards.valid_from
            and (sided.period_end < standards.valid_to or standards.valid_to is null)
),

limited as (
    select
        based.*,
        {{ effective_limit('based', 'warn_limit', 'standard_warn_limit', var('default_warn_share')) }} as effective_warn_limit,
        {{ effective_limit('based', 'breach_limit', 'standard_limit', var('default_breach_share')) }} as effective_breach_limit
    from based
)

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
from limited
