"""What a number is made of, and how likely a target is: one cell of the grid, opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import BadRequest, NotFound
from superset_kpi_plugin.inbound import day_of
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.targets import plan_sources as sources
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.feasibility import WANTED, Forecast, probability, proposal
from superset_kpi_plugin.targets.plan_sources import Row
from superset_kpi_plugin.targets.rules import GRAINS, exact_number
from superset_kpi_plugin.warehouse import Warehouse

DRIVERS_SQL = """
select kpi_id, period_start, value
from kpi.kpi_values
where kpi_id in :kpis and entity_kind = :kind and entity_id = :entity and grain = :grain and period_start in :periods
"""
VALUE_FIELDS = ("value", "numerator", "denominator", "currency", "is_settled", "covered_through")


@dataclass(frozen=True)
class CellKey:
    """One KPI of one entity in one period."""

    kpi_id: str
    entity_id: str
    grain: str
    period_start: date

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> CellKey:
        """From the query string.

        :raises BadRequest: a parameter is missing or wrong.
        """
        if arguments.get("grain") not in GRAINS:
            raise BadRequest("The parameter grain must be day, week, month, quarter or year.")
        start = day_of(arguments, "period_start")
        return cls(arguments.get("kpi_id", ""), arguments.get("entity_id", ""), arguments["grain"], start)


def explain(key: CellKey, reach: Reach, warehouse: Warehouse) -> Row:
    """The value, the KPIs that drive it, the parts that it is made of, and the sources with their freshness."""
    with warehouse.reading() as reader:
        kpi = sources.kpi_facts(key.kpi_id, reader)
        entity = entity_or_404(key.entity_id, reach, reader)
        catalogue = queries.catalogue_by_id(reader)
        before = tree.last_year(key.grain, key.period_start)
        wanted = [name.strip() for name in str(kpi.row["drivers"] or "").split(",") if name.strip() in catalogue]
        params = {
            "kpis": wanted,
            "kind": entity["entity_kind"],
            "entity": key.entity_id,
            "grain": key.grain,
            "periods": {key.period_start, before},
        }
        drivers = {(row["kpi_id"], row["period_start"]): row["value"] for row in reader.read(DRIVERS_SQL, params)}
        parts = []
        for name in sources.TREES:
            found = sources.entities_of_tree(name, key.period_start, kpi, reach, reader)
            parts += [{**found.by_id[child], "tree": name} for child in found.children(key.entity_id)]
        actuals = sources.values(key.kpi_id, key.grain, [entity, *parts], {key.period_start}, reader)
        streams = queries.freshness(reader, reach.see)
    value = actuals.get((key.entity_id, key.period_start))
    formula = kpi.row["formula_zh"] if current_locale() == "zh" else None
    return {
        "kpi": {**kpi.shown(), "formula": formula or kpi.row["formula_en"], "source": kpi.row["source"]},
        "value": {name: value[name] for name in VALUE_FIELDS} if value else None,
        "drivers": [driver_shown(catalogue[name], drivers, key.period_start, before) for name in wanted],
        "parts": _parts(parts, actuals, key.period_start, value, kpi),
        "sources": _sources(streams, entity, kpi.row["source"]),
    }


def feasibility(key: CellKey, value: str | None, reach: Reach, warehouse: Warehouse) -> Row:
    """Floor, target and stretch by the forecast, and how likely the present ones (and ``value``) are."""
    with warehouse.reading() as reader:
        kpi = sources.kpi_facts(key.kpi_id, reader)
        entity_or_404(key.entity_id, reach, reader)
    place = (key.entity_id, key.period_start)
    rows = sources.forecasts(key.kpi_id, key.grain, {key.entity_id}, {key.period_start})
    row = rows.rows.get(place)
    forecast = Forecast.from_row(row)
    cell = sources.stored(key.kpi_id, key.grain, {key.entity_id}, {key.period_start}).get(place)
    said = (cell["draft"] or cell["approved"]) if cell else {}
    direction = kpi.row["direction"]

    def chance(number: Decimal | None) -> Decimal | None:
        return probability(number, direction, forecast, said.get("tolerance"))

    proposed = proposal(direction, kpi.row["unit"], forecast)
    names = ("p20", "p50", "p80", "method", "made_at", "history_periods")
    tests = ("points", "below_p20", "below_p50", "below_p80")
    message = "There is no forecast for this period: too little history, or it is too far away."
    return {
        "has_forecast": row is not None,
        **{name: row[name] if row else None for name in names},
        **proposed,
        "wanted": WANTED,
        "probabilities": {name: chance(number) for name, number in proposed.items()},
        "current": {name: chance(said.get(f"{name}_value")) for name in WANTED},
        "value_probability": chance(_number(value)),
        "backtest": {name: row[f"backtest_{name}"] for name in tests} if row else None,
        "message": rows.warning["message"] if rows.warning else (None if row else translate(message)),
    }


def _number(text: str | None) -> Decimal | None:
    try:
        return exact_number(text)
    except ValueError:
        raise BadRequest("The parameter {name} must be a number.", name="value") from None


def entity_or_404(entity_id: str, reach: Reach, reader: Any) -> Row:
    """The entity, if it exists and may be seen.

    :raises NotFound: otherwise, alike.
    """
    found = queries.entities_by_id(reader, {entity_id}) if reach.covers("see", entity_id) else {}
    if entity_id not in found:
        raise NotFound("There is no entity {entity}.", entity=entity_id)
    return found[entity_id]


def driver_shown(row: Row, values: Mapping[Any, Any], start: date, before: date) -> Row:
    """A driver for JSON, with its value in the period and a year before (``values`` by kpi_id and period)."""
    chinese = row["name_zh"] if current_locale() == "zh" else None
    shown = {name: row[name] for name in ("kpi_id", "unit", "number_format", "direction")}
    found = {"value": values.get((row["kpi_id"], start)), "last_year": values.get((row["kpi_id"], before))}
    return {**shown, "name": chinese or row["name_en"], **found}


def _parts(
    parts: list[Row], actuals: Mapping[Any, Row], start: date, whole: Row | None, kpi: sources.KpiFacts
) -> list[Row]:
    """Children with their values, the largest first; a share of the whole where parts add up to it."""
    total = whole["value"] if whole and kpi.is_additive else None
    shown = []
    for part in parts:
        found = actuals.get((part["entity_id"], start))
        value = found["value"] if found else None
        same_money = not found or not whole or found["currency"] == whole["currency"]
        share = value / total if value is not None and total and same_money else None
        names = ("entity_id", "entity_kind", "entity_name", "currency", "tree")
        shown.append({**{name: part[name] for name in names}, "value": value, "share": share and round(share, 6)})
    return sorted(shown, key=lambda row: (row["value"] is None, -(row["value"] or 0)))


def _sources(streams: list[Row], entity: Row, source: str | None) -> list[Row]:
    """The account's streams (all of them where the entity is above accounts), those of the KPI's source first."""
    account = entity.get("account_id")
    mine = [row for row in streams if account is None or row["account_id"] == account]
    known = {name.strip() for name in str(source or "").split(",")}
    return sorted(mine, key=lambda row: row["platform"] not in known)
