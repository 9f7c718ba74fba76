-- One row per selling account the pipeline has loaded.
select
    accounts.account_id as account_id,
    accounts.platform as platform,
    coalesce(accounts.account_name, accounts.account_id) as account_name,
    accounts.marketplace_id as marketplace_id,
    upper(accounts.currency) as currency,
    coalesce(accounts.time_zone, '{{ var("default_time_zone") }}') as time_zone,
    accounts.updated_at as updated_at
from {{ source('raw', 'accounts') }} as accounts
