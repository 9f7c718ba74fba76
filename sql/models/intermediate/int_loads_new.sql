-- Loads that no whole build has dealt with yet. A table: every later model of one build sees the same loads.
{{ config(materialized='table') }}
{%- set processed = earlier_relation('processed_loads') %}

select
    loads.load_id as load_id,
    loads.platform as platform,
    loads.stream as stream,
    loads.mode as mode,
    loads.account_id as account_id,
    loads.window_start as window_start,
    loads.window_end as window_end
from {{ ref('stg_pipeline__loads') }} as loads
where
    loads.state in ('loaded', 'empty')
    {%- if processed is not none %}
    and loads.load_id not in (select processed_loads.load_id from {{ processed }} as processed_loads)
    {%- endif %}
