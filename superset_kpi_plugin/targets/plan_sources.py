"""What planning reads: trees, stored targets, actuals and forecasts of one KPI, each by one set-based statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import BadRequest, KpiError, NotFound, WarehouseContractBroken
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.models import APPROVED, DRAFT, Target, TargetVersion
from superset_kpi_plugin.targets.present import VERSION_FIELDS
from superset_kpi_plugin.targets.rules import Kpi
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
Place = tuple[str, date]
TREES = ("business", "people")
#: Kinds that hold a tree together where the KPI itself is not measured for them.
STRUCTURE = ("company", "platform", "account", "category", "campaign", "team")
CHUNK = 5_000

TREE_SQL = """
select e.entity_id, e.entity_kind, e.entity_name, e.account_id, e.account_name, e.currency, e.is_active, g.parent_id
from kpi.kpi_entities as e
left outer join kpi.kpi_entity_edges as g
    on g.child_id = e.entity_id and g.tree = :tree and g.valid_from <= :day
    and (g.valid_to is null or g.valid_to > :day)
where e.entity_kind in :kinds and (g.parent_id is not null or e.parent_id is null)
order by e.entity_kind, e.entity_name, e.entity_id
"""
VALUES_SQL = """
select entity_id, period_start, value, numerator, denominator, currency, covered_through, is_settled
from kpi.kpi_values
where kpi_id = :kpi and grain = :grain and entity_kind in :kinds and entity_id in :entities and period_start in :periods
"""
FORECAST_SQL = """
select entity_id, period_start, p20, p50, p80, method, made_at, history_periods, backtest_points,
    backtest_below_p20, backtest_below_p50, backtest_below_p80
from kpi.kpi_forecast
where kpi_id = :kpi and grain = :grain and entity_id in :entities and period_start in :periods
"""


@dataclass(frozen=True)
class KpiFacts:
    """A KPI as the plan needs it, with its names in the reader's language."""

    row: Row
    rules: Kpi

    @property
    def is_additive(self) -> bool:
        return bool(self.row["is_additive"])

    @property
    def is_money(self) -> bool:
        return bool(self.row["unit"] == "money")

    def shown(self) -> Row:
        """For JSON."""
        names = ("kpi_id", "unit", "direction", "number_format", "is_additive", "is_ratio")
        chinese = self.row["name_zh"] if current_locale() == "zh" else None
        return {**{name: self.row[name] for name in names}, "name": chinese or self.row["name_en"]}


def kpi_facts(kpi_id: str | None, reader: Reader) -> KpiFacts:
    """The KPI.

    :raises BadRequest: none is named.
    :raises NotFound: there is no such KPI.
    """
    if not kpi_id:
        raise BadRequest("The parameter {name} is missing.", name="kpi_id")
    row = queries.catalogue_by_id(reader).get(kpi_id)
    if row is None:
        raise NotFound("There is no KPI {kpi}.", kpi=kpi_id)
    return KpiFacts(row, Kpi.from_row(row))


@dataclass
class Entities:
    """The entities of a tree by id, in reading order of siblings, as the KPI and the reader's reach allow."""

    by_id: dict[str, Row]
    parents: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.parents = {entity_id: row["parent_id"] for entity_id, row in self.by_id.items()}

    def children(self, entity_id: str) -> list[str]:
        """Direct children."""
        return [child for child, parent in self.parents.items() if parent == entity_id]


def entities_of_tree(name: str, day: date, kpi: KpiFacts, reach: Reach, reader: Reader) -> Entities:
    """The tree on a day. Entities that the KPI is not measured for stay where they hold others together."""
    kinds = kpi.rules.entity_kinds | set(STRUCTURE)
    rows = reader.read(TREE_SQL, {"tree": name, "day": day, "kinds": kinds})
    found = {row["entity_id"]: row for row in reach.seen(rows)}
    needed: set[str] = set()
    for entity_id, row in found.items():
        place: str | None = entity_id if row["entity_kind"] in kpi.rules.entity_kinds else None
        while place is not None and place in found and place not in needed:
            needed.add(place)
            place = found[place]["parent_id"]
    return Entities({entity_id: row for entity_id, row in found.items() if entity_id in needed})


def values(
    kpi_id: str, grain: str, entities: Collection[Row], periods: Collection[date], reader: Reader
) -> dict[Place, Row]:
    """Actuals by entity and period."""
    params = {
        "kpi": kpi_id,
        "grain": grain,
        "kinds": {row["entity_kind"] for row in entities},
        "entities": {row["entity_id"] for row in entities},
        "periods": set(periods),
    }
    return {(row["entity_id"], row["period_start"]): row for row in reader.read(VALUES_SQL, params)}


@dataclass(frozen=True)
class Forecasts:
    """Forecasts by entity and period, and why there are none."""

    rows: dict[Place, Row]
    warning: dict[str, str] | None = None


def forecasts(kpi_id: str, grain: str, entity_ids: Collection[str], periods: Collection[date]) -> Forecasts:
    """Forecasts; a warehouse without kpi_forecast has none, and a warning says so."""
    params = {"kpi": kpi_id, "grain": grain, "entities": set(entity_ids), "periods": set(periods)}
    try:
        rows = Warehouse().read(FORECAST_SQL, params)
    except WarehouseContractBroken as error:
        return Forecasts({}, warning_of(error))
    return Forecasts({(row["entity_id"], row["period_start"]): row for row in rows})


def warning_of(error: KpiError) -> dict[str, str]:
    """An error as one of an answer's warnings."""
    return {"code": error.code, "message": translate(error.template, **error.values)}


def stored(kpi_id: str, grain: str, entity_ids: Iterable[str], periods: Collection[date]) -> dict[Place, Row]:
    """Targets with an open version, as plain values: ``draft`` and ``approved`` are dictionaries or None."""
    table, draft = Target.__table__, TargetVersion.__table__.alias("draft")
    approved = TargetVersion.__table__.alias("approved")
    names = ("id", *VERSION_FIELDS)
    columns = [table.c[name] for name in ("id", "entity_id", "period_start", "revision", "locked_at")]
    columns += [draft.c[name].label(f"d_{name}") for name in names]
    columns += [approved.c[name].label(f"a_{name}") for name in names]
    joined = table.outerjoin(draft, (draft.c.target_id == table.c.id) & (draft.c.state == DRAFT)).outerjoin(
        approved, (approved.c.target_id == table.c.id) & (approved.c.state == APPROVED)
    )
    wanted = sorted(set(entity_ids))
    found: dict[Place, Row] = {}
    for start in range(0, len(wanted), CHUNK):
        query = (
            sa.select(*columns)
            .select_from(joined)
            .where(table.c.kpi_id == kpi_id, table.c.grain == grain, table.c.period_start.in_(sorted(set(periods))))
            .where(table.c.entity_id.in_(wanted[start : start + CHUNK]))
            .where(sa.or_(draft.c.id.isnot(None), approved.c.id.isnot(None)))
        )
        for row in db.session.execute(query):
            found[row.entity_id, row.period_start] = _stored_row(row)
    return found


_COUNT = len(VERSION_FIELDS)


def _stored_row(row: Any) -> Row:
    """Cells are many: slices of the row instead of names."""
    plain = tuple(row)
    drafted, agreed = plain[5 : 6 + _COUNT], plain[6 + _COUNT :]
    draft = dict(zip(VERSION_FIELDS, drafted[1:], strict=True)) if drafted[0] is not None else None
    approved = dict(zip(VERSION_FIELDS, agreed[1:], strict=True)) if agreed[0] is not None else None
    state = (draft["stage"] or "draft") if draft else ("locked" if row.locked_at else "approved")
    return {
        "id": row.id,
        "etag": f"{row.id}-{row.revision}",
        "state": state,
        "is_locked": row.locked_at is not None,
        "draft": draft,
        "approved": approved,
    }


def target_of(cell: Row | None) -> Decimal | None:
    """What a stored target says at present."""
    return tree.effective(cell["draft"], cell["approved"]) if cell else None
