-- One row per account, target of an ad group and month: what months, quarters and years of waste are added up from.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched('month_start in (' ~ touched_starts('month', ['ad_targets']) ~ ')') }}",
    indexes=[{'columns': ['month_start']}]
) }}

{{ target_sums('month', 'month_start', none if is_rebuild() else touched_starts('month', ['ad_targets'])) }}
