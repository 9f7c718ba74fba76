-- One row per selling account and line: the days that both the books and the platform's own streams cover. Amazon's refunds and all fees
-- are compared settlement by settlement instead, so that of them only the books' days count.
{%- set platform_streams = {
    'sales': ['amazon_sp.orders', 'shopify.orders', 'walmart.orders', 'tiktok_shop.orders'],
    'refunds': ['shopify.refunds', 'walmart.returns', 'tiktok_shop.returns'],
} %}
with loads as (
    select
        stg_loads.account_id as account_id,
        stg_loads.platform || '.' || stg_loads.stream as stream,
        min(stg_loads.window_start) as window_start,
        max(stg_loads.window_end) as window_end
    from {{ ref('stg_pipeline__loads') }} as stg_loads
    where stg_loads.state in ('loaded', 'empty') and stg_loads.window_start is not null
    group by stg_loads.account_id, stg_loads.platform || '.' || stg_loads.stream
),

booked as (
    select
        booked_kinds.account_id as account_id,
        booked_kinds.line as line,
        min(loads.window_start) as covered_from,
        max(loads.window_end) as covered_through
    from (
        select distinct
            kinds.erp_account_id as erp_account_id,
            kinds.account_id as account_id,
            kinds.line as line
        from {{ ref('int_booked_kinds') }} as kinds
    ) as booked_kinds
    inner join loads
        on
            booked_kinds.erp_account_id = loads.account_id
            and loads.stream = case when booked_kinds.line = 'fees' then 'erp.fees' else 'erp.sales' end
    group by booked_kinds.account_id, booked_kinds.line
),

platform_days as (
    {%- for line, streams in platform_streams.items() %}
    select
        loads.account_id as account_id,
        '{{ line }}' as line,
        min(loads.window_start) as covered_from,
        max(loads.window_end) as covered_through
    from loads
    where loads.stream in ('{{ streams | join("', '") }}')
    group by loads.account_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

-- Today isn't over, and its bookings come later.
dated as (
    select
        booked.account_id as account_id,
        booked.line as line,
        booked.covered_from as booked_from,
        booked.covered_through as booked_through,
        platform_days.covered_from as platform_from,
        platform_days.covered_through as platform_through,
        {{ marketplace_day(build_instant(), 'accounts.time_zone') }} - 1 as yesterday
    from booked
    inner join {{ ref('dim_accounts') }} as accounts on booked.account_id = accounts.account_id
    left outer join platform_days on booked.account_id = platform_days.account_id and booked.line = platform_days.line
)

select
    dated.account_id as account_id,
    dated.line as line,
    case when dated.platform_from > dated.booked_from then dated.platform_from else dated.booked_from end as covered_from,
    case
        when dated.platform_through <= dated.booked_through and dated.platform_through <= dated.yesterday then dated.platform_through
        when dated.booked_through <= dated.yesterday then dated.booked_through
        else dated.yesterday
    end as covered_through
from dated
