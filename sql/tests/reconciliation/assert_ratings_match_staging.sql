-- Ratings against staging and measures: stars and good answers. Rows are differences.
with staged as (
    select
        'stars' as measure,
        cast(sum(feedback.rating) as numeric) as total
    from {{ ref('stg_amazon_sp__feedback') }} as feedback
    where feedback.rating between 1 and 5

    union all

    select
        'csat_good' as measure,
        cast(sum(case when ratings.is_good then 1 else 0 end) as numeric) as total
    from {{ ref('stg_zendesk__satisfaction_ratings') }} as ratings
),

measured as (
    select
        sum(measures.stars) as stars,
        sum(measures.csat_good) as csat_good
    from {{ ref('measures_ratings') }} as measures
    where measures.entity_kind = 'company' and measures.grain = 'year'
)

select
    staged.measure as measure,
    staged.total as expected,
    case staged.measure when 'stars' then measured.stars else measured.csat_good end as found
from staged
cross join measured
where coalesce(staged.total, 0) <> coalesce(case staged.measure when 'stars' then measured.stars else measured.csat_good end, 0)
