"""A pack's KPIs as targets of the next month: a preview, and drafts. What has a target already is left alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, WarehouseContractBroken
from superset_kpi_plugin.guide.history import from_history, season_factor
from superset_kpi_plugin.guide.packs import PackKpi, joined, packs, problems
from superset_kpi_plugin.guide.survey import MONTHS, whole_months
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.targets import plan_sources, storage, tree
from superset_kpi_plugin.targets.checking import FORECAST_SQL
from superset_kpi_plugin.targets.commands import SaveDrafts
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_outside
from superset_kpi_plugin.targets.feasibility import Forecast, probability, proposal
from superset_kpi_plugin.targets.rules import Kpi, Problem
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
Place = tuple[str, str]
GRAIN = "month"
NEW, EXISTS, NO_TARGET = "new", "exists", "no_target"
HISTORY_SQL = """
select kpi_id, entity_id, period_start, value from kpi.kpi_values
where grain = 'month' and period_start in :months and kpi_id in :kpis and entity_kind in :kinds
    and entity_id in :entities and value is not null
"""


@dataclass
class _Known:
    """What was read of the warehouse."""

    kpis: dict[str, Row]
    entities: dict[str, Row]
    start: date
    months: list[date]
    history: dict[Place, dict[date, Decimal]]

    def values(self, place: Place) -> list[Decimal]:
        """Of the last three months, those that are known."""
        known = self.history.get(place, {})
        return [known[month] for month in self.months if month in known]

    def season(self, place: Place) -> Decimal | None:
        """Last year's planned month against last year's same three months, of a KPI that adds up."""
        if not self.kpis[place[0]]["is_additive"]:
            return None
        known = self.history.get(place, {})
        before = [known[day] for month in self.months if (day := tree.last_year(GRAIN, month)) in known]
        return season_factor(known.get(tree.last_year(GRAIN, self.start)), before)


class ProposeTargets:
    """Targets for every KPI of a pack, its variant and the chosen problems, for each active entity that may be edited.

    A target comes from kpi_forecast where that knows the period, else from the last three whole months; where one of
    these is missing there is none, and the reason is told.

    :param request: the checked body (`schemas.ProposalSchema`).
    :raises ValidationFailed: an entity that is named doesn't exist.
    :raises Forbidden: an entity that is named may not be edited.
    :raises BadRequest: more rows than go into one request.
    """

    def __init__(self, request: Row, actor: str, warehouse: Warehouse, reach: Reach) -> None:
        self.request = request
        self.actor = actor
        self.warehouse = warehouse
        self.reach = reach
        self.warnings: list[dict[str, str]] = []

    def run(self) -> Row:
        """The preview, for JSON."""
        return self._shown(*self._rows())

    def apply(self) -> Row:
        """The preview, its new rows saved as drafts, all or nothing; a second time finds nothing new."""
        rows, unknown, start = self._rows()
        names = ("kpi_id", "entity_id", "floor_value", "target_value", "stretch_value", "weight", "owner", "etag")
        place = {"grain": GRAIN, "period_start": start.isoformat()}
        wanted = [{**place, **{name: row[name] for name in names}} for row in rows if row["state"] == NEW]
        saved = SaveDrafts(wanted, self.actor, self.warehouse, self.reach).run() if wanted else []
        return {**self._shown(rows, unknown, start), "saved": len(saved)}

    def _shown(self, rows: list[Row], unknown: list[str], start: date) -> Row:
        counts = {state: sum(row["state"] == state for row in rows) for state in (NEW, EXISTS, NO_TARGET)}
        about = {"grain": GRAIN, "period_start": start, "rows": rows, "counts": counts}
        return {**about, "unknown_kpis": unknown, "warnings": self.warnings}

    def _rows(self) -> tuple[list[Row], list[str], date]:
        request = self.request
        chosen = [packs()[name] for name in (request["pack"], request.get("variant")) if name]
        items = joined(chosen, [problems()[name] for name in request["problems"]])
        with self.warehouse.reading() as reader:
            known = self._read(items, reader)
        places = self._places(items, known)
        if len(places) > int(setting("KPI_MAX_ROWS_PER_REQUEST")):
            raise BadRequest(
                "The request holds {count} targets; at most {limit} go at once.",
                count=len(places),
                limit=int(setting("KPI_MAX_ROWS_PER_REQUEST")),
            )
        forecasts = self._forecasts(places, known)
        held = storage.lock_by_key([(kpi_id, entity_id, GRAIN, known.start) for kpi_id, entity_id in places])
        db.session.rollback()
        rows = [
            self._row(place, weight, known, forecasts.get(place), held.get((*place, GRAIN, known.start)))
            for place, weight in places.items()
        ]
        return rows, [item.kpi_id for item in items if item.kpi_id not in known.kpis], known.start

    def _read(self, items: list[PackKpi], reader: Reader) -> _Known:
        kpis = queries.catalogue_by_id(reader)
        months, running = whole_months(queries.freshness(reader))
        start = self.request.get("period_start") or tree.next_period(GRAIN, running)
        kinds = set(self.request.get("kinds") or {kind for item in items for kind in item.kinds})
        entities = {row["entity_id"]: row for kind in sorted(kinds) for row in queries.entities_of_kind(reader, kind)}
        entities = self._editable({key: row for key, row in entities.items() if row["is_active"]})
        params = {
            "months": [*months, *(tree.last_year(GRAIN, month) for month in (*months, start))],
            "kpis": {item.kpi_id for item in items},
            "kinds": kinds,
            "entities": set(entities),
        }
        history: dict[Place, dict[date, Decimal]] = defaultdict(dict)
        for row in reader.read(HISTORY_SQL, params):
            history[row["kpi_id"], row["entity_id"]][row["period_start"]] = row["value"]
        return _Known(kpis, entities, start, months, history)

    def _editable(self, entities: dict[str, Row]) -> dict[str, Row]:
        """The entities that are named, else all that may be edited."""
        named = self.request.get("entity_ids")
        if named is None:
            return {key: row for key, row in entities.items() if self.reach.covers("edit", key)}
        refuse(
            [
                Problem(index, "entity_ids", "There is no entity {entity}.", {"entity": key})
                for index, key in enumerate(named)
                if key not in entities or not self.reach.covers("see", key)
            ]
        )
        refuse_outside(self.reach, "edit", named)
        return {key: entities[key] for key in named}

    def _places(self, items: list[PackKpi], known: _Known) -> dict[Place, Decimal]:
        """(KPI, entity) -> weight, in the order of the pack."""
        found: dict[Place, Decimal] = {}
        for item in items:
            if item.kpi_id not in known.kpis:
                continue
            kinds = Kpi.from_row(known.kpis[item.kpi_id]).entity_kinds & set(item.kinds)
            for entity_id, entity in known.entities.items():
                if entity["entity_kind"] in kinds:
                    found[item.kpi_id, entity_id] = item.weight
        return found

    def _forecasts(self, places: dict[Place, Decimal], known: _Known) -> dict[Place, Row]:
        params = {
            "grain": GRAIN,
            "start": known.start,
            "kpis": {kpi_id for kpi_id, _ in places},
            "entities": {entity_id for _, entity_id in places},
        }
        try:
            rows = self.warehouse.read(FORECAST_SQL, params)
        except WarehouseContractBroken as error:
            self.warnings = [plan_sources.warning_of(error)]
            return {}
        return {(row["kpi_id"], row["entity_id"]): row for row in rows}

    def _row(self, place: Place, weight: Decimal, known: _Known, forecast: Row | None, held: Any) -> Row:
        kpi, entity = known.kpis[place[0]], known.entities[place[1]]
        outcome = Forecast.from_row(forecast)
        proposed, basis, reason = self._proposed(place, known, outcome)
        exists = held is not None and (held.draft is not None or held.approved is not None)
        chinese = kpi["name_zh"] if current_locale() == "zh" else None
        return {
            "kpi_id": place[0],
            "kpi_name": chinese or kpi["name_en"],
            **{name: kpi[name] for name in ("unit", "number_format", "direction")},
            **{name: entity[name] for name in ("entity_id", "entity_kind", "entity_name", "currency")},
            "period_start": known.start,
            **{f"{name}_value": value for name, value in proposed.items()},
            "weight": weight,
            "owner": self.request.get("owner") or entity["owner_id"],
            "basis": basis,
            "reason": reason,
            "probability": probability(proposed["target"], kpi["direction"], outcome),
            "state": EXISTS if exists else NEW if proposed["target"] is not None else NO_TARGET,
            "etag": held.etag if held is not None else None,
        }

    @staticmethod
    def _proposed(
        place: Place, known: _Known, forecast: Forecast | None
    ) -> tuple[dict[str, Decimal | None], str | None, str]:
        """What is proposed, on what basis, and why."""
        kpi, values, months = known.kpis[place[0]], known.values(place), known.months
        if forecast is not None:
            message = "By the forecast: attained with a probability of 80, 50 and 20 %."
            return proposal(kpi["direction"], kpi["unit"], forecast), "forecast", translate(message)
        if len(values) == MONTHS:
            span = {"first": f"{months[0]:%Y-%m}", "last": f"{months[-1]:%Y-%m}"}
            season = known.season(place)
            if season is not None:
                message = (
                    "Worst, median and best of the months {first} to {last}, times {factor}: so much was this month "
                    "above these a year ago. The forecast does not reach this."
                )
                scaled = from_history(kpi["direction"], kpi["unit"], [value * season for value in values])
                return scaled, "history", translate(message, **span, factor=round(season, 2))
            message = "Worst, median and best of the months {first} to {last}; the forecast does not reach this."
            return from_history(kpi["direction"], kpi["unit"], values), "history", translate(message, **span)
        nothing = from_history(kpi["direction"], kpi["unit"], [])
        message = "Only {count} of the last {months} months have a value: too little for a target."
        return nothing, None, translate(message, count=len(values), months=MONTHS)
