{# The platform that sells, by where its data is loaded from; helpdesks and ERPs sell nothing. #}
{% macro selling_platforms() -%}
    {{ return({
        'amazon_sp': 'amazon', 'amazon_ads': 'amazon', 'shopify': 'shopify', 'walmart': 'walmart', 'walmart_connect': 'walmart',
        'tiktok_shop': 'tiktok_shop', 'tiktok_ads': 'tiktok_shop',
    }) }}
{%- endmacro %}


{# A platform's name for people. #}
{% macro platform_name(column) -%}
    case {{ column }}
        when 'tiktok_shop' then 'TikTok Shop'
        else upper(substring({{ column }}, 1, 1)) || substring({{ column }}, 2)
    end
{%- endmacro %}


{# Entity ids: text, unique over all kinds, the prefix tells the kind. #}

{% macro category_key(account, category) -%}
    'category:' || {{ account }} || '/' || {{ category }}
{%- endmacro %}


{% macro sku_key(account, sku) -%}
    'sku:' || {{ account }} || '/' || {{ sku }}
{%- endmacro %}


{% macro campaign_key(account, campaign) -%}
    'campaign:' || {{ account }} || '/' || {{ campaign }}
{%- endmacro %}


{% macro ad_group_key(account, ad_group) -%}
    'ad_group:' || {{ account }} || '/' || {{ ad_group }}
{%- endmacro %}


{#
    The kinds of entity and the column of the int_*_by_entity rows that holds their id.
    `own_currency`: the entity lies inside one account and keeps its currency; the others are in the reporting currency.
#}
{% macro entity_levels() -%}
    {{ return([
        {'kind': 'company', 'key': 'company_key', 'own_currency': false},
        {'kind': 'platform', 'key': 'platform_key', 'own_currency': false},
        {'kind': 'account', 'key': 'account_key', 'own_currency': true},
        {'kind': 'category', 'key': 'category_key', 'own_currency': true},
        {'kind': 'sku', 'key': 'sku_key', 'own_currency': true},
        {'kind': 'team', 'key': 'team_key', 'own_currency': false},
        {'kind': 'person', 'key': 'person_key', 'own_currency': false},
        {'kind': 'campaign', 'key': 'campaign_key', 'own_currency': true},
        {'kind': 'ad_group', 'key': 'ad_group_key', 'own_currency': true},
    ]) }}
{%- endmacro %}


{% macro entity_kinds() -%}
    {{ return(entity_levels() | map(attribute='kind') | list) }}
{%- endmacro %}


{# The attribute columns of kpi_entities: those given, null for the others. #}
{% macro entity_attributes(names, given) -%}
    {%- for name in names %}
    {{ given.get(name, 'cast(null as ' ~ dbt.type_string() ~ ')') }} as {{ name }},
    {%- endfor %}
{%- endmacro %}


{# Attributes that everything inside an account shares. #}
{% macro account_attributes() -%}
    {{ return({
        'platform': 'accounts.platform',
        'account_id': 'accounts.account_id',
        'account_name': 'accounts.account_name',
        'currency': 'accounts.currency',
        'time_zone': 'accounts.time_zone',
    }) }}
{%- endmacro %}


{# An entity id as the ERP states it: with its kind in front, or without. #}
{% macro stated_entity_id(kind, id) -%}
    case
        when lower(trim({{ kind }})) = 'company' then 'company'
        when lower(trim({{ id }})) like lower(trim({{ kind }})) || ':%' then trim({{ id }})
        else lower(trim({{ kind }})) || ':' || trim({{ id }})
    end
{%- endmacro %}


{# The account of an entity id of kind account, category or SKU. #}
{% macro account_of_entity(entity_id) -%}
    {{ dbt.split_part(dbt.split_part(entity_id, "':'", 2), "'/'", 1) }}
{%- endmacro %}
