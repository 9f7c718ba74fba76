"""Split a target over its children or over smaller periods: a preview, and its parts as drafts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.errors import ValidationFailed
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets import plan_sources as sources
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.commands.save import SaveDrafts
from superset_kpi_plugin.targets.feasibility import DECIMALS
from superset_kpi_plugin.targets.plan_sources import KpiFacts, Row
from superset_kpi_plugin.targets.split import Split, SplitError, split
from superset_kpi_plugin.warehouse import Reader, Warehouse

ENTITIES, PERIODS = "entities", "periods"


@dataclass(frozen=True)
class _Part:
    """One cell that gets a part: a child in the same period, or the entity in a smaller period."""

    key: str
    entity: Row
    grain: str
    period_start: date


class SplitTarget:
    """Work out the parts of a target's amount.

    Weights are, by method: `even` all alike; `last_year` the actual of the same period a year before; `forecast` the
    forecast's median; `season` the mean of the actuals of the last two years' same periods.

    :param request: the checked body (`schemas.SplitSchema`).
    :raises ValidationFailed: the KPI doesn't add up, there is nothing to split, or locked cells hold too much.
    """

    def __init__(self, request: Row, actor: str, warehouse: Warehouse, reach: Reach) -> None:
        self.request = request
        self.actor = actor
        self.warehouse = warehouse
        self.reach = reach
        self.stored: dict[tuple[str, str, date], Row] = {}
        self.warnings: list[dict[str, str]] = []

    def run(self) -> Row:
        """The preview, for JSON."""
        request = self.request
        with self.warehouse.reading() as reader:
            kpi = sources.kpi_facts(request["kpi_id"], reader)
            if not kpi.is_additive:
                raise _refused("kpi_id", "Only KPIs that add up can be split; {kpi} is none.", kpi=request["kpi_id"])
            name, start = request["tree"], request["period_start"]
            entities = sources.entities_of_tree(name, start, kpi, self.reach, reader)
            entity = entities.by_id.get(request["entity_id"])
            if entity is None:
                raise _refused("entity_id", "There is no entity {entity}.", entity=request["entity_id"])
            parts = self._parts(kpi, entities, entity)
            self._read_stored(entity, parts)
            weights = self._weights(kpi, parts, reader)
        amount = request.get("amount")
        if amount is None:
            amount = self._target(entity["entity_id"], request["grain"], start)
        if amount is None:
            raise _refused("amount", "The target has no value yet: say which amount is to be split.")
        found = self._split(kpi, amount, parts, weights)
        return self._shown(amount, parts, found)

    def apply(self) -> Row:
        """The preview, saved as drafts, all or nothing; a cell that somebody changes meanwhile refuses it with 412."""
        preview = self.run()
        rows = [
            {
                **{name: row[name] for name in ("entity_id", "grain", "etag")},
                "kpi_id": self.request["kpi_id"],
                "period_start": row["period_start"].isoformat(),
                "target_value": row["proposed"],
            }
            for row in preview["rows"]
            if not row["is_locked"] and row["proposed"] is not None
        ]
        saved = SaveDrafts(rows, self.actor, self.warehouse, self.reach).run() if rows else []
        return {**preview, "saved": len(saved)}

    def _parts(self, kpi: KpiFacts, entities: sources.Entities, entity: Row) -> list[_Part]:
        grain, start = self.request["grain"], self.request["period_start"]
        if self.request["by"] == PERIODS:
            possible = tree.SUB_GRAINS.get(grain, ())
            into = self.request.get("into") or next(iter(possible), "")
            if into not in possible:
                raise _refused("into", "A {grain} can't be split into smaller periods like this.", grain=grain)
            return [_Part(day.isoformat(), entity, into, day) for day in tree.sub_periods(grain, start, into)]
        children = [entities.by_id[child] for child in entities.children(entity["entity_id"])]
        measured = [child for child in children if child["entity_kind"] in kpi.rules.entity_kinds]
        if not measured:
            message = "{entity} has nothing below it over which to split."
            raise _refused("entity_id", message, entity=entity["entity_id"])
        if kpi.is_money and {child["currency"] for child in measured} != {entity["currency"]}:
            raise _refused("entity_id", "The parts have other currencies than the whole: set them by hand.")
        return [_Part(child["entity_id"], child, grain, start) for child in measured]

    def _read_stored(self, entity: Row, parts: Iterable[_Part]) -> None:
        cells = {(entity["entity_id"], self.request["grain"], self.request["period_start"])}
        cells |= {(part.entity["entity_id"], part.grain, part.period_start) for part in parts}
        for grain in {cell[1] for cell in cells}:
            ids = {cell[0] for cell in cells if cell[1] == grain}
            periods = {cell[2] for cell in cells if cell[1] == grain}
            for (entity_id, start), row in sources.stored(self.request["kpi_id"], grain, ids, periods).items():
                self.stored[entity_id, grain, start] = row

    def _target(self, entity_id: str, grain: str, start: date) -> Decimal | None:
        return sources.target_of(self.stored.get((entity_id, grain, start)))

    def _weights(self, kpi: KpiFacts, parts: list[_Part], reader: Reader) -> dict[str, Decimal | None]:
        method, kpi_id = self.request["method"], kpi.row["kpi_id"]
        if method == "even":
            return {part.key: Decimal(1) for part in parts}
        grain = parts[0].grain
        if method == "forecast":
            ids, periods = {part.entity["entity_id"] for part in parts}, {part.period_start for part in parts}
            rows = sources.forecasts(kpi_id, grain, ids, periods)
            if rows.warning:
                self.warnings.append(rows.warning)
            found = {place: row["p50"] for place, row in rows.rows.items()}
            return {part.key: found.get((part.entity["entity_id"], part.period_start)) for part in parts}
        years = 2 if method == "season" else 1
        before = {part.key: _years_before(grain, part.period_start, years) for part in parts}
        entities = list({part.entity["entity_id"]: part.entity for part in parts}.values())
        days = {day for listed in before.values() for day in listed}
        actuals = sources.values(kpi_id, grain, entities, days, reader)
        return {part.key: _mean(actuals, part.entity["entity_id"], before[part.key]) for part in parts}

    def _split(self, kpi: KpiFacts, amount: Decimal, parts: list[_Part], weights: dict[str, Decimal | None]) -> Split:
        held: dict[str, Decimal] = {}
        for part in parts:
            cell = self.stored.get((part.entity["entity_id"], part.grain, part.period_start))
            if part.key in self.request["locked"] or (cell and cell["is_locked"]):
                held[part.key] = sources.target_of(cell) or Decimal(0)
        decimals = self.request.get("decimals")
        if decimals is None:
            decimals = DECIMALS.get(kpi.row["unit"], 2)
        try:
            found = split(amount, weights, held, residual=self.request["residual"], decimals=decimals)
        except SplitError as error:
            raise _refused("amount", str(error)) from None
        if found.fallback:
            self._warn("no_weights", "Nothing is known to split by; the amount was split evenly.")
        elif found.unweighted:
            self._warn("unweighted", "{count} parts get nothing, because nothing is known of them.", found)
        return found

    def _warn(self, code: str, message: str, found: Split | None = None) -> None:
        values: dict[str, Any] = {"count": len(found.unweighted)} if found else {}
        self.warnings.append({"code": code, "message": translate(message, **values)})

    def _shown(self, amount: Decimal, parts: list[_Part], found: Split) -> Row:
        rows = []
        for part in parts:
            cell = self.stored.get((part.entity["entity_id"], part.grain, part.period_start))
            is_locked = part.key not in found.shares
            rows.append(
                {
                    "entity_id": part.entity["entity_id"],
                    "entity_name": part.entity["entity_name"],
                    "grain": part.grain,
                    "period_start": part.period_start,
                    "current": sources.target_of(cell),
                    "proposed": found.parts[part.key],
                    "share": round(found.shares[part.key], 6) if not is_locked else None,
                    "is_locked": is_locked,
                    "id": cell["id"] if cell else None,
                    "etag": cell["etag"] if cell else None,
                }
            )
        return {"rows": rows, "amount": amount, "residual": found.residual, "warnings": self.warnings}


def _years_before(grain: str, start: date, years: int) -> list[date]:
    days = []
    for _ in range(years):
        start = tree.last_year(grain, start)
        days.append(start)
    return days


def _mean(actuals: dict[sources.Place, Row], entity_id: str, days: list[date]) -> Decimal | None:
    known = [row["value"] for day in days if (row := actuals.get((entity_id, day))) and row["value"] is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def _refused(field: str, message: str, **values: Any) -> ValidationFailed:
    listed = [{"index": 0, "field": field, "message": translate(message, **values)}]
    return ValidationFailed(details={"errors": listed})
