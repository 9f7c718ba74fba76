-- Days to compute again, by source and account. Made before the facts change, so that the day an order leaves is among them, and kept
-- over failed builds: only a whole build (processed_loads) empties it.
-- depends_on: {{ ref('dim_accounts') }}
-- noqa: disable=LT02
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='append_new_columns') }}
{%- set known_skus = earlier_relation('dim_skus') %}

with loads_new as (
    select * from {{ ref('int_loads_new') }}
),

state_changed as (
    select * from {{ ref('int_state_changed') }}
),
{%- if known_skus is not none %}

-- SKUs whose cost, category or owner changed, and from which day on.
skus_changed as (
    select
        state_changed.source as source,
        skus.account_id as account_id,
        skus.sku_key as sku_key,
        min(coalesce(state_changed.from_day, cast('1900-01-01' as date))) as from_day
    from state_changed
    inner join {{ known_skus }} as skus
        on
            state_changed.sku = skus.sku
            and (state_changed.account_id = skus.account_id or state_changed.account_id is null)
    group by state_changed.source, skus.account_id, skus.sku_key
),
{%- endif %}

touched as (
    {%- for source, about in facts().items() %}
    {%- set rows = ref(about.rows) %}
    {%- set fact = earlier_relation(about.model) %}
    {%- set measures = earlier_relation('measures_' ~ source) %}
    {%- if about.by == 'entity' %}
    -- Small, and its rows stand for other days than those they were loaded for: all of it, when anything of it is new.
    select
        '{{ source }}' as source,
        source_rows.account_id as account_id,
        source_rows.date_day as date_day
    from (
        select
            current_rows.account_id as account_id,
            current_rows.date_day as date_day
        from {{ rows }} as current_rows
        {%- if fact is not none %}
        union all
        select
            earlier_rows.account_id as account_id,
            earlier_rows.date_day as date_day
        from {{ fact }} as earlier_rows
        {%- endif %}
    ) as source_rows
    where
        exists (
            select 1
            from loads_new
            where loads_new.platform || '.' || loads_new.stream in ('{{ about.streams | join("', '") }}')
        )
        or exists (
            select 1
            from state_changed
            where state_changed.source = '{{ source }}' or state_changed.state_kind in ('rate', 'person_team')
        )
    {%- else %}
    {%- if about.compared_by is defined %}
    select
        '{{ source }}' as source,
        source_rows.account_id as account_id,
        source_rows.date_day as date_day
    from (
        {{ differing_days(source, rows, fact) }}
    ) as source_rows
    where
        exists (
            select 1
            from loads_new
            where loads_new.platform || '.' || loads_new.stream in ('{{ about.streams | join("', '") }}')
        )
        or exists (
            select 1
            from state_changed
            where state_changed.source = '{{ source }}' or state_changed.state_kind = 'account'
        )
    {%- else %}
    select
        '{{ source }}' as source,
        source_rows.account_id as account_id,
        source_rows.date_day as date_day
    from {{ rows }} as source_rows
    where
        -- No row is read for nothing: of no stream below the view is anything new, and no account or setting changed.
        (
            exists (
                select 1
                from loads_new
                where loads_new.platform || '.' || loads_new.stream in ('{{ streams_below(about.rows) | join("', '") }}')
            )
            or exists (
                select 1
                from state_changed
                where
                    state_changed.state_kind = 'account'
                    or (state_changed.state_kind = 'settings' and state_changed.source = '{{ source }}')
            )
        )
        and (
            source_rows.load_id in (select loads_new.load_id from loads_new)
            or source_rows.account_id in (
                select state_changed.account_id
                from state_changed
                where state_changed.state_kind = 'account'
            )
            -- A new source, or one with another measure.
            or exists (
                select 1
                from state_changed
                where state_changed.state_kind = 'settings' and state_changed.source = '{{ source }}'
            )
        )

    union all

    -- The whole window: days that became empty count.
    select
        '{{ source }}' as source,
        loads_new.account_id as account_id,
        dates.date_day as date_day
    from loads_new
    inner join {{ ref('dim_dates') }} as dates on dates.date_day between loads_new.window_start and loads_new.window_end
    where
        loads_new.mode <> 'changes'
        and loads_new.platform || '.' || loads_new.stream in ('{{ about.streams | join("', '") }}')
    {%- if about.documents is defined and fact is not none %}

    union all

    -- The days that changed documents had before.
    select
        '{{ source }}' as source,
        facts.account_id as account_id,
        facts.date_day as date_day
    from {{ fact }} as facts
    where
        (facts.account_id, facts.{{ about.documents }}) in (
            select
                source_rows.account_id,
                source_rows.document_key
            from {{ rows }} as source_rows
            where
                source_rows.load_id in (select loads_new.load_id from loads_new)
                and exists (
                    select 1
                    from loads_new
                    where loads_new.platform || '.' || loads_new.stream in ('{{ streams_below(about.rows) | join("', '") }}')
                )
        )
    {%- endif %}
    {%- endif %}
    {%- if measures is not none %}

    union all

    select
        '{{ source }}' as source,
        substring(measured.entity_id, 9) as account_id,
        measured.period_start as date_day
    from {{ measures }} as measured
    inner join state_changed
        on
            measured.entity_kind = 'account'
            and measured.grain = 'day'
            and (
                (state_changed.state_kind = 'account' and measured.entity_id = 'account:' || state_changed.account_id)
                or (state_changed.state_kind = 'settings' and state_changed.source = '{{ source }}')
            )

    union all

    select
        '{{ source }}' as source,
        substring(measured.entity_id, 9) as account_id,
        measured.period_start as date_day
    from {{ measures }} as measured
    inner join state_changed
        on measured.period_start = state_changed.from_day and state_changed.state_kind = 'rate'
    where measured.entity_kind = 'account' and measured.grain = 'day'
    {%- if about.by in ['sku', 'ad'] and known_skus is not none %}

    union all

    select
        '{{ source }}' as source,
        skus_changed.account_id as account_id,
        measured.period_start as date_day
    from {{ measures }} as measured
    inner join skus_changed
        on
            measured.entity_id = skus_changed.sku_key
            and measured.period_start >= skus_changed.from_day
            and (skus_changed.source = '{{ source }}' or skus_changed.source is null)
    where measured.grain = 'day'
    {%- endif %}
    {%- if about.by_asin is defined %}

    union all

    select
        '{{ source }}' as source,
        source_rows.account_id as account_id,
        source_rows.date_day as date_day
    from {{ rows }} as source_rows
    inner join state_changed
        on
            source_rows.account_id = state_changed.account_id
            and state_changed.state_kind = 'asin'
            and state_changed.state_key = source_rows.account_id || '/' || source_rows.asin || '/' || state_changed.sku
    {%- endif %}
    {%- if about.by in ['sku', 'ad', 'agent'] %}

    union all

    select
        '{{ source }}' as source,
        accounts.account_id as account_id,
        measured.period_start as date_day
    from {{ measures }} as measured
    inner join state_changed
        on
            measured.entity_id = state_changed.person_key
            and measured.period_start >= state_changed.from_day
            and state_changed.state_kind = 'person_team'
    cross join {{ ref('dim_accounts') }} as accounts
    where measured.grain = 'day'
    {%- endif %}
    {%- endif %}
    {%- endif %}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
)

select distinct
    touched.source as source,
    touched.account_id as account_id,
    touched.date_day as date_day
from touched
{%- for source, about in facts().items() %}
{%- set measures = earlier_relation('measures_' ~ source) %}
{%- set reaches = [] %}
{%- if about.reaches_days is defined %}{% do reaches.append({'source': source, 'days': about.reaches_days}) %}{% endif %}
{%- if about.follows is defined %}{% do reaches.append(about.follows) %}{% endif %}
{%- for reach in reaches if measures is not none %}

union distinct

-- Later days, which look back at the touched ones.
select
    '{{ source }}' as source,
    touched.account_id as account_id,
    measured.period_start as date_day
from touched
inner join {{ measures }} as measured
    on
        measured.entity_id = 'account:' || touched.account_id
        and measured.period_start > touched.date_day
        and measured.period_start <= touched.date_day + {{ reach.days }}
        and measured.grain = 'day'
{%- if reach.but_for is defined %}
inner join {{ ref('dim_accounts') }} as accounts
    on touched.account_id = accounts.account_id and accounts.platform <> '{{ reach.but_for }}'
{%- endif %}
where touched.source = '{{ reach.source }}'
{%- endfor %}
{%- endfor %}
