"""What the rule form offers besides KPIs and entities: seasons of kpi_calendar, channels, and the site's routes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from superset_kpi_plugin.alerts import channels
from superset_kpi_plugin.alerts.seasons import LOOK_BACK
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import WarehouseUnavailable
from superset_kpi_plugin.warehouse import Warehouse

EVENTS = """
select c.event, c.name_en, c.name_zh, c.starts_on
from kpi.kpi_calendar as c
where c.ends_on >= :since and (c.threshold_factor <> 1 or c.pace_factor <> 1)
order by c.starts_on
"""
#: A name of each year's own: "Black Friday 2025", "2025年黑五".
YEAR = re.compile(r"\s*\b\d{4}(\b|年)\s*")


def choices(warehouse: Warehouse, today: date) -> dict[str, Any]:
    """``seasons`` (event, names and the latest first day; none while the warehouse is away), ``channels`` (names) and
    ``routes`` (KPI_ROUTES), the latter to be read and not changed."""
    try:
        rows = warehouse.read(EVENTS, {"since": today - LOOK_BACK})
    except WarehouseUnavailable:
        rows = []
    routes = [dict(route) for route in setting("KPI_ROUTES") or []]
    return {"seasons": _seasons(rows), "channels": sorted(channels.names()), "routes": routes}


def _seasons(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry an event, the newest last; one that comes again is named without its year."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["event"], []).append(row)
    return [
        {
            "event": event,
            **{name: _name(same, name) for name in ("name_en", "name_zh")},
            "starts_on": same[-1]["starts_on"],
            "is_yearly": len(same) > 1,
        }
        for event, same in found.items()
    ]


def _name(same: list[dict[str, Any]], column: str) -> str | None:
    name: str | None = same[-1][column]
    return YEAR.sub(" ", name).strip() if name and len(same) > 1 else name
