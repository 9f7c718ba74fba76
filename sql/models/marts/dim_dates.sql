-- One row per calendar day; MetricFlow's time spine.
{{ config(indexes=[{'columns': ['date_day'], 'unique': true}]) }}

with days as (
    {{ dbt.date_spine(datepart='day', start_date="cast('2015-01-01' as date)", end_date="cast('2041-01-01' as date)") }}
)

select cast(days.date_day as date) as date_day
from days
