"""Reads what a report says from the contract: values of windows, targets, parts, outlook. One statement each.

Every number is read as it stands in the schema ``kpi``; nothing is estimated here. A window of two weeks adds up
amounts and counts, divides the sums for ratios, and for the rest (levels, medians) shows the latest week's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.access.scopes import BELOW_SQL
from superset_kpi_plugin.reports.calendar import Window
from superset_kpi_plugin.warehouse import Reader

Row = dict[str, Any]
#: (entity_id, kpi_id)
Place = tuple[str, str]
VALUES_SQL = """
select entity_id, kpi_id, period_start, value, numerator, denominator, currency, is_settled, covered_through
from kpi.kpi_values
where kpi_id in :kpis and entity_kind in :kinds and entity_id in :entities and grain = :grain
    and period_start in :periods
"""
TARGET_FIELDS = (
    *("kpi_id", "entity_kind", "entity_id", "grain", "period_start", "period_end", "target_value", "value"),
    *("attainment", "pace_attainment", "expected_value", "gap", "warn_limit", "breach_limit", "status", "owner"),
    *("currency", "is_settled", "covered_through", "tolerance"),
)
TARGETS_SQL = f"""
select {", ".join(TARGET_FIELDS)}
from kpi.kpi_status
where grain = 'month' and period_start = :month and (entity_id in :entities or owner = :owner)
"""  # noqa: S608 (built from constants; values are bound)
FORECAST_SQL = """
select kpi_id, entity_id, p20, p50, p80, method
from kpi.kpi_forecast
where grain = 'month' and period_start = :month and entity_id = :entity
"""
COVERED_SQL = """
select f.account_id, f.platform, f.stream, f.covered_through, f.state, f.last_error
from kpi.kpi_freshness as f
where f.account_id in :accounts
"""


def entities_below(entity_id: str, day: date, reader: Reader) -> set[str]:
    """The entity and everything below it in both trees on a day."""
    rows = reader.read(BELOW_SQL, {"roots": [entity_id], "today": day})
    return {row["entity_id"] for row in rows} | {entity_id}


def window_values(
    window: Window, entities: Collection[Row], kpis: Mapping[str, Row], reader: Reader
) -> dict[Place, Row]:
    """Value, currency and ``is_settled`` of each entity and KPI over the window; what has no value is left out.

    An amount or a ratio is known only where every period of the window is known.
    """
    found: defaultdict[Place, dict[date, Row]] = defaultdict(dict)
    for row in _read(window.grain, window.periods, entities, kpis, reader):
        found[row["entity_id"], row["kpi_id"]][row["period_start"]] = row
    made = {place: _whole(rows, window, kpis[place[1]]) for place, rows in found.items()}
    return {place: row for place, row in made.items() if row is not None}


def trend(window: Window, entity: Row, kpi_id: str, kpis: Mapping[str, Row], reader: Reader) -> list[dict[str, Any]]:
    """The KPI by period up to the window: period, value (None where there is none) and ``is_settled``."""
    rows = _read(window.grain, window.trend(), [entity], {kpi_id: kpis[kpi_id]}, reader)
    known = {row["period_start"]: row for row in rows}
    return [
        {
            "period_start": day,
            "value": known[day]["value"] if day in known else None,
            "is_settled": known[day]["is_settled"] if day in known else None,
        }
        for day in window.trend()
    ]


def targets(month: date, entities: Collection[str], owner: str | None, reader: Reader) -> list[Row]:
    """The month's published targets of the entities, and of those that ``owner`` answers for."""
    return reader.read(TARGETS_SQL, {"month": month, "entities": entities, "owner": owner or ""})


def forecasts(month: date, entity_id: str, reader: Reader) -> dict[str, Row]:
    """The month's forecast of the entity by KPI; empty where the contract has none."""
    rows = reader.read(FORECAST_SQL, {"month": month, "entity": entity_id})
    return {row["kpi_id"]: row for row in rows}


def streams(accounts: Collection[str], reader: Reader) -> list[Row]:
    """Freshness of the accounts' streams."""
    return reader.read(COVERED_SQL, {"accounts": accounts})


def _read(
    grain: str, periods: Iterable[date], entities: Collection[Row], kpis: Mapping[str, Row], reader: Reader
) -> list[Row]:
    params = {
        "kpis": set(kpis),
        "kinds": {row["entity_kind"] for row in entities},
        "entities": {row["entity_id"] for row in entities},
        "grain": grain,
        "periods": list(periods),
    }
    return [row for row in reader.read(VALUES_SQL, params) if row["value"] is not None]


def _whole(rows: Mapping[date, Row], window: Window, kpi: Row) -> Row | None:
    """One value over all periods of a window."""
    latest = rows.get(window.periods[-1])
    if len(window.periods) == 1 or not (kpi["is_additive"] or kpi["is_ratio"]):
        return _shown(latest["value"], [latest]) if latest else None
    if len(rows) < len(window.periods) or len({row["currency"] for row in rows.values()}) > 1:
        return None
    listed = list(rows.values())
    if kpi["is_additive"]:
        return _shown(sum((row["value"] for row in listed), Decimal(0)), listed)
    upper = sum((row["numerator"] for row in listed), Decimal(0))
    lower = sum((row["denominator"] for row in listed), Decimal(0))
    return _shown(upper / lower, listed) if lower else None


def _shown(value: Decimal, rows: Collection[Row]) -> Row:
    return {
        "value": value,
        "currency": next(iter(rows))["currency"],
        "is_settled": all(row["is_settled"] for row in rows),
        "covered_through": min((row["covered_through"] for row in rows if row["covered_through"]), default=None),
    }
