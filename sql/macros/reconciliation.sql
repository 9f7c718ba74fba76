{# Reconciliation: which days a build compares again, and how two amounts stand to each other. #}

{% macro days_to_reconcile() -%}
    (
        select
            reconciliation_days.account_id,
            reconciliation_days.date_day
        from {{ ref('int_reconciliation_days') }} as reconciliation_days
    )
{%- endmacro %}


{# Compared again in this build: everything, when everything is built again. `relation` is what was made of it before. #}
{% macro reconciles_everything() -%}
    {{ return(earlier_relation('fct_reconciliation') is none) }}
{%- endmacro %}


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
