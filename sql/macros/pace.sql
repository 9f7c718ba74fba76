{#
    Pace of additive KPIs in running periods (entity_pace). KPIs that read the same tables and reach as far share one branch: which
    periods run for which entity, and the sums of their inputs over the same days 364 days earlier, of the whole period and of the days passed.
#}

{% macro pace_shift() -%}{{ return(364) }}{%- endmacro %}


{# The kinds whose every KPI is paced; of the others only what has a target. #}
{% macro paced_kinds() -%}
    {{ return(['company', 'platform', 'account', 'category', 'team', 'person']) }}
{%- endmacro %}


{% macro paced_branches() -%}
    {%- set branches = {} -%}
    {%- for definition in kpi_definitions('measures') if definition.is_additive and definition.inputs -%}
        {%- set key = (definition.sources | sort | join('_')) ~ '__' ~ (definition.coverage_sources | sort | join('_')) -%}
        {%- do branches.update({key: branches.get(key, []) + [definition]}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for key, definitions in branches.items() -%}
        {%- set inputs = [] -%}
        {%- for definition in definitions -%}
            {%- for input in definition.inputs if input not in inputs -%}{%- do inputs.append(input) -%}{%- endfor -%}
        {%- endfor -%}
        {%- do found.append({
            'name': 'branch_' ~ loop.index,
            'definitions': definitions,
            'sources': definitions[0].sources,
            'coverage_sources': definitions[0].coverage_sources,
            'inputs': inputs,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# CTEs of one branch: <name>_running, <name>_shapes. `relations` holds what the model has referred to. #}
{% macro paced_ctes(branch, relations) -%}
{%- set shift = pace_shift() -%}
{%- set ids = branch.definitions | map(attribute='id') | join("', '") -%}
{{ branch.name }}_running as (
    {%- for grain in kpi_grains() if grain != 'day' %}
    select
        coverage.entity_id as entity_id,
        coverage.entity_kind as entity_kind,
        '{{ grain }}' as grain,
        {{ period_start(grain, kpi_coverage(branch.definitions[0], 'coverage')) }} as period_start,
        {{ period_end(grain, period_start(grain, kpi_coverage(branch.definitions[0], 'coverage'))) }} as period_end,
        {{ kpi_coverage(branch.definitions[0], 'coverage') }} as covered_through,
        {%- for source in branch.coverage_sources if source in account_facts() %}
        coalesce(
            coverage.{{ source }}_from
            <= {{ period_start(grain, kpi_coverage(branch.definitions[0], 'coverage')) }} - {{ shift }},
            false
        )
        and
        {%- endfor %}
        true as had_last_year
    from {{ relations.coverage }} as coverage
    where
        {{ kpi_coverage(branch.definitions[0], 'coverage') }}
        < {{ period_end(grain, period_start(grain, kpi_coverage(branch.definitions[0], 'coverage'))) }}
        and (
            coverage.entity_kind in ('{{ paced_kinds() | join("', '") }}')
            or coverage.entity_id in (
                select targets.entity_id
                from {{ relations.targets }} as targets
                where targets.grain = '{{ grain }}' and targets.kpi_id in ('{{ ids }}')
            )
        )
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

{{ branch.name }}_days as (
    {%- set of_measures = sources_of_measures() %}
    {%- for source in branch.sources %}
    select
        running.entity_id as entity_id,
        running.grain as grain,
        running.period_start as period_start,
        running.covered_through as covered_through,
        days.period_start as date_day,
        days.unconverted_rows as unconverted_rows,
        {%- for input in branch.inputs %}
        {% if of_measures[input] == source %}days.{{ input }}{% else %}cast(null as numeric){% endif %} as {{ input }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ branch.name }}_running as running
    inner join {{ relations.measures[source] }} as days
        on
            running.entity_id = days.entity_id
            and days.grain = 'day'
            -- From the month's first day on: whether the entity was there before the period began.
            and days.period_start >= {{ period_start('month', 'running.period_start - ' ~ shift) }}
            and days.period_start <= running.period_end - {{ shift }}
    where running.had_last_year
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

{{ branch.name }}_first_months as (
    select
        months.entity_id as entity_id,
        min(months.period_start) as first_month
    from (
        {%- for source in branch.sources %}
        select
            part.entity_id as entity_id,
            part.period_start as period_start
        from {{ relations.measures[source] }} as part
        where part.grain = 'month'
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as months
    inner join (select distinct running.entity_id from {{ branch.name }}_running as running where running.had_last_year) as paced
        on months.entity_id = paced.entity_id
    group by months.entity_id
),

{{ branch.name }}_shapes as (
    select
        days.entity_id as entity_id,
        days.grain as grain,
        days.period_start as period_start,
        days.period_start - {{ shift }} as period_start_whole,
        days.period_start - {{ shift }} as period_start_passed,
        min(days.date_day) as first_day,
        sum(days.unconverted_rows) as unconverted_rows,
        {%- for input in branch.inputs %}
        sum(case when days.date_day >= days.period_start - {{ shift }} then days.{{ input }} end) as {{ input }}_whole,
        sum(
            case
                when days.date_day >= days.period_start - {{ shift }} and days.date_day <= days.covered_through - {{ shift }}
                    then days.{{ input }}
            end
        ) as {{ input }}_passed{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ branch.name }}_days as days
    group by days.entity_id, days.grain, days.period_start
)
{%- endmacro %}


{# One KPI of a branch: the whole of last year's period and the part that had passed, for each running period. #}
{% macro paced_rows(branch, definition, relations) -%}
    {#- What was covered is asked of last year's period; rows without a rate are judged for the branch as a whole, below. -#}
    {%- set last_year = definition.numerator
        | replace('measures.period_start', '(running.period_start - ' ~ pace_shift() ~ ')')
        | replace('measures.grain', 'running.grain') -%}
    {%- set last_year = modules.re.sub('measures\\.unconverted_rows_\\w+', '0', last_year) -%}
    {%- set whole = modules.re.sub('measures\\.(\\w+)', 'shapes.\\1_whole', last_year) -%}
    {%- set passed = modules.re.sub('measures\\.(\\w+)', 'shapes.\\1_passed', last_year) -%}
    select
        '{{ definition.id }}' as kpi_id,
        running.entity_id as entity_id,
        running.grain as grain,
        running.period_start as period_start,
        running.period_end as period_end,
        running.covered_through as covered_through,
        -- The entity had the KPI's sources before the period of last year began, or on its first day.
        case
            when
                {%- if definition.kpi.unit == 'money' %}
                shapes.unconverted_rows = 0
                and
                {%- endif %}
                (
                    shapes.first_day <= running.period_start - {{ pace_shift() }}
                    or first_months.first_month < {{ period_start('month', 'running.period_start - ' ~ pace_shift()) }}
                )
                then {{ whole }}
        end as whole,
        {{ passed }} as passed
    from {{ branch.name }}_running as running
    left outer join {{ branch.name }}_shapes as shapes
        on
            running.entity_id = shapes.entity_id
            and running.grain = shapes.grain
            and running.period_start = shapes.period_start
    left outer join {{ branch.name }}_first_months as first_months on running.entity_id = first_months.entity_id
    left outer join {{ relations.coverage }} as coverage on running.entity_id = coverage.entity_id
    where running.entity_kind in ('{{ definition.kpi.entity_kinds | join("', '") }}')
{%- endmacro %}
