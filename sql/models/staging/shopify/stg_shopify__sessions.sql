-- One row per shop and day: visits to the online store as Shopify counts them.
select
    session_days._account_id as account_id,
    session_days.day as date_day,
    cast(session_days.sessions as bigint) as sessions,
    cast(session_days.visitors as bigint) as visitors,
    cast(session_days.page_views as bigint) as page_views,
    cast(session_days.converted_sessions as bigint) as converted_sessions,
    session_days._load_id as load_id,
    session_days._loaded_at as loaded_at
from {{ source('raw', 'shopify__sessions') }} as session_days
