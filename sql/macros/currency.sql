{# The currency of company, platform, team and person: var reporting_currency, else the pipeline's own setting, else US dollars. #}
{% macro reporting_currency() -%}
    {{ return((var('reporting_currency', '') or env_var('KPI_CONSOLIDATION_CURRENCY', '') or 'USD') | upper) }}
{%- endmacro %}
