"""``seen`` of the conditions that look at other relations: forecast, reconciliation and freshness."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from superset_kpi_plugin.alerts.conditions import Watch
from superset_kpi_plugin.alerts.conditions.sql.selection import STANDARDS, selection

FORECAST = """
ahead as materialized (
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


def forecast(watch: Watch, today: date, params: dict[str, Any]) -> str:
    against = watch.parameter("against")
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain}
    params["horizon"] = today + timedelta(days=int(watch.parameter("horizon_days")))
    if against == "limit":
        params["limit"] = watch.parameter("limit")
    if against == "standard":
        params["share"] = 1
    text = FORECAST.format(selection=selection(watch, "f", params), **AGAINST[against])
    return STANDARDS + text if against == "standard" else text


def reconciliation(watch: Watch, today: date, params: dict[str, Any]) -> str:
    params |= {"grain": watch.grain, "limit": watch.parameter("limit")}
    params["since"] = today - timedelta(days=int(watch.parameter("days")))
    lines = watch.parameter("lines")
    if lines:
        params["lines"] = list(lines)
    return RECONCILIATION.format(lines="and s.line in :lines" if lines else "", selection=selection(watch, "s", params))


def freshness(watch: Watch, params: dict[str, Any]) -> str:
    params["days"] = watch.parameter("days")
    streams = watch.parameter("streams")
    if streams:
        params["streams"] = list(streams)
    return FRESHNESS.format(
        streams="where f.stream in :streams or f.platform || '.' || f.stream in :streams" if streams else "",
        selection=selection(watch, "s", params),
    )
