{# Measures that don't roll up over time (levels, percentiles), for entity_measures. #}

{#
    CTEs of the measures that don't roll up, ending in `unrolled_rows`. A level of a period is the sum, over accounts (entities, where
    rows name theirs), of the rows on each one's last day with rows; a percentile is continuous (between the two nearest rows in proportion).
#}
{% macro unrolled_rows(source, relations, measures, levels, percentiles, has_money, rebuild) -%}
{%- set about = facts()[source] -%}
{%- set owner = about.levels_by or ('entity_id' if about.by == 'entity' else 'account_id') -%}
{%- for grain in kpi_grains() %}
{{ grain }}_facts as (
    {{ fact_rows_with_keys(source, relations, has_money) }}
    {%- if levels and not percentiles %}
    inner join (
        select
            facts.{{ owner }} as owner_id,
            {{ period_start(grain, 'facts.date_day') }} as period_start,
            max(facts.date_day) as last_day
        from {{ relations.fact }} as facts
        where
            {# Rows without any of the levels (a budget among heads, a survey among scores) say nothing of them. -#}
            ({% for level in levels %}facts.{{ level.expr }} is not null{% if not loop.last %} or {% endif %}{% endfor %})
            {%- if not rebuild %}
            and {{ period_start(grain, 'facts.date_day') }} in ({{ touched_in(grain) }})
            and {{ within_touched('facts.date_day', touched_in(grain), grain) }}
            {%- endif %}
        group by facts.{{ owner }}, {{ period_start(grain, 'facts.date_day') }}
    ) as last_days
        on facts.{{ owner }} = last_days.owner_id and facts.date_day = last_days.last_day
    {%- elif not rebuild %}
    where
        {{ period_start(grain, 'facts.date_day') }} in ({{ touched_in(grain) }})
        and {{ within_touched('facts.date_day', touched_in(grain), grain) }}
    {%- endif %}
),

{{ grain }}_placed as (
    select
        {{ grain }}_facts.*,
        {%- if levels and percentiles %}
        {{ grain }}_facts.date_day = max({{ grain }}_facts.date_day) over (
            partition by {{ grain }}_facts.{{ owner }}, {{ period_start(grain, grain ~ '_facts.date_day') }}
        ) as is_last_day,
        {%- elif levels %}
        true as is_last_day,
        {%- endif %}
        {{ period_start(grain, grain ~ '_facts.date_day') }} as placed_in
    from {{ grain }}_facts
),
{% endfor %}
unrolled_parts as (
    {%- for grain in kpi_grains() %}
    {%- for level in levels_of(source) %}
    {%- if levels %}
    select
        level_sums.entity_kind as entity_kind,
        level_sums.entity_id as entity_id,
        '{{ grain }}' as grain,
        level_sums.period_start as period_start,
        level_sums.currency as currency,
        {{- measure_columns_or_null(levels + percentiles, levels, 'level_sums') }}
        0 as part
    from (
        {{ day_sums(source, level, measures, levels, 'placed', 'placed_in', has_money) | replace('from placed', 'from ' ~ grain ~ '_placed as placed') | replace('where placed.', 'where placed.is_last_day and placed.') }}
    ) as level_sums
    {%- if percentiles %}

    union all

    {% endif %}
    {%- endif %}
    {%- for measure in percentiles %}
    {{ percentile_rows(level, measure, levels + percentiles, grain) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

unrolled_rows as (
    select
        unrolled_parts.entity_kind as entity_kind,
        unrolled_parts.entity_id as entity_id,
        unrolled_parts.grain as grain,
        unrolled_parts.period_start as period_start,
        unrolled_parts.currency as currency,
        {%- for measure in levels + percentiles %}
        max(unrolled_parts.{{ measure.name }}) as {{ measure.name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from unrolled_parts
    group by
        unrolled_parts.entity_kind,
        unrolled_parts.entity_id,
        unrolled_parts.grain,
        unrolled_parts.period_start,
        unrolled_parts.currency
)
{%- endmacro %}


{# One percentile of one level and grain. With n rows, position 1 + share * (n - 1); between two rows in proportion. #}
{% macro percentile_rows(level, measure, columns, grain) -%}
    {%- set currency = 'ranked.account_currency' if level.own_currency else "'" ~ reporting_currency() ~ "'" -%}
    {%- set position = '(1 + ' ~ measure.share ~ ' * (ranked.row_count - 1))' -%}
    select
        {{ 'ranked.entity_kind' if level.kind is none else "'" ~ level.kind ~ "'" }} as entity_kind,
        ranked.entity_id as entity_id,
        '{{ grain }}' as grain,
        ranked.placed_in as period_start,
        {{ currency }} as currency,
        {%- for column in columns %}
        {%- if column.name == measure.name %}
        cast(
            sum(
                case
                    when ranked.row_rank = floor({{ position }}) and ranked.row_rank = {{ position }} then ranked.amount
                    when ranked.row_rank = floor({{ position }}) then ranked.amount * (floor({{ position }}) + 1 - {{ position }})
                    when ranked.row_rank = floor({{ position }}) + 1 then ranked.amount * ({{ position }} - floor({{ position }}))
                    else 0
                end
            ) as numeric
        ) as {{ column.name }},
        {%- else %}
        cast(null as numeric) as {{ column.name }},
        {%- endif %}
        {%- endfor %}
        0 as part
    from (
        select
            {% if level.kind is none %}placed.entity_kind as entity_kind,
            {% endif -%}
            placed.{{ level.key }} as entity_id,
            placed.placed_in as placed_in,
            placed.account_currency as account_currency,
            placed.{{ measure.expr }} as amount,
            row_number() over (
                partition by placed.{{ level.key }}, placed.placed_in
                order by placed.{{ measure.expr }} asc nulls last
            ) as row_rank,
            count(placed.{{ measure.expr }}) over (partition by placed.{{ level.key }}, placed.placed_in) as row_count
        from {{ grain }}_placed as placed
        where placed.{{ level.key }} is not null and placed.{{ measure.expr }} is not null
    ) as ranked
    group by {% if level.kind is none %}ranked.entity_kind, {% endif %}ranked.entity_id, ranked.placed_in{% if level.own_currency %}, ranked.account_currency{% endif %}
{%- endmacro %}
