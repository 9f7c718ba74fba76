"""The statement of a rule: one set-based SELECT on the contract, every value bound.

Each condition writes the relation ``seen``, one row per entity and period (value, limit, side, status); the rest is
the same for all: the latest decided period of each entity, and what people want to read about it. So the turn of a
month resolves nothing by itself, and a target of a future month is no missing data. Limits are "to date": of an
additive KPI with a target the share of the running period. ``bad_side`` is 1 where the bad side is below the
limit, -1 where it is above. Imports no framework.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Watch

# Entities below one entity, itself included, by the edges that hold today.
SUBTREE = """
subtree as (
    select cast(:within as text) as entity_id
    union
    select d.child_id
    from kpi.kpi_entity_edges as d
    inner join subtree as t on d.parent_id = t.entity_id
    where (d.valid_from is null or d.valid_from <= :today) and (d.valid_to is null or d.valid_to > :today)
),
"""

OF_TARGET = """
seen as (
    select
        s.entity_id,
        s.period_start,
        s.period_end,
        s.value,
        s.currency,
        s.covered_through,
        s.covered_through as source_through,
        s.target_value,
        {limit} as limit_value,
        case when s.direction = 'higher' or (s.direction = 'band' and s.value < s.expected_value) then 1 else -1 end
            as bad_side,
        s.owner,
        {status} as status,
        cast(null as text) as detail
    from kpi.kpi_status as s
    inner join kpi.kpi_catalogue as k on s.kpi_id = k.kpi_id
    where s.kpi_id = :kpi_id and s.entity_kind = :entity_kind and s.grain = :grain {selection}
),
"""
TO_DATE = "case when k.is_additive then coalesce(s.pace_share, 1) else 1 end"
TARGET_LIMITS = {
    "breach": f"s.breach_limit * {TO_DATE}",
    "warn": f"case when s.status = 'breach' then s.breach_limit else s.warn_limit end * {TO_DATE}",
    "pace": "case when s.direction = 'lower' then s.expected_value / :share else s.expected_value * :share end",
}
PACE_STATUS = """case
            when s.status in ('no_data', 'provisional') then s.status
            when s.pace_attainment is null then 'no_data'
            when s.pace_attainment < :share then 'breach'
            else 'ok'
        end"""

# The KPI's values with the side on which they are bad. A level or rate that needs no settling (stock, a health rate) is
# known on the day that reports it, although no feed covers that day wholly yet. Of an additive KPI that must not be too
# low only whole periods count: half a month is no low month.
VALUED = """
valued as (
    select
        v.entity_id,
        v.period_start,
        v.period_end,
        v.value,
        v.currency,
        v.covered_through,
        max(
            case
                when
                    v.value is not null
                    and not k.is_additive
                    and coalesce(k.days_until_settled, 0) = 0
                    and (v.covered_through is null or v.covered_through < v.period_start)
                    then v.period_start
                else v.covered_through
            end
        ) over (partition by v.entity_id) as source_through,
        coalesce(k.days_until_settled, 0) as settling,
        k.is_additive,
        case
            when cast(:side as text) = 'below' then 1
            when cast(:side as text) = 'above' then -1
            when k.direction = 'higher' then 1
            else -1
        end as bad_side
    from kpi.kpi_values as v
    inner join kpi.kpi_catalogue as k on v.kpi_id = k.kpi_id
    where
        v.kpi_id = :kpi_id
        and v.entity_kind = :entity_kind
        and v.grain = :grain
        and v.period_start >= :since
        {selection}
),
"""
DECIDED = """
seen as (
    select
        l.entity_id,
        l.period_start,
        l.period_end,
        l.value,
        l.currency,
        l.covered_through,
        l.source_through,
        {target} as target_value,
        l.limit_value,
        l.bad_side,
        cast(null as text) as owner,
        case
            when l.value is null or l.source_through is null or l.limit_value is null then 'no_data'
            when l.source_through - l.settling < l.period_start then 'provisional'
            when {bad} then 'breach'
            else 'ok'
        end as status,
        cast(null as text) as detail
    from limited as l
    where {counts}
),
"""
BEYOND = "l.bad_side * l.value < l.bad_side * l.limit_value"
WHOLE = "l.covered_through >= l.period_end"
WHOLE_WHERE_LOW = f"(l.bad_side = -1 or not l.is_additive or {WHOLE})"

FIXED = """
limited as (select valued.*, cast(:limit as numeric) as limit_value from valued),
"""
STANDARDS = """
standards as (
    select
        t.platform,
        t.valid_from,
        t.valid_to,
        case when t.comparison = 'at_least' then 1 else -1 end as bad_side,
        case
            when t.comparison in ('below', 'at_most') then t.limit_value * :share
            when t.limit_value <= 1 then 1 - (1 - t.limit_value) * :share
            else t.limit_value / :share
        end as limit_value,
        t.comparison = 'below' and :share = 1 as is_exclusive
    from kpi.kpi_standards as t
    where t.kpi_id = :kpi_id and t.is_limit and t.comparison in ('below', 'at_most', 'at_least')
),
"""
STANDARD = """
strictest as (
    select
        v.entity_id,
        v.period_start,
        v.period_end,
        v.value,
        v.currency,
        v.covered_through,
        v.source_through,
        v.settling,
        v.is_additive,
        t.bad_side,
        t.limit_value,
        t.is_exclusive,
        row_number() over (
            partition by v.entity_id, v.period_start order by t.bad_side * t.limit_value desc, t.is_exclusive desc
        ) as place
    from valued as v
    inner join kpi.kpi_entities as a on v.entity_id = a.entity_id
    inner join standards as t
        on
            a.platform = t.platform
            and v.period_end >= t.valid_from
            and (t.valid_to is null or v.period_end < t.valid_to)
),
limited as (select strictest.* from strictest where strictest.place = 1),
"""
TREND = """
lagged as (
    select
        v.*,
        {lags},
        lag(v.period_start, {periods}) over (partition by v.entity_id order by v.period_start) as first_start
    from valued as v
    where v.covered_through >= v.period_end
),
limited as (
    select
        g.*,
        case
            when g.first_start >= g.period_start - cast(:span as integer)
                then g.value_{periods} - g.bad_side * abs(g.value_{periods}) * :change
        end as limit_value
    from lagged as g
),
"""
ANOMALY = """
banded as (
    select
        v.entity_id,
        v.period_start,
        v.period_end,
        v.value,
        v.currency,
        v.covered_through,
        v.source_through,
        v.settling,
        f.p50,
        case when :is_both and v.value < f.p50 then 1 when :is_both then -1 else v.bad_side end as bad_side,
        f.p50 - :width * (f.p50 - f.p20) as low_end,
        f.p50 + :width * (f.p80 - f.p50) as high_end
    from valued as v
    inner join kpi.kpi_forecast as f
        on
            f.kpi_id = :kpi_id
            and f.grain = :grain
            and v.entity_id = f.entity_id
            and v.period_start = f.period_start
    where v.covered_through >= v.period_end
),
limited as (
    select b.*, case when b.bad_side = 1 then b.low_end else b.high_end end as limit_value from banded as b
),
"""
FORECAST = """
ahead as (
    select
        f.entity_id,
        f.period_start,
        f.period_end,
        f.p50 as value,
        f.currency,
        f.history_through,
        {target} as target_value,
        {limit} as limit_value,
        {side} as bad_side
    from kpi.kpi_forecast as f
    inner join kpi.kpi_catalogue as k on f.kpi_id = k.kpi_id
    {joins}
    where
        f.kpi_id = :kpi_id
        and f.entity_kind = :entity_kind
        and f.grain = :grain
        and f.period_end >= :today
        and f.period_start <= :horizon
        {selection}
),
crossed as (
    select
        a.*,
        coalesce(a.bad_side * a.value < a.bad_side * a.limit_value, false) as is_beyond
    from ahead as a
    where a.limit_value is not null
),
first_crossed as (
    select
        c.*,
        row_number() over (
            partition by c.entity_id
            order by case when c.is_beyond then 0 else 1 end, c.period_start, c.bad_side * c.limit_value desc
        ) as rank_of_entity
    from crossed as c
),
seen as (
    select
        c.entity_id,
        c.period_start,
        c.period_end,
        c.value,
        c.currency,
        c.history_through as covered_through,
        cast(null as date) as source_through,
        c.target_value,
        c.limit_value,
        c.bad_side,
        cast(null as text) as owner,
        case when c.value is null then 'no_data' when c.is_beyond then 'breach' else 'ok' end as status,
        cast(null as text) as detail
    from first_crossed as c
    where c.rank_of_entity = 1
),
"""
NO_DATA = """
last_seen as (
    select
        v.entity_id,
        max(case when v.value is not null then v.period_start end) as period_start,
        max(case when v.value is not null then v.period_end end) as period_end,
        max(case when v.value is not null then v.covered_through end) as covered_through,
        max(v.settling) as settling
    from valued as v
    group by v.entity_id
),
seen as (
    select
        n.entity_id,
        n.period_start,
        n.period_end,
        cast(d.data_through - n.covered_through as numeric) as value,
        cast(null as text) as currency,
        n.covered_through,
        cast(null as date) as source_through,
        cast(null as numeric) as target_value,
        cast(coalesce(cast(:days as integer), n.settling + :grain_days) as numeric) as limit_value,
        -1 as bad_side,
        cast(null as text) as owner,
        case
            when n.covered_through is null or d.data_through is null then 'no_data'
            when d.data_through - n.covered_through > coalesce(cast(:days as integer), n.settling + :grain_days)
                then 'breach'
            else 'ok'
        end as status,
        cast(null as text) as detail
    from last_seen as n
    cross join (select max(f.covered_through) as data_through from kpi.kpi_freshness as f) as d
),
"""
RECONCILIATION = """
differing as (
    select
        s.entity_id,
        s.currency,
        min(s.period_start) as period_start,
        max(s.period_end) as period_end,
        coalesce(sum(
            case
                when s.state in ('different', 'missing_in_erp', 'missing_on_platform')
                    then coalesce(
                        s.absolute_difference, abs(coalesce(s.erp_amount, 0) - coalesce(s.platform_amount, 0))
                    )
            end
        ), 0) as value,
        string_agg(
            distinct case
                when s.state in ('different', 'missing_in_erp', 'missing_on_platform')
                    then s.line || ': ' || s.state
            end,
            ', '
        ) as detail
    from kpi.kpi_reconciliation as s
    where
        s.is_current
        and s.grain = :grain
        and s.state <> 'not_comparable'
        and s.period_end >= :since
        {lines}
        {selection}
    group by s.entity_id, s.currency
),
widest as (
    select d.*, row_number() over (partition by d.entity_id order by d.value desc, d.currency) as rank_of_entity
    from differing as d
),
seen as (
    select
        w.entity_id,
        w.period_start,
        w.period_end,
        w.value,
        w.currency,
        w.period_end as covered_through,
        cast(null as date) as source_through,
        cast(null as numeric) as target_value,
        cast(:limit as numeric) as limit_value,
        -1 as bad_side,
        cast(null as text) as owner,
        case when w.value > :limit then 'breach' else 'ok' end as status,
        w.detail
    from widest as w
    where w.rank_of_entity = 1
),
"""
FRESHNESS = """
late as (
    select
        'account:' || f.account_id as entity_id,
        f.covered_through,
        f.platform || '.' || f.stream || ': ' || f.state
        || coalesce(', data through ' || cast(f.covered_through as text), '') as told,
        f.state in ('failed', 'never')
        or (f.state = 'stale' and :today - 1 - f.covered_through - coalesce(f.lag_days, 0) > :days) as is_late
    from kpi.kpi_freshness as f
    {streams}
),
seen as (
    select
        s.entity_id,
        cast(null as date) as period_start,
        cast(null as date) as period_end,
        cast(sum(case when s.is_late then 1 else 0 end) as numeric) as value,
        cast(null as text) as currency,
        min(case when s.is_late then s.covered_through end) as covered_through,
        cast(null as date) as source_through,
        cast(null as numeric) as target_value,
        cast(0 as numeric) as limit_value,
        -1 as bad_side,
        cast(null as text) as owner,
        case when sum(case when s.is_late then 1 else 0 end) > 0 then 'breach' else 'ok' end as status,
        string_agg(case when s.is_late then s.told end, '; ' order by s.told) as detail
    from late as s
    where true {selection}
    group by s.entity_id
),
"""
LATEST = """
judged as (
    select s.*, max(s.source_through) over (partition by s.entity_id) as newest_day from seen as s
),
ranked as (
    select
        j.*,
        row_number() over (
            partition by j.entity_id
            order by case when j.status = 'provisional' then :provisional_last else 0 end, j.period_start desc
        ) as place
    from judged as j
    where {is_ahead} or j.period_start is null or j.period_start <= coalesce(j.newest_day, :today)
)

select
    r.entity_id,
    r.period_start,
    r.period_end,
    r.value,
    r.currency,
    r.covered_through,
    (select max(f.covered_through) from kpi.kpi_freshness as f) as data_through,
    r.target_value,
    r.limit_value,
    r.bad_side,
    r.status,
    r.detail,
    coalesce(r.owner, e.owner_id) as owner,
    coalesce(p.entity_name, case when r.owner is null then e.owner_name end) as owner_name,
    coalesce(e.team_id, p.team_id) as team_id,
    e.entity_name,
    e.platform,
    e.account_id,
    e.account_name,
    c.name_en,
    c.name_zh,
    c.unit,
    c.direction,
    c.number_format,
    c.is_additive,
    c.days_until_settled,
    c.drivers
from ranked as r
left outer join kpi.kpi_entities as e
    on r.entity_id = e.entity_id
left outer join kpi.kpi_entities as p
    on p.entity_id = 'person:' || coalesce(r.owner, e.owner_id)
left outer join kpi.kpi_catalogue as c
    on c.kpi_id = :kpi_id
where {places}
order by r.entity_id, r.period_start
"""
# The platforms' limits that a forecast is held against.
AGAINST = {
    "target": {
        "target": "s.target_value",
        "limit": "s.breach_limit",
        "side": "case when k.direction = 'higher' then 1 else -1 end",
        "joins": "inner join kpi.kpi_status as s on s.kpi_id = f.kpi_id and s.entity_id = f.entity_id "
        "and s.grain = f.grain and s.period_start = f.period_start",
    },
    "standard": {
        "target": "cast(null as numeric)",
        "limit": "t.limit_value",
        "side": "t.bad_side",
        "joins": "inner join kpi.kpi_entities as n on f.entity_id = n.entity_id "
        "inner join standards as t on n.platform = t.platform and f.period_end >= t.valid_from "
        "and (t.valid_to is null or f.period_end < t.valid_to)",
    },
    "limit": {
        "target": "cast(null as numeric)",
        "limit": "cast(:limit as numeric)",
        "side": "case when k.direction = 'higher' then 1 else -1 end",
        "joins": "",
    },
}


def statement(watch: Watch, today: date, *, history_since: date | None = None) -> tuple[str, dict[str, Any]]:
    """The statement of a rule and its parameters.

    One row per entity: its latest decided period; with ``history_since`` every period from that day on.
    """
    params: dict[str, Any] = {
        "kpi_id": watch.kpi_id,
        "today": today,
        "provisional_last": 0 if watch.include_provisional else 1,
    }
    text = _seen(watch, today, history_since, params)
    if watch.within is not None:
        text = SUBTREE + text
        params["within"] = watch.within
    places = "r.place = 1" if history_since is None else "r.period_start >= :history_since"
    if history_since is not None:
        params["history_since"] = history_since
    is_ahead = "true" if watch.condition == "forecast" else "false"
    return "with recursive " + text.strip() + LATEST.format(places=places, is_ahead=is_ahead), params


def _seen(watch: Watch, today: date, history_since: date | None, params: dict[str, Any]) -> str:
    if watch.condition in TARGET_LIMITS:
        return _of_target(watch, params)
    if watch.condition == "forecast":
        return _forecast(watch, today, params)
    if watch.condition == "reconciliation":
        return _reconciliation(watch, today, params)
    if watch.condition == "freshness":
        return _freshness(watch, params)
    return _of_values(watch, today, history_since, params)


def _selection(watch: Watch, alias: str, params: dict[str, Any]) -> str:
    parts = []
    if watch.entity_ids is not None:
        parts.append(f"and {alias}.entity_id in :entity_ids")
        params["entity_ids"] = list(watch.entity_ids)
    if watch.within is not None:
        parts.append(f"and {alias}.entity_id in (select subtree.entity_id from subtree)")  # noqa: S608 (an alias)
    return " ".join(parts)


def _of_target(watch: Watch, params: dict[str, Any]) -> str:
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain}
    if watch.condition == "pace":
        params["share"] = watch.parameter("share")
    return OF_TARGET.format(
        limit=TARGET_LIMITS[watch.condition],
        status=PACE_STATUS if watch.condition == "pace" else "s.status",
        selection=_selection(watch, "s", params),
    )


def _of_values(watch: Watch, today: date, history_since: date | None, params: dict[str, Any]) -> str:
    periods = int(watch.parameter("periods")) if watch.condition == "trend" else 0
    days = GRAIN_DAYS[watch.grain]
    begin = history_since or today - timedelta(days=2 * days + 92)
    side = watch.parameter("side") if "side" in watch.kind.parameters else "bad"
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain, "side": side}
    params["since"] = begin - timedelta(days=periods * days)
    text = VALUED.format(selection=_selection(watch, "v", params))
    nothing = "cast(null as numeric)"
    if watch.condition == "limit":
        params["limit"] = watch.parameter("limit")
        return text + FIXED + DECIDED.format(target=nothing, bad=BEYOND, counts=WHOLE_WHERE_LOW)
    if watch.condition == "standard":
        params["share"] = watch.parameter("share")
        bad = f"({BEYOND} or (l.is_exclusive and l.value = l.limit_value))"
        return text + STANDARDS + STANDARD + DECIDED.format(target=nothing, bad=bad, counts=WHOLE_WHERE_LOW)
    if watch.condition == "trend":
        params |= {"change": watch.parameter("change"), "span": periods * days + 3}
        return text + _trend(periods)
    if watch.condition == "anomaly":
        params |= {"width": watch.parameter("width"), "is_both": side == "both"}
        return text + ANOMALY + DECIDED.format(target="l.p50", bad=BEYOND, counts="true")
    params |= {"days": watch.parameter("days"), "grain_days": days}
    return text + NO_DATA


def _trend(periods: int) -> str:
    """Worse in each of so many steps, and by the share of change over all of them."""
    lags = ",\n        ".join(
        f"lag(v.value, {step}) over (partition by v.entity_id order by v.period_start) as value_{step}"
        for step in range(1, periods + 1)
    )
    steps = ["l.bad_side * l.value < l.bad_side * l.value_1"]
    steps += [f"l.bad_side * l.value_{step} < l.bad_side * l.value_{step + 1}" for step in range(1, periods)]
    bad = " and ".join([*steps, "l.bad_side * l.value <= l.bad_side * l.limit_value"])
    decided = DECIDED.format(target="cast(null as numeric)", bad=bad, counts="l.first_start is not null")
    return TREND.format(lags=lags, periods=periods) + decided


def _forecast(watch: Watch, today: date, params: dict[str, Any]) -> str:
    against = watch.parameter("against")
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain}
    params["horizon"] = today + timedelta(days=int(watch.parameter("horizon_days")))
    if against == "limit":
        params["limit"] = watch.parameter("limit")
    if against == "standard":
        params["share"] = 1
    text = FORECAST.format(selection=_selection(watch, "f", params), **AGAINST[against])
    return STANDARDS + text if against == "standard" else text


def _reconciliation(watch: Watch, today: date, params: dict[str, Any]) -> str:
    params |= {"grain": watch.grain, "limit": watch.parameter("limit")}
    params["since"] = today - timedelta(days=int(watch.parameter("days")))
    lines = watch.parameter("lines")
    if lines:
        params["lines"] = list(lines)
    return RECONCILIATION.format(
        lines="and s.line in :lines" if lines else "", selection=_selection(watch, "s", params)
    )


def _freshness(watch: Watch, params: dict[str, Any]) -> str:
    params["days"] = watch.parameter("days")
    streams = watch.parameter("streams")
    if streams:
        params["streams"] = list(streams)
    return FRESHNESS.format(
        streams="where f.stream in :streams or f.platform || '.' || f.stream in :streams" if streams else "",
        selection=_selection(watch, "s", params),
    )
