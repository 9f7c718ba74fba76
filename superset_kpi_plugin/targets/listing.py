"""The targets of a period beside their actuals: the metadata database's targets joined with the warehouse's status."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from superset.extensions import db

from superset_kpi_plugin.access.reach import EVERYTHING, Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets.agreement import state_of
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.models import APPROVED, DRAFT, Target, TargetVersion
from superset_kpi_plugin.targets.present import present_version, standing_of
from superset_kpi_plugin.targets.rules import Kpi
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
KIND_ORDER = (
    "company",
    "platform",
    "account",
    "category",
    "sku",
    "campaign",
    "ad_group",
    "team",
    "person",
)
STATUS_FIELDS = (
    "value",
    "attainment",
    "pace_share",
    "pace_attainment",
    "expected_value",
    "gap",
    "warn_limit",
    "breach_limit",
    "status",
    "covered_through",
    "is_settled",
)
STATUS_SQL = f"""
select kpi_id, entity_id, target_version, {", ".join(STATUS_FIELDS)}
from kpi.kpi_status
where grain = :grain and period_start = :period_start and kpi_id in :kpis and entity_id in :entities
"""  # noqa: S608 (built from constants; values are bound)
VALUES_SQL = """
select kpi_id, entity_id, value, covered_through, is_settled
from kpi.kpi_values
where grain = :grain and period_start = :period_start and kpi_id in :kpis and entity_kind in :kinds
    and entity_id in :entities
"""


@dataclass
class TargetList:
    """A page of targets, how many there are in all, how fresh the data is, and what could not be shown."""

    rows: list[Row]
    count: int
    freshness: Row | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Rights:
    """What the reader of a list may do: the reach by entity, and what the roles allow at all."""

    reach: Reach = EVERYTHING
    may_write: bool = False
    may_approve: bool = False

    def of(self, entity_id: str) -> dict[str, bool]:
        """``can_edit`` and ``can_approve`` for an entity's targets."""
        return {
            "can_edit": self.may_write and self.reach.covers("edit", entity_id),
            "can_approve": self.may_approve and self.reach.covers("approve", entity_id),
        }


def list_targets(
    filters: TargetFilters, page: tuple[int, int], locale: str, warehouse: Warehouse, rights: Rights
) -> TargetList:
    """The targets that ``filters`` name within the reader's reach, in the catalogue's order.

    A warehouse that doesn't answer costs status and names, not the list: the rows come with ``status`` null and a
    warning says why.
    """
    rows = rights.reach.seen(stored_targets(filters))
    try:
        with warehouse.reading() as reader:
            return _with_warehouse(rows, _Request(filters, page, locale, rights), reader)
    except KpiError as error:
        for row in rows:
            row.update(kpi_name=None, unit=None, direction=None, number_format=None)
            row.update(entity_name=None, account_name=None)
            row.update(status=None, published_version=None, **rights.of(row["entity_id"]))
        rows.sort(key=_order)
        warning = {"code": error.code, "message": translate(error.template, **error.values)}
        return TargetList(_page(rows, page), len(rows), warnings=[warning])


def stored_targets(filters: TargetFilters) -> list[Row]:
    """Targets with an open version, without anything from the warehouse."""
    draft, approved = aliased(TargetVersion), aliased(TargetVersion)
    query = (
        db.session.query(Target, draft, approved)
        .select_from(Target)
        .outerjoin(draft, and_(draft.target_id == Target.id, draft.state == DRAFT, filters.as_of is None))
        .outerjoin(approved, and_(approved.target_id == Target.id, _was_approved(approved, filters.as_of)))
        .filter(Target.grain == filters.grain, Target.period_start == filters.period_start)
        .filter(or_(draft.id.isnot(None), approved.id.isnot(None)))
    )
    for name in ("kpi_id", "entity_kind", "entity_id"):
        wanted = getattr(filters, name)
        if wanted:
            query = query.filter(getattr(Target, name) == wanted)
    return [_row(target, drafted, agreed) for target, drafted, agreed in query]


def _was_approved(version: Any, as_of: datetime | None) -> Any:
    """Whether a version is the approved one, now or at an instant."""
    if as_of is None:
        return version.state == APPROVED
    return and_(version.approved_at <= as_of, or_(version.closed_at.is_(None), version.closed_at > as_of))


def _row(target: Target, draft: TargetVersion | None, approved: TargetVersion | None) -> Row:
    return {
        "id": target.id,
        "etag": target.etag,
        "kpi_id": target.kpi_id,
        "entity_kind": target.entity_kind,
        "entity_id": target.entity_id,
        "grain": target.grain,
        "period_start": target.period_start,
        "state": state_of(standing_of(target, draft, approved)),
        "is_locked": target.locked_at is not None,
        "draft": present_version(draft),
        "approved": present_version(approved),
    }


@dataclass(frozen=True)
class _Request:
    filters: TargetFilters
    page: tuple[int, int]
    locale: str
    rights: Rights


def _with_warehouse(rows: list[Row], request: _Request, reader: Reader) -> TargetList:
    filters, page, locale, rights = request.filters, request.page, request.locale, request.rights
    kpis = queries.catalogue_by_id(reader)
    if filters.with_candidates:
        entities = {item["entity_id"]: item for item in queries.entities_of_kind(reader, str(filters.entity_kind))}
        rows = rows + rights.reach.seen(_candidates(rows, filters, kpis, entities))
        entities.update(queries.entities_by_id(reader, {row["entity_id"] for row in rows} - set(entities)))
    else:
        entities = queries.entities_by_id(reader, {row["entity_id"] for row in rows})
    for row in rows:
        _describe(row, kpis.get(row["kpi_id"]), entities.get(row["entity_id"]), locale)
    rows.sort(key=_order)
    shown = _page(rows, page)
    if filters.as_of is None:
        _add_status(shown, filters, reader)
    else:
        for row in shown:
            row.update(status=None, published_version=None)
    for row in shown:
        row.pop("display_order")
        row.update(rights.of(row["entity_id"]))
    return TargetList(shown, len(rows), queries.freshness_summary(queries.freshness(reader, rights.reach.see)))


def _candidates(rows: list[Row], filters: TargetFilters, kpis: dict[str, Row], entities: dict[str, Row]) -> list[Row]:
    """Rows without a target: every active entity of the kind, for every KPI that is measured per that kind."""
    taken = {(row["kpi_id"], row["entity_id"]) for row in rows}
    blank = {"id": None, "etag": None, "state": None, "is_locked": False, "draft": None, "approved": None}
    place = {"entity_kind": filters.entity_kind, "grain": filters.grain, "period_start": filters.period_start}
    return [
        {**blank, **place, "kpi_id": kpi_id, "entity_id": entity_id}
        for kpi_id, kpi in kpis.items()
        if filters.kpi_id in (None, kpi_id) and filters.entity_kind in Kpi.from_row(kpi).entity_kinds
        for entity_id, entity in entities.items()
        if (kpi_id, entity_id) not in taken and entity["is_active"] and filters.entity_id in (None, entity_id)
    ]


def _describe(row: Row, kpi: Row | None, entity: Row | None, locale: str) -> None:
    name = (kpi or {}).get("name_zh" if locale == "zh" else "name_en") or (kpi or {}).get("name_en")
    row.update(
        kpi_name=name,
        unit=(kpi or {}).get("unit"),
        direction=(kpi or {}).get("direction"),
        number_format=(kpi or {}).get("number_format"),
        display_order=(kpi or {}).get("display_order"),
        entity_name=(entity or {}).get("entity_name"),
        account_name=(entity or {}).get("account_name"),
    )


def _order(row: Row) -> tuple[Any, ...]:
    kind = row["entity_kind"]
    place = KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)
    order = row.get("display_order")
    return (order if order is not None else 10**6, row["kpi_id"], place, row["entity_name"] or "", row["entity_id"])


def _page(rows: list[Row], page: tuple[int, int]) -> list[Row]:
    number, size = page
    return rows[number * size : (number + 1) * size]


def _add_status(rows: list[Row], filters: TargetFilters, reader: Reader) -> None:
    """Fill in status and published version; what has no published target shows its value, and no status."""
    params: dict[str, Any] = {
        "grain": filters.grain,
        "period_start": filters.period_start,
        "kpis": {row["kpi_id"] for row in rows},
        "entities": {row["entity_id"] for row in rows},
    }
    published = {}
    if any(row["id"] is not None for row in rows):
        published = {(row["kpi_id"], row["entity_id"]): row for row in reader.read(STATUS_SQL, params)}
    bare = [row for row in rows if (row["kpi_id"], row["entity_id"]) not in published]
    values = {}
    if bare:
        params.update(
            entities={row["entity_id"] for row in bare},
            kinds={row["entity_kind"] for row in bare},
        )
        values = {(row["kpi_id"], row["entity_id"]): row for row in reader.read(VALUES_SQL, params)}
    for row in rows:
        key = (row["kpi_id"], row["entity_id"])
        found = published.get(key) or values.get(key)
        row["published_version"] = published[key]["target_version"] if key in published else None
        row["status"] = {name: found.get(name) for name in STATUS_FIELDS} if found else None
