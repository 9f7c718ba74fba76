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
    {%- if not execute %}
    select 1 as nothing
    {%- endif %}
),

measured as (
    select
        targets.*,
        pace.pace_share as seasonal_share,
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
        end as covered_through,
        -- 1 where the bad side is below the target, -1 where it is above.
        case when measured.direction = 'higher' then 1 else -1 end as bad_side
    from measured
),

paced as (
    select
        valued.*,
        cast(
            case
                when valued.covered_through is null or valued.covered_through < valued.period_start then 0
                when valued.covered_through >= valued.period_end then 1
                when valued.seasonal_share is not null then valued.seasonal_share
                else
                    cast(valued.covered_through - valued.period_start + 1 as double precision)
                    / nullif(valued.period_end - valued.period_start + 1, 0)
            end as numeric
        ) as pace_share,
        coalesce(valued.warn_limit, valued.target_value - valued.bad_side * abs(valued.target_value) * {{ var('default_warn_share') }})
        - valued.bad_side * coalesce(abs(valued.target_value) * valued.tolerance, 0) as effective_warn_limit,
        coalesce(valued.breach_limit, valued.target_value - valued.bad_side * abs(valued.target_value) * {{ var('default_breach_share') }})
        - valued.bad_side * coalesce(abs(valued.target_value) * valued.tolerance, 0) as effective_breach_limit
    from valued
),

expected as (
    select
        paced.*,
        case when paced.is_additive then paced.pace_share else 1 end as limit_share,
        case when paced.is_additive then paced.target_value * paced.pace_share else paced.target_value end as expected_value
    from paced
)

select
    expected.kpi_id as kpi_id,
    expected.entity_kind as entity_kind,
    expected.entity_id as entity_id,
    expected.grain as grain,
    expected.period_start as period_start,
    expected.period_end as period_end,
    expected.value as value,
    expected.numerator as numerator,
    expected.denominator as denominator,
    case when expected.unit = 'money' then coalesce(expected.measured_currency, expected.currency) end as currency,
    coalesce(expected.source_through - expected.days_until_settled >= expected.period_end, false) as is_settled,
    expected.covered_through as covered_through,
    expected.target_id as target_id,
    expected.version as target_version,
    expected.floor_value as floor_value,
    expected.target_value as target_value,
    expected.stretch_value as stretch_value,
    expected.effective_warn_limit as warn_limit,
    expected.effective_breach_limit as breach_limit,
    expected.tolerance as tolerance,
    expected.weight as weight,
    expected.owner as owner,
    expected.pace_share as pace_share,
    expected.expected_value as expected_value,
    case
        when expected.direction = 'lower' then {{ ratio('expected.target_value', 'expected.value') }}
        else {{ ratio('expected.value', 'expected.target_value') }}
    end as attainment,
    case
        when expected.direction = 'lower' then {{ ratio('expected.expected_value', 'expected.value') }}
        else {{ ratio('expected.value', 'expected.expected_value') }}
    end as pace_attainment,
    expected.value - expected.expected_value as gap,
    case
        when expected.value is null or expected.source_through is null then 'no_data'
        when expected.source_through - expected.days_until_settled < expected.period_start then 'provisional'
        when expected.bad_side * expected.value < expected.bad_side * expected.effective_breach_limit * expected.limit_share then 'breach'
        when expected.bad_side * expected.value < expected.bad_side * expected.effective_warn_limit * expected.limit_share then 'warn'
        else 'ok'
    end as status,
    expected.direction as direction,
    expected.unit as unit
from expected
