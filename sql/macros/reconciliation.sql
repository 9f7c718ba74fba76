{# Reconciliation: how two amounts stand to each other. #}

{# How much two amounts of an item may differ, in the account's currency: var reconciliation_tolerances by line. #}
{% macro reconciliation_tolerance(line) -%}
    case {{ line }}
        {%- for name, tolerance in var('reconciliation_tolerances').items() %}
            when '{{ name }}' then {{ tolerance }}
        {%- endfor %}
            else 0
    end
{%- endmacro %}


{# State of a row whose items were counted: the worst of them; a mixture of faults is `different`. #}
{% macro reconciliation_state(rows) -%}
    case
        when {{ rows }}.different_items > 0 then 'different'
        when {{ rows }}.missing_in_erp_items > 0 and {{ rows }}.missing_on_platform_items > 0 then 'different'
        when {{ rows }}.missing_in_erp_items > 0 then 'missing_in_erp'
        when {{ rows }}.missing_on_platform_items > 0 then 'missing_on_platform'
        when {{ rows }}.tolerated_items > 0 then 'within_tolerance'
        when {{ rows }}.matched_items > 0 then 'matched'
        else 'not_comparable'
    end
{%- endmacro %}
