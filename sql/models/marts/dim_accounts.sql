-- One row per selling account: those that a load described, and those known only from loads of their ads.
with described as (
    select accounts.*
    from {{ ref('stg_pipeline__accounts') }} as accounts
    where accounts.platform in ('{{ selling_platforms().values() | unique | join("', '") }}')
),

loaded as (
    select
        loads.account_id as account_id,
        min(
            case loads.platform
                {%- for loaded_from, platform in selling_platforms().items() %}
                when '{{ loaded_from }}' then '{{ platform }}'
                {%- endfor %}
            end
        ) as platform
    from {{ ref('stg_pipeline__loads') }} as loads
    where loads.platform in ('{{ selling_platforms() | join("', '") }}')
    group by loads.account_id
),

ad_currencies as (
    select
        campaigns.account_id as account_id,
        min(campaigns.currency) as currency
    from {{ ref('stg_amazon_ads__sp_campaigns') }} as campaigns
    group by campaigns.account_id
),

all_accounts as (
    select
        described.account_id as account_id,
        described.platform as platform
    from described
    union distinct
    select
        loaded.account_id as account_id,
        loaded.platform as platform
    from loaded
    where loaded.account_id not in (select described.account_id from described)
)

select
    all_accounts.account_id as account_id,
    'account:' || all_accounts.account_id as account_key,
    'platform:' || all_accounts.platform as platform_key,
    all_accounts.platform as platform,
    coalesce(described.account_name, all_accounts.account_id) as account_name,
    described.marketplace_id as marketplace_id,
    coalesce(described.currency, ad_currencies.currency, '{{ reporting_currency() }}') as currency,
    coalesce(described.time_zone, '{{ var("default_time_zone") }}') as time_zone
from all_accounts
left outer join described on all_accounts.account_id = described.account_id
left outer join ad_currencies on all_accounts.account_id = ad_currencies.account_id
