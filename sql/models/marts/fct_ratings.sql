-- One row per rating: stars for the seller (Amazon), or good or bad for the answer to a contact (Zendesk), by the day it was given.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ratings')) }}",
    indexes=[{'columns': ['rating_key'], 'unique': true}, {'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

select
    ratings.rating_key as rating_key,
    ratings.account_id as account_id,
    ratings.date_day as date_day,
    ratings.stream as stream,
    ratings.person_key as person_key,
    ratings.stars as stars,
    case when ratings.stars is not null then 1 end as seller_ratings,
    case when ratings.stars is not null then case when ratings.stars <= 2 then 1 else 0 end end as negative_ratings,
    case when ratings.is_good is not null then 1 end as csat_ratings,
    case when ratings.is_good is not null then case when ratings.is_good then 1 else 0 end end as csat_good,
    ratings.signature as signature,
    ratings.load_id as load_id
from {{ ref('int_ratings') }} as ratings
{%- if not is_rebuild() %}
where (ratings.account_id, ratings.date_day) in {{ touched_days('ratings') }}
{%- endif %}
