"""A year of one KPI and entity: its target, its quarters' and its months', and what each level leaves over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.targets import plan_sources as sources
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.explaining import entity_or_404
from superset_kpi_plugin.targets.listing import Rights
from superset_kpi_plugin.targets.plan_sources import KpiFacts, Row
from superset_kpi_plugin.warehouse import Reader, Warehouse

#: Each level and the one below it, from the whole to its parts.
LEVELS: tuple[tuple[str, str | None], ...] = (("year", "quarter"), ("quarter", "month"), ("month", None))
Place = tuple[str, date]


def open_year(kpi_id: str, entity_id: str, year: int, rights: Rights, warehouse: Warehouse) -> Row:
    """The year, then each quarter before its months, for JSON.

    :raises NotFound: there is no such KPI, or no such entity that may be seen.
    """
    with warehouse.reading() as reader:
        kpi = sources.kpi_facts(kpi_id, reader)
        entity = entity_or_404(entity_id, rights.reach, reader)
        plan = _Year(kpi, entity, date(year, 1, 1))
        plan.read(reader)
    plan.read_forecasts()
    names = ("entity_id", "entity_name", "entity_kind", "currency")
    shown = {"kpi": kpi.shown(), "entity": {name: entity[name] for name in names}, "rows": plan.rows()}
    return {**shown, **rights.of(entity_id), "warnings": plan.warnings}


class _Year:
    """What is known of a year's periods."""

    def __init__(self, kpi: KpiFacts, entity: Row, start: date) -> None:
        self.kpi = kpi
        self.entity = entity
        self.start = start
        self.periods = {grain: tree.sub_periods("year", start, grain) for grain, _ in LEVELS if grain != "year"}
        self.periods["year"] = [start]
        self.targets: dict[Place, Row] = {}
        self.values: dict[Place, Row] = {}
        self.forecasts: dict[Place, Row] = {}
        self.warnings: list[dict[str, str]] = []

    def read(self, reader: Reader) -> None:
        """Targets, actuals and last year's, one statement a level."""
        kpi_id, entity_id = self.kpi.row["kpi_id"], self.entity["entity_id"]
        for grain, periods in self.periods.items():
            for (_, day), row in sources.stored(kpi_id, grain, {entity_id}, periods).items():
                self.targets[grain, day] = row
            days = {*periods, *(tree.last_year(grain, day) for day in periods)}
            for (_, day), row in sources.values(kpi_id, grain, [self.entity], days, reader).items():
                self.values[grain, day] = row

    def read_forecasts(self) -> None:
        """In transactions of their own, since a site may have none."""
        kpi_id, entity_id = self.kpi.row["kpi_id"], self.entity["entity_id"]
        for grain, periods in self.periods.items():
            found = sources.forecasts(kpi_id, grain, {entity_id}, periods)
            if found.warning:
                self.warnings = [found.warning]
            for (_, day), row in found.rows.items():
                self.forecasts[grain, day] = row

    def rows(self) -> list[Row]:
        """The year first, each quarter before its months."""
        found = [self._row("year", self.start, None)]
        for quarter in self.periods["quarter"]:
            found.append(self._row("quarter", quarter, ("year", self.start)))
            months = tree.sub_periods("quarter", quarter, "month")
            found += [self._row("month", month, ("quarter", quarter)) for month in months]
        return found

    def _row(self, grain: str, day: date, parent: Place | None) -> Row:
        target, actual = self.targets.get((grain, day)), self.values.get((grain, day))
        forecast = self.forecasts.get((grain, day))
        names = ("id", "etag", "state", "is_locked", "draft", "approved")
        return {
            "grain": grain,
            "period_start": day,
            "parent": {"grain": parent[0], "period_start": parent[1]} if parent else None,
            "target": {name: target[name] for name in names} if target else None,
            "target_value": sources.target_of(target),
            "actual": actual["value"] if actual else None,
            "is_settled": bool(actual and actual["is_settled"]),
            "covered_through": actual["covered_through"] if actual else None,
            "last_year": self._value(grain, tree.last_year(grain, day), "value"),
            "p50": forecast["p50"] if forecast else None,
            **self._parts(grain, day),
        }

    def _value(self, grain: str, day: date, name: str) -> Decimal | None:
        row = self.values.get((grain, day))
        found: Decimal | None = row[name] if row else None
        return found

    def _parts(self, grain: str, day: date) -> dict[str, Any]:
        """What the smaller periods say; nothing where there are none or none has a target."""
        below = dict(LEVELS)[grain]
        if below is None:
            return {}
        days = tree.sub_periods(grain, day, below)
        said = [sources.target_of(self.targets.get((below, part))) for part in days]
        if all(value is None for value in said):
            return {}
        if not self.kpi.is_additive:
            missing = sum(value is None for value in said)
            weights = [self._weight(below, part) for part in days]
            return {"implied": tree.implied_ratio(said, weights), "missing_children": missing}
        found = tree.roll_up(sources.target_of(self.targets.get((grain, day))), said)
        sums = {"children_sum": found.children_sum, "residual": found.residual}
        return {**sums, "missing_children": found.missing_children}

    def _weight(self, grain: str, day: date) -> Decimal | None:
        """The period's own denominator, else last year's."""
        own = self._value(grain, day, "denominator")
        return own if own is not None else self._value(grain, tree.last_year(grain, day), "denominator")
