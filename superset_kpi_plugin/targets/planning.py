"""The tree of targets of one KPI over periods, beside last year, forecast and probability: what the grid opens with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.inbound import day_of
from superset_kpi_plugin.targets import plan_sources as sources
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.feasibility import Forecast, probability
from superset_kpi_plugin.targets.listing import STATUS_FIELDS, Rights
from superset_kpi_plugin.targets.plan_sources import Entities, KpiFacts, Place, Row
from superset_kpi_plugin.targets.rules import GRAINS, first_day
from superset_kpi_plugin.warehouse import Reader, Warehouse

MOST_CELLS = 10_000
HISTORY = 12
STATUS_SQL = f"""
select entity_id, period_start, target_version, {", ".join(STATUS_FIELDS)}
from kpi.kpi_status
where kpi_id = :kpi and grain = :grain and period_start in :periods and entity_id in :entities
"""  # noqa: S608 (built from constants; values are bound)


@dataclass(frozen=True)
class TreeFilters:
    """Which part of which tree is asked for, and over which periods."""

    kpi_id: str
    tree: str
    grain: str
    periods: tuple[date, ...]
    entity_id: str | None = None
    depth: int | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> TreeFilters:
        """From the query string.

        :raises BadRequest: a parameter is missing or wrong.
        """
        grain, name = arguments.get("grain", ""), arguments.get("tree") or "business"
        if grain not in GRAINS:
            raise BadRequest("The parameter grain must be day, week, month, quarter or year.")
        if name not in sources.TREES:
            raise BadRequest("The parameter tree must be business or people.")
        first, last = (_day(arguments, key, grain) for key in ("from", "to"))
        periods = tree.periods_between(grain, first, last, MOST_CELLS + 1)
        if not periods or len(periods) > MOST_CELLS:
            raise BadRequest("The parameters from and to must name at least one period, in order.")
        depth = arguments.get("depth") or None
        if depth is not None and not (depth.isascii() and depth.isdigit() and len(depth) < 3):
            message = "The parameter {name} must be a whole number from {low} to {high}."
            raise BadRequest(message, name="depth", low=0, high=99)
        return cls(
            kpi_id=arguments.get("kpi_id", ""),
            tree=name,
            grain=grain,
            periods=tuple(periods),
            entity_id=arguments.get("entity_id") or None,
            depth=int(depth) if depth is not None else None,
        )


def _day(arguments: Mapping[str, str], name: str, grain: str) -> date:
    day = day_of(arguments, name)
    if first_day(grain, day) != day:
        raise BadRequest("The parameter {name} must be the first day of a period.", name=name)
    return day


def open_tree(filters: TreeFilters, page: tuple[int, int], rights: Rights, warehouse: Warehouse) -> Row:
    """A page of nodes with their cells, in a handful of statements whatever the number of cells.

    :raises BadRequest: nodes times periods are more than 10,000.
    :raises NotFound: there is no such KPI.
    :raises WarehouseUnavailable: the tree itself lives in the warehouse.
    """
    with warehouse.reading() as reader:
        kpi = sources.kpi_facts(filters.kpi_id, reader)
        entities = sources.entities_of_tree(filters.tree, filters.periods[-1], kpi, rights.reach, reader)
        nodes = tree.depth_first(entities.parents, filters.entity_id, filters.depth)
        number, size = page
        shown = nodes[number * size : (number + 1) * size]
        if len(shown) * len(filters.periods) > MOST_CELLS:
            raise BadRequest(
                "This would be {count} cells; at most {limit} open at once. Ask for fewer nodes or periods.",
                count=len(shown) * len(filters.periods),
                limit=MOST_CELLS,
            )
        sheet = _Sheet(filters, kpi, entities, shown, rights)
        sheet.read(reader)
        freshness = queries.freshness_summary(queries.freshness(reader, rights.reach.see))
    sheet.read_forecasts()
    return {
        "kpi": kpi.shown(),
        "periods": filters.periods,
        "nodes": [sheet.node(node) for node in shown],
        "count": len(nodes),
        "cells": sheet.cells(),
        "series": sheet.series(),
        "freshness": freshness,
        "warnings": sheet.warnings,
    }


class _Sheet:
    """The cells of some nodes."""

    def __init__(
        self, filters: TreeFilters, kpi: KpiFacts, entities: Entities, nodes: list[tree.Node], rights: Rights
    ) -> None:
        self.filters = filters
        self.kpi = kpi
        self.entities = entities
        self.nodes = nodes
        self.rights = rights
        self.warnings: list[dict[str, str]] = []
        self.children = tree.children_of(entities.parents)
        self.history = tree.earlier(filters.grain, filters.periods[0], HISTORY)
        self.last_year = {period: tree.last_year(filters.grain, period) for period in filters.periods}
        self.targets: dict[Place, Row] = {}
        self.values: dict[Place, Row] = {}
        self.status: dict[Place, Row] = {}
        self.forecasts: dict[Place, Row] = {}

    def read(self, reader: Reader) -> None:
        """Targets of the nodes and their children; actuals, last year's and the history before."""
        shown = {node.entity_id for node in self.nodes}
        around = shown.union(*(self.children.get(entity_id, ()) for entity_id in shown))
        filters = self.filters
        self.targets = sources.stored(filters.kpi_id, filters.grain, around, filters.periods)
        periods = {*filters.periods, *self.last_year.values(), *self.history}
        wanted = shown if self.kpi.is_additive else around  # ratios need their children's denominators
        rows = [self.entities.by_id[entity_id] for entity_id in wanted]
        self.values = sources.values(filters.kpi_id, filters.grain, rows, periods, reader)
        params = {"kpi": filters.kpi_id, "grain": filters.grain, "periods": set(filters.periods), "entities": shown}
        if any(cell["approved"] for cell in self.targets.values()):
            self.status = {(row["entity_id"], row["period_start"]): row for row in reader.read(STATUS_SQL, params)}

    def read_forecasts(self) -> None:
        """In a transaction of their own, since a site may have none."""
        filters = self.filters
        ids = {node.entity_id for node in self.nodes}
        found = sources.forecasts(filters.kpi_id, filters.grain, ids, filters.periods)
        self.forecasts = found.rows
        if found.warning:
            self.warnings.append(found.warning)

    def node(self, node: tree.Node) -> Row:
        """A node for JSON."""
        row = self.entities.by_id[node.entity_id]
        names = ("entity_id", "entity_kind", "entity_name", "account_name", "currency", "is_active")
        shown = {name: row[name] for name in names}
        has_children = bool(self.children.get(node.entity_id))
        return {**shown, "parent_id": node.parent_id, "depth": node.depth, "has_children": has_children}

    def cells(self) -> list[Row]:
        """The cells about which anything is known."""
        found = []
        for node in self.nodes:
            rights = self.rights.of(node.entity_id)
            for period in self.filters.periods:
                cell = self._cell(node.entity_id, period)
                if cell is not None:
                    found.append({**cell, **rights})
        return found

    def series(self) -> dict[str, list[Any]]:
        """The periods before the first one, the oldest first; None where nothing is known."""
        return {node.entity_id: [self._value(node.entity_id, period) for period in self.history] for node in self.nodes}

    def _value(self, entity_id: str, period: date, name: str = "value") -> Decimal | None:
        row = self.values.get((entity_id, period))
        return row[name] if row else None

    def _cell(self, entity_id: str, period: date) -> Row | None:
        place = (entity_id, period)
        target, forecast = self.targets.get(place), self.forecasts.get(place)
        before = self._value(entity_id, self.last_year[period])
        children = self._children(entity_id, period)
        if target is None and forecast is None and before is None and place not in self.values and not children:
            return None
        said = (target["draft"] or target["approved"]) if target else {}
        tolerance = said.get("tolerance")
        direction = self.kpi.row["direction"]
        return {
            "id": target["id"] if target else None,
            "etag": target["etag"] if target else None,
            "entity_id": entity_id,
            "period_start": period,
            "state": target["state"] if target else None,
            "is_locked": bool(target and target["is_locked"]),
            "draft": target["draft"] if target else None,
            "approved": target["approved"] if target else None,
            **self._status(place),
            "last_year": before,
            "p20": forecast["p20"] if forecast else None,
            "p50": forecast["p50"] if forecast else None,
            "p80": forecast["p80"] if forecast else None,
            "method": forecast["method"] if forecast else None,
            "probability": probability(said.get("target_value"), direction, Forecast.from_row(forecast), tolerance),
            **children,
        }

    def _status(self, place: Place) -> Row:
        found = self.status.get(place)
        shown = found or self.values.get(place)
        return {
            "status": {name: shown.get(name) for name in STATUS_FIELDS} if shown else None,
            "published_version": found["target_version"] if found else None,
        }

    def _children(self, entity_id: str, period: date) -> Row:
        """What the children say; nothing where there are none or none has a target."""
        children = self.children.get(entity_id, [])
        said = [sources.target_of(self.targets.get((child, period))) for child in children]
        if not any(value is not None for value in said):
            return {}
        missing = sum(1 for value in said if value is None)
        if not self.kpi.is_additive:
            weights = [self._denominator(child, period) for child in children]
            return {"implied": tree.implied_ratio(said, weights), "missing_children": missing}
        if self.kpi.is_money and self._mixes_currencies(entity_id, children):
            return {"mixed_currency": True, "missing_children": missing}
        found = tree.roll_up(sources.target_of(self.targets.get((entity_id, period))), said)
        return {"children_sum": found.children_sum, "residual": found.residual, "missing_children": missing}

    def _mixes_currencies(self, entity_id: str, children: list[str]) -> bool:
        by_id = self.entities.by_id
        return {by_id[child]["currency"] for child in children} != {by_id[entity_id]["currency"]}

    def _denominator(self, entity_id: str, period: date) -> Decimal | None:
        """The period's own denominator, else last year's, else the newest of the history: what is known of the mix."""
        for known in (period, self.last_year[period], *reversed(self.history)):
            weight = self._value(entity_id, known, "denominator")
            if weight is not None:
                return weight
        return None
