{# Building blocks of the advertising models. #}

{# The latest name of each campaign and ad group among the rows of int_ad_names (alias `names`) that meet the condition. #}
{% macro latest_ad_names(columns, condition) -%}
    select
        {%- for column in columns %}
        ranked.{{ column }} as {{ column }},
        {%- endfor %}
        ranked.date_day as last_day
    from (
        select
            names.*,
            row_number() over (
                partition by names.entity_key
                order by
                    names.date_day desc nulls last,
                    names.preference asc nulls last,
                    names.ad_group_id asc nulls last,
                    names.entity_name asc nulls last
            ) as name_rank
        from {{ ref('int_ad_names') }} as names
        where {{ condition }}
    ) as ranked
    where ranked.name_rank = 1
{%- endmacro %}


{# Whether a row's day was touched by reports or by budgets. #}
{% macro touched_by_ads(rows, day) -%}
    (
        ({{ rows }}.account_id, {{ rows }}.{{ day }}) in {{ touched_days('ads') }}
        or ({{ rows }}.account_id, {{ rows }}.{{ day }}) in {{ touched_days('ad_budgets') }}
    )
{%- endmacro %}


{#
    First days of the periods of a grain that hold a touched day of one of the sources; with `and_next` the periods after them too
    (whose figures look back at the one before).
#}
{% macro touched_starts(grain, sources, and_next=false) -%}
    select {{ period_start(grain, 'days_touched.date_day') }} as period_start
    from {{ ref('int_days_touched') }} as days_touched
    where days_touched.source in ('{{ sources | join("', '") }}')
    {%- if and_next %}
    union distinct
    select {{ period_start(grain, 'days_touched.date_day + interval ' ~ ("'3 months'" if grain == 'quarter' else "'1 " ~ grain ~ "'")) }} as period_start
    from {{ ref('int_days_touched') }} as days_touched
    where days_touched.source in ('{{ sources | join("', '") }}')
    {%- endif %}
{%- endmacro %}


{# Rows whose (grain, period_start) is among them. `rows` is an alias with a dot, or nothing. #}
{% macro touched_grains_condition(grains, sources, rows='', and_next=false) -%}
    {%- set conditions = [] -%}
    {%- for grain in grains -%}
        {%- do conditions.append(
            '(' ~ rows ~ "grain = '" ~ grain ~ "' and " ~ rows ~ 'period_start in (' ~ touched_starts(grain, sources, and_next) ~ ') and '
            ~ within_touched(rows ~ 'period_start', touched_starts(grain, sources, and_next)) ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}


{# What the models of waste need to join a fact's rows to accounts and rates. #}
{% macro fact_relations(source) -%}
    {{ return({
        'fact': ref(facts()[source].model),
        'accounts': ref('dim_accounts'),
        'skus': ref('dim_skus'),
        'assignments': ref('dim_assignments'),
        'person_teams': ref('int_person_teams'),
        'rates': ref('dim_fx_rates'),
    }) }}
{%- endmacro %}


{# The KPI that says what is left of net sales before ads: the margin before ads, else the gross margin. #}
{% macro margin_definition() -%}
    {%- set found = {} -%}
    {%- for definition in kpi_definitions('measures') -%}{%- do found.update({definition.id: definition}) -%}{%- endfor -%}
    {{ return(found.get('margin_before_ads_rate') or found.get('gross_margin_rate')) }}
{%- endmacro %}


{# The sources whose days can change what an ad may cost: those of that margin. #}
{% macro margin_sources() -%}
    {{ return((margin_definition() or {'sources': []}).sources) }}
{%- endmacro %}


{# 0..1 of an expression; null stays null. #}
{% macro clamped(expression) -%}
    case when {{ expression }} < 0 then 0 when {{ expression }} > 1 then 1 else {{ expression }} end
{%- endmacro %}


{#
    The parts of the ad health score: name, weight, and the share of its points that it keeps (0..1 when capped), from a row of
    `judged` (ad_health_inputs with `target_acos`); null where an input is missing. Why these lines: DECISIONLOG.md.
#}
{% macro ad_health_parts() -%}
    {%- set without_sales = 'when judged.is_without_sales then 0' -%}
    {{ return([
        {
            'name': 'acos_target', 'weight': 25,
            'share': 'case when judged.target_acos is null then null ' ~ without_sales ~ ' else 2 - judged.acos / judged.target_acos end',
        },
        {
            'name': 'acos_break_even', 'weight': 20,
            'share': 'case when judged.break_even_acos is null then null ' ~ without_sales
                ~ ' when judged.acos is null then null when judged.break_even_acos <= 0 then 0'
                ~ ' else 1.5 - judged.acos / judged.break_even_acos end',
        },
        {
            'name': 'conversion', 'weight': 15,
            'share': 'case when judged.has_click_peers then judged.conversion_rate / nullif(judged.peer_conversion_rate, 0) / 1.25 end',
        },
        {
            'name': 'ctr', 'weight': 10,
            'share': 'case when judged.has_impression_peers then judged.ctr / nullif(judged.peer_ctr, 0) / 1.25 end',
        },
        {
            'name': 'cpc', 'weight': 10,
            'share': '1 - judged.cpc_change / 0.5',
        },
        {
            'name': 'budget', 'weight': 5,
            'share': 'case when judged.budget_use < 0.6 then judged.budget_use / 0.6 when judged.budget_use <= 0.95 then 1'
                ~ ' else (1.2 - judged.budget_use) / 0.25 end',
        },
        {
            'name': 'waste', 'weight': 15,
            'share': '1 - judged.waste_share / 0.4',
        },
    ]) }}
{%- endmacro %}


{# Sum of the weights of those parts that have their inputs, from a row with `<part>_kept`. #}
{% macro ad_weights(parts, rows) -%}
    {%- set weights = [] -%}
    {%- for part in parts -%}
        {%- do weights.append('case when ' ~ rows ~ '.' ~ part.name ~ '_kept is null then 0 else ' ~ part.weight ~ ' end') -%}
    {%- endfor -%}
    {{ return('(' ~ weights | join(' + ') ~ ')') }}
{%- endmacro %}


{# What parts lost, each its weight times what its sub-score lacks of 100, from a row with `<part>_score`. #}
{% macro ad_points_lost(parts, rows) -%}
    {%- set losses = [] -%}
    {%- for part in parts -%}
        {%- do losses.append(part.weight ~ ' * (100 - coalesce(' ~ rows ~ '.' ~ part.name ~ '_score, 100))') -%}
    {%- endfor -%}
    {{ return('(' ~ losses | join(' + ') ~ ')') }}
{%- endmacro %}


{# Rounded to six decimals, of the weights that there are. #}
{% macro share_of_weights(expression, rows) -%}
    round(cast({{ expression }} as numeric) / nullif({{ rows }}.weights, 0), 6)
{%- endmacro %}


{# What a total says beyond its details, of rows with `row_role`. #}
{% macro ad_residual(rows, amount) -%}
    sum(case when {{ rows }}.row_role = 'total' then {{ rows }}.{{ amount }} end)
        - coalesce(sum(case when {{ rows }}.row_role = 'detail' then {{ rows }}.{{ amount }} end), 0)
{%- endmacro %}


{% macro ad_health_grains() -%}
    {{ return(['week', 'month', 'quarter', 'year']) }}
{%- endmacro %}


{# Targets (not search terms) added up by period of a grain from fct_ad_targets; of the periods in `starts`, or all. #}
{% macro target_sums(grain, start_name, starts) -%}
    select
        placed.account_id as account_id,
        placed.platform_key as platform_key,
        placed.account_key as account_key,
        placed.account_currency as account_currency,
        placed.ad_product as ad_product,
        placed.campaign_key as campaign_key,
        placed.ad_group_key as ad_group_key,
        placed.target_id as target_id,
        placed.target_text as target_text,
        placed.placed_in as {{ start_name }},
        sum(placed.clicks) as clicks,
        sum(placed.purchases) as purchases,
        sum(placed.sales) as sales,
        sum(placed.cost * placed.account_rate) as account_cost,
        sum(placed.cost * placed.reporting_rate) as reporting_cost,
        sum(case when placed.account_rate is null then 1 else 0 end) as account_unconverted_rows,
        sum(case when placed.reporting_rate is null then 1 else 0 end) as reporting_unconverted_rows
    from (
        select
            keyed.*,
            {{ period_start(grain, 'keyed.date_day') }} as placed_in
        from (
            {{ fact_rows_with_keys('ad_targets', fact_relations('ad_targets'), true) }}
            where
                facts.target_kind = 'target'
                {%- if starts is not none %}
                and {{ period_start(grain, 'facts.date_day') }} in ({{ starts }})
                and {{ within_touched('facts.date_day', starts, grain) }}
                {%- endif %}
        ) as keyed
    ) as placed
    group by
        placed.account_id,
        placed.platform_key,
        placed.account_key,
        placed.account_currency,
        placed.ad_product,
        placed.campaign_key,
        placed.ad_group_key,
        placed.target_id,
        placed.target_text,
        placed.placed_in
{%- endmacro %}


{# Ad sales by advertised SKU and period of a grain from fct_ad_performance; of the periods in `starts`, or all. #}
{% macro advertised_sku_sums(grain, start_name, starts) -%}
    select
        placed.account_id as account_id,
        placed.account_currency as account_currency,
        placed.campaign_key as campaign_key,
        placed.ad_group_key as ad_group_key,
        placed.sku_key as sku_key,
        placed.placed_in as {{ start_name }},
        sum(placed.ad_sales * placed.account_rate) as ad_sales,
        sum(case when placed.account_rate is null then 1 else 0 end) as unconverted_rows
    from (
        select
            keyed.*,
            {{ period_start(grain, 'keyed.date_day') }} as placed_in
        from (
            {{ fact_rows_with_keys('ads', fact_relations('ads'), true) }}
            where
                facts.sku_key is not null
                {%- if starts is not none %}
                and {{ period_start(grain, 'facts.date_day') }} in ({{ starts }})
                and {{ within_touched('facts.date_day', starts, grain) }}
                {%- endif %}
        ) as keyed
    ) as placed
    group by placed.account_id, placed.account_currency, placed.campaign_key, placed.ad_group_key, placed.sku_key, placed.placed_in
{%- endmacro %}


{# First day of the period before the one that starts on `start`, where the grain is a column. #}
{% macro previous_start_of(grain_column, start) -%}
    case {{ grain_column }}
        {%- for grain in kpi_grains() %}
            when '{{ grain }}' then cast({{ start }} - interval '{{ '3 months' if grain == 'quarter' else '1 ' ~ grain }}' as date)
        {%- endfor %}
    end
{%- endmacro %}
