{# The margin waterfall: its columns and the metrics that they show, in the order in which they are taken off. #}

{% macro waterfall_columns() -%}
    {%- set columns = [
        ['gmv', 'gmv_or_zero'],
        ['discounts', 'discounts_or_zero'],
        ['refunds', 'refunded_sales_or_zero'],
        ['net_sales', 'net_sales'],
    ] -%}
    {%- for line in fee_line_names() -%}{%- do columns.append([line ~ '_fees', line ~ '_fees']) -%}{%- endfor -%}
    {{ return(columns + [
        ['cogs', 'cogs'],
        ['freight_cost', 'freight_cost'],
        ['tariff_cost', 'tariff_cost'],
        ['margin_before_ads', 'margin_before_ads'],
        ['ad_cost', 'spent_ad_cost'],
        ['contribution_margin', 'contribution_margin'],
    ]) }}
{%- endmacro %}
