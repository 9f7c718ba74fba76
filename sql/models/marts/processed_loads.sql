-- Loads that a whole build has dealt with. Written last, together with emptying the list of touched days.
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- for model in models_of_touched_days() %}
-- depends_on: {{ ref(model) }}
{%- endfor %}
-- depends_on: {{ ref('processed_state') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ delete_touched('false') }}",
    post_hook="delete from {{ ref('int_days_touched') }}"
) }}

select
    loads_new.load_id as load_id,
    {{ build_instant() }} as processed_at
from {{ ref('int_loads_new') }} as loads_new
