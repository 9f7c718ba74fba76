-- One row per account, day and order: a buyer's rating of the seller, 1 to 5, on the day it was left.
select
    feedback._account_id as account_id,
    feedback.feedback_date as date_day,
    feedback.order_id as order_id,
    feedback.rating as rating,
    nullif(trim(feedback.response), '') is not null as is_answered,
    feedback._load_id as load_id,
    feedback._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__feedback') }} as feedback
