-- One row per account, ad group, advertised SKU and month: what its ads sold, in the account's currency; what longer
-- periods are added up from.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched('month_start in (' ~ touched_starts('month', ['ads']) ~ ')') }}",
    indexes=[{'columns': ['month_start']}]
) }}

{{ advertised_sku_sums('month', 'month_start', none if is_rebuild() else touched_starts('month', ['ads'])) }}
