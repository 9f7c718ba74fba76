-- One row per name of a selling account as other systems write it: its id in lower case.
select
    lower(accounts.account_id) as account_name,
    min(accounts.account_id) as account_id
from {{ ref('dim_accounts') }} as accounts
group by lower(accounts.account_id)
