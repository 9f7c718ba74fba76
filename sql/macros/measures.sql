{#
    The additive measures of entity_measures: name, the fact that holds it, and whether it is money.
    A fact's column has the measure's name; `orders` alone counts distinct orders.
#}

{% macro measures() -%}
    {{ return([
        {'name': 'gmv', 'source': 'sales', 'is_money': true},
        {'name': 'discounts', 'source': 'sales', 'is_money': true},
        {'name': 'net_sales', 'source': 'sales', 'is_money': true},
        {'name': 'cogs', 'source': 'sales', 'is_money': true},
        {'name': 'units', 'source': 'sales', 'is_money': false},
        {'name': 'uncosted_units', 'source': 'sales', 'is_money': false},
        {'name': 'unpriced_units', 'source': 'sales', 'is_money': false},
        {'name': 'orders', 'source': 'sales', 'is_money': false, 'count_distinct': 'counted_order_key'},
        {'name': 'sessions', 'source': 'traffic', 'is_money': false},
        {'name': 'page_views', 'source': 'traffic', 'is_money': false},
        {'name': 'buy_box_page_views', 'source': 'traffic', 'is_money': false},
        {'name': 'buy_box_base_page_views', 'source': 'traffic', 'is_money': false},
        {'name': 'traffic_units', 'source': 'traffic', 'is_money': false},
        {'name': 'traffic_sales', 'source': 'traffic', 'is_money': true},
        {'name': 'impressions', 'source': 'ads', 'is_money': false},
        {'name': 'clicks', 'source': 'ads', 'is_money': false},
        {'name': 'ad_purchases', 'source': 'ads', 'is_money': false},
        {'name': 'ad_cost', 'source': 'ads', 'is_money': true},
        {'name': 'ad_sales', 'source': 'ads', 'is_money': true},
    ]) }}
{%- endmacro %}


{# The facts behind the measures: their model, and the kinds of entity their rows can be laid to. #}
{% macro measure_sources() -%}
    {%- set people_and_products = ['company', 'platform', 'account', 'category', 'sku', 'team', 'person'] -%}
    {{ return({
        'sales': {'model': 'fct_order_lines', 'kinds': people_and_products},
        'traffic': {'model': 'fct_traffic', 'kinds': people_and_products},
        'ads': {'model': 'fct_ad_performance', 'kinds': people_and_products + ['campaign', 'ad_group']},
    }) }}
{%- endmacro %}


{# Each source with each kind of entity that it is laid to. #}
{% macro measure_branches() -%}
    {%- set branches = [] -%}
    {%- for source, about in measure_sources().items() -%}
        {%- for level in entity_levels() if level.kind in about.kinds -%}
            {%- do branches.append({'source': source, 'level': level}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(branches) }}
{%- endmacro %}


{#
    Sums of all measures over grouped rows. Money of a group that holds a row in another currency is no value:
    there is no rate to add it up with, and leaving the row out would show too little.
#}
{% macro summed_measures(rows) -%}
    {%- for measure in measures() %}
    {%- set total = 'sum(' ~ rows ~ '.' ~ measure.name ~ ')' %}
    {%- if measure.is_money %}
    case when sum({{ rows }}.{{ measure.source }}_foreign_rows) > 0 then null else {{ total }} end as {{ measure.name }},
    {%- else %}
    {{ total }} as {{ measure.name }},
    {%- endif %}
    {%- endfor %}
    {%- for source in measure_sources() %}
    sum({{ rows }}.{{ source }}_foreign_rows) as {{ source }}_foreign_rows{% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{# Day rows of one source for one kind of entity; the other sources' measures are null. #}
{% macro entity_day_rows(source, level) -%}
    {%- set rows = source ~ '_rows' -%}
    {%- set currency = rows ~ '.account_currency' if level.own_currency else "'" ~ var('reporting_currency') ~ "'" -%}
    select
        '{{ level.kind }}' as entity_kind,
        {{ rows }}.{{ level.key }} as entity_id,
        {{ rows }}.date_day as date_day,
        {{ currency }} as currency,
        {%- for measure in measures() %}
        {%- if measure.source != source %}
        cast(null as numeric) as {{ measure.name }},
        {%- elif measure.count_distinct is defined %}
        cast(count(distinct {{ rows }}.{{ measure.count_distinct }}) as numeric) as {{ measure.name }},
        {%- else %}
        cast(sum({{ rows }}.{{ measure.name }}) as numeric) as {{ measure.name }},
        {%- endif %}
        {%- endfor %}
        {%- for other in measure_sources() %}
        {%- if other != source %}
        cast(0 as bigint) as {{ other }}_foreign_rows{% if not loop.last %},{% endif %}
        {%- else %}
        sum(case when {{ rows }}.row_currency <> {{ currency }} then 1 else 0 end) as {{ source }}_foreign_rows{% if not loop.last %},{% endif %}
        {%- endif %}
        {%- endfor %}
    from {{ rows }}
    where {{ rows }}.{{ level.key }} is not null
    group by {{ rows }}.{{ level.key }}, {{ rows }}.date_day{% if level.own_currency %}, {{ rows }}.account_currency{% endif %}
{%- endmacro %}


{# The columns of entity_measures, in order. #}
{% macro entity_measure_columns(rows='kept') -%}
    {%- for name in ['entity_kind', 'entity_id', 'grain', 'period_start', 'currency'] %}
    {{ rows }}.{{ name }} as {{ name }},
    {%- endfor %}
    {%- for measure in measures() %}
    {{ rows }}.{{ measure.name }} as {{ measure.name }},
    {%- endfor %}
    {%- for source in measure_sources() %}
    {{ rows }}.{{ source }}_foreign_rows as {{ source }}_foreign_rows{% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
