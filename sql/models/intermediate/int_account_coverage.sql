-- One row per source and account: the first and the last whole marketplace day that the source covers. A day is covered by its rows or by
-- a load whose window holds it (a day without sales is covered too); never later than yesterday, as today isn't over. A source of several
-- streams reaches as far as the one that lags, unless that one ended long ago (var account_inactive_days).
with fact_days as (
    select
        source_days.source as source,
        source_days.account_id as account_id,
        min(source_days.date_day) as covered_from,
        max(source_days.date_day) as covered_through
    from {{ ref('int_source_days') }} as source_days
    group by source_days.source, source_days.account_id
),

stream_days as (
    {%- for source in account_facts() %}
    {%- for platform, stream in covering_streams(source) %}
    {%- set account_id = 'desks.account_id' if platform == 'zendesk' else 'loads.account_id' %}
    select
        '{{ source }}' as source,
        {{ account_id }} as account_id,
        loads.platform || '.' || loads.stream as stream,
        min(loads.window_start) as window_start,
        max(loads.window_end) as window_end
    from {{ ref('stg_pipeline__loads') }} as loads
    {%- if platform == 'zendesk' %}
    -- A helpdesk's loads cover the selling accounts that it serves.
    inner join {{ ref('int_desk_accounts') }} as desks on loads.account_id = desks.desk_id
    {%- endif %}
    where loads.state in ('loaded', 'empty') and loads.platform = '{{ platform }}' and loads.stream = '{{ stream }}'
    group by {{ account_id }}, loads.platform || '.' || loads.stream
    having max(loads.window_end) is not null
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

ranked_streams as (
    select
        stream_days.*,
        max(stream_days.window_end) over (partition by stream_days.source, stream_days.account_id) as latest_end
    from stream_days
),

load_days as (
    select
        ranked_streams.source as source,
        ranked_streams.account_id as account_id,
        count(*) as stream_count,
        max(ranked_streams.window_start) as covered_from,
        min(ranked_streams.window_end) as covered_through
    from ranked_streams
    where ranked_streams.window_end >= ranked_streams.latest_end - {{ var('account_inactive_days') }}
    group by ranked_streams.source, ranked_streams.account_id
),

latest as (
    select
        coalesce(fact_days.source, load_days.source) as source,
        coalesce(fact_days.account_id, load_days.account_id) as account_id,
        case
            when load_days.covered_from < fact_days.covered_from or fact_days.covered_from is null then load_days.covered_from
            else fact_days.covered_from
        end as covered_from,
        case
            when fact_days.covered_through is null or load_days.stream_count > 1 then load_days.covered_through
            when load_days.covered_through > fact_days.covered_through then load_days.covered_through
            else fact_days.covered_through
        end as covered_through
    from fact_days
    full outer join load_days
        on fact_days.source = load_days.source and fact_days.account_id = load_days.account_id
),

dated as (
    select
        latest.source as source,
        latest.account_id as account_id,
        latest.covered_from as covered_from,
        latest.covered_through as covered_through,
        {{ marketplace_day(build_instant(), 'accounts.time_zone') }} - 1 as yesterday
    from latest
    inner join {{ ref('dim_accounts') }} as accounts on latest.account_id = accounts.account_id
)

select
    dated.source as source,
    dated.account_id as account_id,
    dated.covered_from as covered_from,
    case when dated.covered_through > dated.yesterday then dated.yesterday else dated.covered_through end as covered_through
from dated
