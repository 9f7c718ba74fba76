"""``seen`` of the conditions on a KPI's values: limit, standard, trend, anomaly and no_data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Watch
from superset_kpi_plugin.alerts.conditions.sql.selection import STANDARDS, enough, is_enough, selection

# The KPI's values with the side on which they are bad. A level or rate that needs no settling (stock, a health rate) is
# known on the day that reports it, although no feed covers that day wholly yet. Of an additive KPI that must not be too
# low only whole periods count: half a month is no low month.
VALUED = """
valued as materialized (
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
    where {counts} {is_enough}
),
"""
BEYOND = "l.bad_side * l.value < l.bad_side * l.limit_value"
WHOLE = "l.covered_through >= l.period_end"
WHOLE_WHERE_LOW = f"(l.bad_side = -1 or not l.is_additive or {WHOLE})"

FIXED = """
limited as (select valued.*, cast(:limit as numeric) as limit_value from valued),
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
    where v.covered_through >= v.period_end {is_enough}
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


def of_values(watch: Watch, today: date, history_since: date | None, params: dict[str, Any]) -> str:
    periods = int(watch.parameter("periods")) if watch.condition == "trend" else 0
    days = GRAIN_DAYS[watch.grain]
    begin = history_since or today - timedelta(days=2 * days + 92)
    side = watch.parameter("side") if "side" in watch.kind.parameters else "bad"
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain, "side": side}
    params["since"] = begin - timedelta(days=periods * days)
    text = enough(watch, params) + VALUED.format(selection=selection(watch, "v", params))
    judged = is_enough(watch, "l")
    nothing = "cast(null as numeric)"
    if watch.condition == "limit":
        params["limit"] = watch.parameter("limit")
        return text + FIXED + DECIDED.format(target=nothing, bad=BEYOND, counts=WHOLE_WHERE_LOW, is_enough=judged)
    if watch.condition == "standard":
        params["share"] = watch.parameter("share")
        bad = f"({BEYOND} or (l.is_exclusive and l.value = l.limit_value))"
        return (
            text
            + STANDARDS
            + STANDARD
            + DECIDED.format(target=nothing, bad=bad, counts=WHOLE_WHERE_LOW, is_enough=judged)
        )
    if watch.condition == "trend":
        params |= {"change": watch.parameter("change"), "span": periods * days + 3}
        return text + _trend(periods, is_enough(watch, "v"))
    if watch.condition == "anomaly":
        params |= {"width": watch.parameter("width"), "is_both": side == "both"}
        return text + ANOMALY + DECIDED.format(target="l.p50", bad=BEYOND, counts="true", is_enough=judged)
    params |= {"days": watch.parameter("days"), "grain_days": days}
    return text + NO_DATA


def _trend(periods: int, is_enough: str) -> str:
    """Worse in each of so many steps, and by the share of change over all of them; all of them with enough cases."""
    lags = ",\n        ".join(
        f"lag(v.value, {step}) over (partition by v.entity_id order by v.period_start) as value_{step}"
        for step in range(1, periods + 1)
    )
    steps = ["l.bad_side * l.value < l.bad_side * l.value_1"]
    steps += [f"l.bad_side * l.value_{step} < l.bad_side * l.value_{step + 1}" for step in range(1, periods)]
    bad = " and ".join([*steps, "l.bad_side * l.value <= l.bad_side * l.limit_value"])
    decided = DECIDED.format(target="cast(null as numeric)", bad=bad, counts="l.first_start is not null", is_enough="")
    return TREND.format(lags=lags, periods=periods, is_enough=is_enough) + decided
