-- One row per desk and rating that a buyer was asked for; is_good is null until the buyer answers.
select
    ratings._account_id as desk_id,
    ratings.rating_id as rating_id,
    ratings.ticket_id as ticket_id,
    lower(trim(ratings.score)) as score,
    case lower(trim(ratings.score)) when 'good' then true when 'bad' then false end as is_good,
    nullif(trim(ratings.reason), '') as reason,
    ratings.assignee_id as assignee_id,
    ratings.created_at as offered_at,
    ratings.updated_at as updated_at,
    ratings._load_id as load_id,
    ratings._loaded_at as loaded_at
from {{ source('raw', 'zendesk__satisfaction_ratings') }} as ratings
