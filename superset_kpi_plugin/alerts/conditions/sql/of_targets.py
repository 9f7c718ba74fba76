"""``seen`` of the conditions on targets: breach, warn and pace, as kpi_status decides them."""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin.alerts.conditions import Watch
from superset_kpi_plugin.alerts.conditions.sql.selection import enough, is_enough, selection

OF_TARGET = """
seen as materialized (
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
    where s.kpi_id = :kpi_id and s.entity_kind = :entity_kind and s.grain = :grain {selection} {is_enough}
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


def of_target(watch: Watch, params: dict[str, Any]) -> str:
    params |= {"entity_kind": watch.entity_kind, "grain": watch.grain}
    if watch.condition == "pace":
        params["share"] = watch.parameter("share")
    return enough(watch, params) + OF_TARGET.format(
        limit=TARGET_LIMITS[watch.condition],
        status=PACE_STATUS if watch.condition == "pace" else "s.status",
        selection=selection(watch, "s", params),
        is_enough=is_enough(watch, "s"),
    )
