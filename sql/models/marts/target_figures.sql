-- Each published target with the figures that it is held against, and what is known around it: one row per target. Conditions on a target's
-- own columns reach kpi_targets itself, so that few targets cost little.
{{ config(materialized='view') }}
-- depends_on: {{ ref('kpi_catalogue') }}
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- for relation in kpi_relations() %}
-- depends_on: {{ ref(relation) }}
{%- endfor %}
{%- set sources = figure_sources() %}

-- A union makes a look-up a column: PostgreSQL would write it into every expression that reads it otherwise. The window does the same for
-- the figures, and keeps a condition on a status from being worked out here once for each place that it reads a figure in; conditions on
-- what it is partitioned by pass it. Nobody reads it, so it costs nothing.
select
    {{- target_columns('figures') }}
    {%- for name in surrounding_columns() %}
    figures.{{ name }} as {{ name }},
    {%- endfor %}
    figures.measured_currency as measured_currency,
    figures.numerator as numerator,
    figures.denominator as denominator,
    figures.given_value as given_value,
    figures.source_through as source_through
from (
    select
        {{- target_columns('looked_up') }}
        {%- for name in surrounding_columns() %}
        looked_up.{{ name }} as {{ name }},
        {%- endfor %}
        coalesce(
            {%- for source in sources.readers %}
            (looked_up.measures_{{ source }}).currency,
            {%- endfor %}
            {%- for definition in sources.related %}
            (looked_up.{{ definition.relation }}).currency,
            {%- endfor %}
            looked_up.joined_currency,
            looked_up.entered_currency
        ) as measured_currency,
        coalesce(
            {{ figure_of_kpi('numerator', sources.measured, 'looked_up') }},
            {%- for definition in sources.related %}
            (looked_up.{{ definition.relation }}).numerator,
            {%- endfor %}
            looked_up.joined_numerator,
            looked_up.entered_value
        ) as numerator,
        coalesce(
            {{ figure_of_kpi('denominator', sources.measured, 'looked_up') }},
            {%- for definition in sources.related %}
            (looked_up.{{ definition.relation }}).denominator,
            {%- endfor %}
            looked_up.joined_denominator
        ) as denominator,
        coalesce(
            {%- for definition in sources.related %}
            (looked_up.{{ definition.relation }}).value,
            {%- endfor %}
            looked_up.joined_value,
            looked_up.entered_value
        ) as given_value,
        coalesce(
            {{ figure_of_kpi('source_through', sources.measured + sources.related + sources.joined, 'looked_up') }},
            case when looked_up.entered_value is not null then looked_up.period_end end
        ) as source_through,
        count(*) over (partition by looked_up.{{ target_column_names() | join(', looked_up.') }}) as rows_of_target
    from (
        {%- for joined in [none] + sources.joined %}
        select
            {{- target_columns('targets') }}
            {{ period_end_of('targets.grain', 'targets.period_start') }} as period_end,
            catalogue.unit as unit,
            catalogue.direction as direction,
            catalogue.is_additive as is_additive,
            catalogue.is_ratio as is_ratio,
            catalogue.days_until_settled as days_until_settled,
            position(',' || targets.entity_kind || ',' in ',' || catalogue.entity_kinds || ',') > 0 as has_kind,
            pace.pace_share as seasonal_share,
            pace.pace_basis as seasonal_basis,
            calendar_periods.threshold_factor as threshold_factor,
            lowest.limit_value as lowest_limit,
            lowest.warn_limit as lowest_warn_limit,
            lowest.is_exclusive as is_lowest_exclusive,
            highest.limit_value as highest_limit,
            highest.warn_limit as highest_warn_limit,
            highest.is_exclusive as is_highest_exclusive,
            manual.value as entered_value,
            manual.currency as entered_currency,
            coverage as coverage,
            {%- for definition in sources.related %}
            {{ 'null' if joined else row_of_target(ref(definition.relation), [definition.id]) }} as {{ definition.relation }},
            {%- endfor %}
            {%- for source, readers in sources.readers.items() %}
            {{ 'null' if joined else row_of_target(ref('measures_' ~ source), readers) }} as measures_{{ source }},
            {%- endfor %}
            {%- if joined %}
            joined.currency as joined_currency,
            joined.numerator as joined_numerator,
            joined.denominator as joined_denominator,
            joined.value as joined_value
            {%- else %}
            cast(null as {{ dbt.type_string() }}) as joined_currency,
            cast(null as numeric) as joined_numerator,
            cast(null as numeric) as joined_denominator,
            cast(null as numeric) as joined_value
            {%- endif %}
        from {{ source('kpi', 'kpi_targets') }} as targets
        left outer join {{ ref('kpi_catalogue') }} as catalogue on targets.kpi_id = catalogue.kpi_id
        left outer join {{ ref('entity_coverage') }} as coverage on targets.entity_id = coverage.entity_id
        left outer join {{ ref('entity_scopes') }} as scopes on targets.entity_id = scopes.entity_id
        left outer join {{ ref('entity_pace') }} as pace
            on
                targets.entity_id = pace.entity_id
                and targets.kpi_id = pace.kpi_id
                and targets.grain = pace.grain
                and targets.period_start = pace.period_start
        left outer join {{ ref('calendar_periods') }} as calendar_periods
            on
                scopes.scope_id = calendar_periods.scope_id
                and targets.grain = calendar_periods.grain
                and targets.period_start = calendar_periods.period_start
        {%- for side, is_lowest in [('lowest', ''), ('highest', 'not ')] %}
        left outer join {{ ref('standard_spans') }} as {{ side }}
            on
                targets.kpi_id = {{ side }}.kpi_id
                and scopes.platform = {{ side }}.platform
                and {{ is_lowest }}{{ side }}.is_lowest
                and {{ period_end_of('targets.grain', 'targets.period_start') }} >= {{ side }}.valid_from
                and ({{ period_end_of('targets.grain', 'targets.period_start') }} < {{ side }}.valid_to or {{ side }}.valid_to is null)
        {%- endfor %}
        left outer join {{ source('kpi', 'kpi_manual_values') }} as manual
            on
                targets.kpi_id = manual.kpi_id
                and targets.entity_id = manual.entity_id
                and targets.grain = manual.grain
                and targets.period_start = manual.period_start
                and catalogue.source = 'manual'
        {%- if joined %}
        left outer join {{ ref(joined.relation) }} as joined
            on
                targets.entity_id = joined.entity_id
                and targets.grain = joined.grain
                and targets.period_start = joined.period_start
        where targets.kpi_id = '{{ joined.id }}'
        {%- else %}
        where targets.kpi_id not in ('{{ sources.joined | map(attribute="id") | join("', '") }}')
        {%- endif %}
        {%- if not loop.last %}

        union all

        {% endif %}
        {%- endfor %}
    ) as looked_up
) as figures
