{# Fees: the lines of the margin, and what the platforms' charges are called. #}

{# The lines that are fees. fee_lines has more, which are none: principal, promotion, shipping, tax, ads, reserve. #}
{% macro fee_line_names() -%}
    {{ return(['referral', 'fulfilment', 'storage', 'aged_stock', 'low_inventory', 'inbound_placement', 'other']) }}
{%- endmacro %}


{% macro is_fee_line(line) -%}
    {{ line }} in ('{{ fee_line_names() | join("', '") }}')
{%- endmacro %}


{# A charge's name as fee_lines compares it: lower case, words apart by a space. #}
{% macro charge_name(name) -%}
    lower(trim(replace(coalesce({{ name }}, ''), '_', ' ')))
{%- endmacro %}


{# The named amounts of a TikTok Shop statement's transaction, by their kind. #}
{% macro tiktok_transaction_groups() -%}
    {{ return({
        'revenue': ['gross_sales', 'gross_sales_refund', 'seller_discount', 'seller_discount_refund'],
        'shipping': ['actual_shipping_fee', 'customer_paid_shipping_fee', 'shipping_fee_discount', 'return_shipping_fee'],
        'fee': [
            'referral_fee', 'transaction_fee', 'platform_commission', 'refund_administration_fee', 'affiliate_commission',
            'affiliate_partner_commission', 'affiliate_ads_commission',
        ],
    }) }}
{%- endmacro %}


{% macro tiktok_transaction_parts() -%}
    {{ return(tiktok_transaction_groups().values() | sum(start=[])) }}
{%- endmacro %}
