-- One row per entity, day and score that was entered or filed: Amazon's inventory performance index (ipi), surveys (nps), others.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('scores')) }}",
    indexes=[{'columns': ['score_key'], 'unique': true}, {'columns': ['date_day']}]
) }}

select
    scores.score_key as score_key,
    scores.account_id as account_id,
    scores.date_day as date_day,
    scores.entity_kind as entity_kind,
    scores.entity_id as entity_id,
    scores.score as score,
    scores.is_added_up as is_added_up,
    scores.value as value,
    case when scores.score = 'ipi' then scores.value end as ipi_score,
    case when scores.score = 'nps' then scores.promoters end as nps_promoters,
    case when scores.score = 'nps' then scores.detractors end as nps_detractors,
    case when scores.score = 'nps' then scores.responses end as nps_responses,
    scores.load_id as load_id
from {{ ref('int_scores') }} as scores
{%- if not is_rebuild() %}
where (scores.account_id, scores.date_day) in {{ touched_days('scores') }}
{%- endif %}
