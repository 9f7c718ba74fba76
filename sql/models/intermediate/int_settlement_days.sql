-- One row per account, settlement and day that it touches, with whether closed settlements cover the day wholly (is_final). Amazon's
-- settlements change hands at an instant: the day belongs to two, and is final when both are there. TikTok Shop's statements are the
-- only word on their day.
with amazon as (
    select
        settlement.account_id as account_id,
        settlement.settlement_id as settlement_id,
        settlement.started_at as started_at,
        settlement.ended_at as ended_at,
        settlement.load_id as load_id
    from {{ ref('stg_amazon_sp__settlement') }} as settlement
    where settlement.is_total
),

ordered as (
    select
        amazon.*,
        max(amazon.ended_at) over (
            partition by amazon.account_id
            order by amazon.started_at asc nulls last, amazon.settlement_id asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as known_until
    from amazon
),

-- Settlements that follow one another are one stretch; a gap of up to a minute is none.
numbered as (
    select
        ordered.*,
        sum(
            case when ordered.started_at <= {{ dbt.dateadd('minute', 1, 'ordered.known_until') }} then 0 else 1 end
        ) over (
            partition by ordered.account_id
            order by ordered.started_at asc nulls last, ordered.settlement_id asc nulls last
            rows between unbounded preceding and current row
        ) as stretch
    from ordered
),

stretches as (
    select
        numbered.account_id as account_id,
        numbered.stretch as stretch,
        min(numbered.started_at) as started_at,
        max(numbered.ended_at) as ended_at
    from numbered
    group by numbered.account_id, numbered.stretch
),

amazon_days as (
    select
        numbered.account_id as account_id,
        numbered.settlement_id as settlement_id,
        dates.date_day as date_day,
        stretches.started_at <= {{ day_start('dates.date_day', 'accounts.time_zone') }}
        and stretches.ended_at >= {{ day_start('dates.date_day + 1', 'accounts.time_zone') }} as is_final,
        numbered.load_id as load_id
    from numbered
    inner join stretches on numbered.account_id = stretches.account_id and numbered.stretch = stretches.stretch
    inner join {{ ref('dim_accounts') }} as accounts on numbered.account_id = accounts.account_id
    inner join {{ ref('dim_dates') }} as dates
        on
            dates.date_day >= {{ marketplace_day('numbered.started_at', 'accounts.time_zone') }}
            and dates.date_day <= {{ last_day_before('numbered.ended_at', 'accounts.time_zone') }}
),

walmart as (
    select distinct
        recon.account_id as account_id,
        recon.settlement_id as settlement_id,
        recon.settlement_start as settlement_start,
        recon.settlement_end as settlement_end,
        recon.load_id as load_id
    from {{ ref('stg_walmart__recon') }} as recon
)

select
    'amazon_sp.settlement' as stream,
    amazon_days.account_id as account_id,
    amazon_days.settlement_id as settlement_id,
    amazon_days.date_day as date_day,
    amazon_days.is_final as is_final,
    amazon_days.load_id as load_id
from amazon_days

union all

select
    'walmart.recon' as stream,
    walmart.account_id as account_id,
    walmart.settlement_id as settlement_id,
    dates.date_day as date_day,
    true as is_final,
    walmart.load_id as load_id
from walmart
inner join {{ ref('dim_dates') }} as dates
    on walmart.settlement_start <= dates.date_day and walmart.settlement_end >= dates.date_day

union all

select
    'tiktok_shop.statement_transactions' as stream,
    statements.account_id as account_id,
    statements.statement_id as settlement_id,
    statements.date_day as date_day,
    true as is_final,
    statements.load_id as load_id
from {{ ref('stg_tiktok_shop__statements') }} as statements
