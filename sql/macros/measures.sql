{#
    marts.measures_<source>: a fact's measures, one row per entity, grain and period that has rows of the source. A measure
    without rows is null, never 0. Days come from the fact; weeks and months from days, quarters and years from months; what does
    not roll up (levels, percentiles) comes from the fact for every grain. Each build replaces the periods that hold a touched
    day of the source, and no other.
#}
{% macro entity_measures(source) -%}
    {%- set about = facts()[source] -%}
    {%- set relations = {
        'fact': ref(about.model),
        'accounts': ref('dim_accounts'),
        'skus': ref('dim_skus'),
        'assignments': ref('dim_assignments'),
        'person_teams': ref('int_person_teams'),
        'rates': ref('dim_fx_rates'),
        'touched': ref('int_days_touched'),
    } -%}
    {%- if not execute -%}
    select 1 as nothing
    {%- else -%}
    {%- set measures = measures_of(source) -%}
    {%- if not measures -%}
        {%- do exceptions.raise_compiler_error("Source '" ~ source ~ "' has no measures: its semantic model in models/kpis/ needs `config: {meta: {source: " ~ source ~ "}}`.") -%}
    {%- endif -%}
    {%- set rolled = measures | rejectattr('rollup', 'in', ['level', 'percentile']) | list -%}
    {%- set levels = measures | selectattr('rollup', 'equalto', 'level') | list -%}
    {%- set percentiles = measures | selectattr('rollup', 'equalto', 'percentile') | list -%}
    {%- set has_money = measures | selectattr('is_money') | list | length > 0 -%}
    {%- set rebuild = is_rebuild() -%}
with
touched as (
    select distinct days_touched.date_day as date_day
    from {{ relations.touched }} as days_touched
    where days_touched.source = '{{ source }}'
),

fact_rows as (
    {{ fact_rows_with_keys(source, relations, has_money) }}
    {%- if not rebuild %}
    where
        facts.date_day in (select touched.date_day from touched)
        and {{ within_touched('facts.date_day', touched_in('day')) }}
    {%- endif %}
),

source_days as (
    {%- for level in levels_of(source) %}
    {{ day_sums(source, level, measures, rolled, 'fact_rows', 'date_day', has_money) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

day_rows as (
    select
        source_days.entity_kind as entity_kind,
        source_days.entity_id as entity_id,
        'day' as grain,
        source_days.period_start as period_start,
        source_days.currency as currency,
        {{- measure_columns(rolled, 'source_days') }}
        source_days.unconverted_rows as unconverted_rows
    from source_days
),
{%- for grain, finer in [('week', 'day'), ('month', 'day'), ('quarter', 'month'), ('year', 'month')] %}

{{ grain }}_inputs as (
    select * from {{ finer }}_rows
    {%- if not rebuild %}
    union all
    -- What is still there after the touched periods were deleted.
    select
        kept.entity_kind as entity_kind,
        kept.entity_id as entity_id,
        kept.grain as grain,
        kept.period_start as period_start,
        kept.currency as currency,
        {{- measure_columns(rolled, 'kept') }}
        kept.unconverted_rows as unconverted_rows
    from {{ this }} as kept
    where
        kept.grain = '{{ finer }}'
        and {{ period_start(grain, 'kept.period_start') }} in ({{ touched_in(grain) }})
        and {{ within_touched('kept.period_start', touched_in(grain), grain) }}
    {%- endif %}
),

{{ grain }}_rows as (
    select
        {{ grain }}_inputs.entity_kind as entity_kind,
        {{ grain }}_inputs.entity_id as entity_id,
        '{{ grain }}' as grain,
        {{ period_start(grain, grain ~ '_inputs.period_start') }} as period_start,
        {{ grain }}_inputs.currency as currency,
        {{- rolled_up(rolled, grain ~ '_inputs') }}
        sum({{ grain }}_inputs.unconverted_rows) as unconverted_rows
    from {{ grain }}_inputs
    group by
        {{ grain }}_inputs.entity_kind,
        {{ grain }}_inputs.entity_id,
        {{ period_start(grain, grain ~ '_inputs.period_start') }},
        {{ grain }}_inputs.currency
),
{%- endfor %}

rolled_rows as (
    {%- for grain in kpi_grains() %}
    select * from {{ grain }}_rows{% if not loop.last %}
    union all{% endif %}
    {%- endfor %}
)
{%- if not levels and not percentiles %}

select
    rolled_rows.entity_kind as entity_kind,
    rolled_rows.entity_id as entity_id,
    rolled_rows.grain as grain,
    rolled_rows.period_start as period_start,
    rolled_rows.currency as currency,
    {{- measure_columns(rolled, 'rolled_rows') }}
    cast(rolled_rows.unconverted_rows as bigint) as unconverted_rows
from rolled_rows
{%- else -%}
,

{{ unrolled_rows(source, relations, measures, levels, percentiles, has_money, rebuild) }},

every_row as (
    select
        rolled_rows.entity_kind as entity_kind,
        rolled_rows.entity_id as entity_id,
        rolled_rows.grain as grain,
        rolled_rows.period_start as period_start,
        rolled_rows.currency as currency,
        {{- measure_columns_or_null(measures, rolled, 'rolled_rows') }}
        rolled_rows.unconverted_rows as unconverted_rows
    from rolled_rows

    union all

    select
        unrolled_rows.entity_kind as entity_kind,
        unrolled_rows.entity_id as entity_id,
        unrolled_rows.grain as grain,
        unrolled_rows.period_start as period_start,
        unrolled_rows.currency as currency,
        {{- measure_columns_or_null(measures, levels + percentiles, 'unrolled_rows') }}
        0 as unconverted_rows
    from unrolled_rows
)

select
    every_row.entity_kind as entity_kind,
    every_row.entity_id as entity_id,
    every_row.grain as grain,
    every_row.period_start as period_start,
    every_row.currency as currency,
    {%- for measure in measures %}
    max(every_row.{{ measure.name }}) as {{ measure.name }},
    {%- endfor %}
    cast(sum(every_row.unconverted_rows) as bigint) as unconverted_rows
from every_row
group by every_row.entity_kind, every_row.entity_id, every_row.grain, every_row.period_start, every_row.currency
{%- endif -%}
{%- endif -%}
{%- endmacro %}


{# First days of the periods of a grain that hold a day of the CTE `touched`. #}
{% macro touched_in(grain) -%}
    select {{ period_start(grain, 'touched.date_day') }} as period_start from touched
{%- endmacro %}


{#
    A fact's rows with the ids of every entity they count for on their day, and the day's rates: `account_rate` into the account's
    currency, `reporting_rate` into the reporting currency; null where no rate is known. The fact's alias is `facts`.
#}
{% macro fact_rows_with_keys(source, relations, has_money) -%}
    {%- set by = facts()[source].by -%}
    {%- set reporting = "'" ~ reporting_currency() ~ "'" -%}
    {%- if by != 'entity' -%}{%- set account_currency = 'accounts.currency' -%}
    {%- elif has_money -%}{%- set account_currency = 'facts.entity_currency' -%}
    {%- else -%}{%- set account_currency = reporting -%}
    {%- endif -%}
    select
        facts.*,
        'company' as company_key,
        {%- if by != 'entity' %}
        accounts.platform_key as platform_key,
        accounts.account_key as account_key,
        {%- endif %}
        {{ account_currency }} as account_currency,
        {%- if by in ['sku', 'ad'] %}
        skus.category_key as category_key,
        assignments.person_key as person_key,
        coalesce(person_teams.team_key, assignments.team_key) as team_key,
        {%- elif by == 'agent' %}
        person_teams.team_key as team_key,
        {%- endif %}
        {%- if has_money %}
        case
            when facts.currency = {{ account_currency }} then 1
            when {{ account_currency }} = {{ reporting }} then row_rates.rate
            when facts.currency = {{ reporting }} then round(1 / nullif(account_rates.rate, 0), 10)
            else round(row_rates.rate / nullif(account_rates.rate, 0), 10)
        end as account_rate,
        case when facts.currency = {{ reporting }} then 1 else row_rates.rate end as reporting_rate
        {%- else %}
        1 as account_rate,
        1 as reporting_rate
        {%- endif %}
    from {{ relations.fact }} as facts
    {%- if by != 'entity' %}
    {# A contact of no known selling account counts for its agent and the company. -#}
    {{ 'left outer' if by == 'agent' else 'inner' }} join {{ relations.accounts }} as accounts on facts.account_id = accounts.account_id
    {%- endif %}
    {%- if by in ['sku', 'ad'] %}
    left outer join {{ relations.skus }} as skus on facts.sku_key = skus.sku_key
    left outer join {{ relations.assignments }} as assignments
        on
            facts.sku_key = assignments.sku_key
            and facts.date_day >= assignments.valid_from
            and (facts.date_day < assignments.valid_to or assignments.valid_to is null)
    {%- endif %}
    {%- if by in ['sku', 'ad', 'agent'] %}
    left outer join {{ relations.person_teams }} as person_teams
        on
            {{ 'facts' if by == 'agent' else 'assignments' }}.person_key = person_teams.person_key
            and facts.date_day >= person_teams.valid_from
            and (facts.date_day < person_teams.valid_to or person_teams.valid_to is null)
    {%- endif %}
    {%- if has_money %}
    left outer join {{ relations.rates }} as row_rates
        on facts.currency = row_rates.currency and facts.date_day = row_rates.date_day
    left outer join {{ relations.rates }} as account_rates
        on {{ account_currency }} = account_rates.currency and facts.date_day = account_rates.date_day
    {%- endif %}
{%- endmacro %}


{# The kinds of entity of a source with the columns that hold their ids; for 'entity' facts one that takes any kind. #}
{% macro levels_of(source) -%}
    {%- if facts()[source].by == 'entity' -%}
        {%- set has_money = measures_of(source) | selectattr('is_money') | list | length > 0 -%}
        {{ return([{'kind': none, 'key': 'entity_id', 'own_currency': has_money}]) }}
    {%- endif -%}
    {%- set kinds = fact_kinds(source) -%}
    {%- set found = [] -%}
    {%- for level in entity_levels() if level.kind in kinds -%}{%- do found.append(level) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# SQL of the amount of a measure in the level's currency, from a row of fact_rows. #}
{% macro measure_amount(measure, level, rows) -%}
    {%- set column = rows ~ '.' ~ measure.expr -%}
    {%- if measure.is_money -%}{{ column }} * {{ rows }}.{{ 'account_rate' if level.own_currency else 'reporting_rate' }}
    {%- else -%}{{ column }}
    {%- endif -%}
{%- endmacro %}


{# Sums of rows of one level, by day or by a period column; the columns of `wanted` only. #}
{% macro day_sums(source, level, measures, wanted, rows, period_column, has_money) -%}
    {%- set currency = rows ~ '.account_currency' if level.own_currency else "'" ~ reporting_currency() ~ "'" -%}
    {%- set rate = rows ~ ('.account_rate' if level.own_currency else '.reporting_rate') -%}
    {%- set unconverted = 'sum(case when ' ~ rate ~ ' is null then 1 else 0 end)' -%}
    select
        {{ rows ~ '.entity_kind' if level.kind is none else "'" ~ level.kind ~ "'" }} as entity_kind,
        {{ rows }}.{{ level.key }} as entity_id,
        {{ rows }}.{{ period_column }} as period_start,
        {{ currency }} as currency,
        {%- for measure in wanted %}
        {%- set total %}
            {%- if measure.agg == 'count_distinct' %}count(distinct {{ rows }}.{{ measure.expr }})
            {%- elif measure.agg in ['min', 'max'] %}{{ measure.agg }}({{ measure_amount(measure, level, rows) }})
            {%- else %}sum({{ measure_amount(measure, level, rows) }})
            {%- endif %}
        {%- endset %}
        {%- if measure.is_money %}
        cast(case when {{ unconverted }} > 0 then null else {{ total }} end as numeric) as {{ measure.name }},
        {%- else %}
        cast({{ total }} as numeric) as {{ measure.name }},
        {%- endif %}
        {%- endfor %}
        {{ unconverted if has_money else 0 }} as unconverted_rows
    from {{ rows }}
    where {{ rows }}.{{ level.key }} is not null
    group by {% if level.kind is none %}{{ rows }}.entity_kind, {% endif %}{{ rows }}.{{ level.key }}, {{ rows }}.{{ period_column }}{% if level.own_currency %}, {{ rows }}.account_currency{% endif %}
{%- endmacro %}


{% macro measure_columns(measures, rows) -%}
    {%- for measure in measures %}
        {{ rows }}.{{ measure.name }} as {{ measure.name }},
    {%- endfor %}
{%- endmacro %}


{% macro measure_columns_or_null(measures, given, rows) -%}
    {%- set names = given | map(attribute='name') | list -%}
    {%- for measure in measures %}
        {% if measure.name in names %}{{ rows }}.{{ measure.name }}{% else %}cast(null as numeric){% endif %} as {{ measure.name }},
    {%- endfor %}
{%- endmacro %}


{# A coarser period's figure from finer ones. Money of a period with a row that can't be converted is no value. #}
{% macro rolled_up(measures, rows) -%}
    {%- for measure in measures %}
        {%- set total = measure.rollup ~ '(' ~ rows ~ '.' ~ measure.name ~ ')' %}
        {%- if measure.is_money %}
        case when sum({{ rows }}.unconverted_rows) > 0 then null else {{ total }} end as {{ measure.name }},
        {%- else %}
        {{ total }} as {{ measure.name }},
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
