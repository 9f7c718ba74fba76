"""Scorecards of a period: from the published targets, or as they were when the period was closed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import BadRequest, Conflict
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.models import ScorecardPart, utc_now
from superset_kpi_plugin.targets.scorecard import CAP, FORMULA, capped, score, weight_of
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
OWNER, ENTITY = "owner", "entity"
PART_FIELDS = ("kpi_id", "entity_kind", "entity_id", "owner", "target_value", "value", "attainment", "weight", "status")
PARTS_SQL = f"""
select {", ".join(PART_FIELDS)}
from kpi.kpi_status
where grain = :grain and period_start = :start
order by kpi_id, entity_id
"""  # noqa: S608 (built from constants; values are bound)
COLUMNS: tuple[str, ...] = (
    "subject",
    "subject_name",
    "score",
    "covered",
    "kpi_name",
    "entity_name",
    "target_value",
    "value",
    "attainment",
    "counted",
    "weight",
    "status",
)


def scorecards(filters: TargetFilters, by: str, reach: Reach, warehouse: Warehouse) -> Row:
    """The cards of a period by owner or by entity, the best first.

    :raises BadRequest: ``by`` is neither.
    """
    if by not in (OWNER, ENTITY):
        raise BadRequest("The parameter by must be owner or entity.")
    closed = _closed(filters)
    with warehouse.reading() as reader:
        parts = closed or _open(filters, reader)
        wanted = [part for part in reach.seen(parts) if _is_wanted(part, filters)]
        kpis = queries.catalogue_by_id(reader)
        entities = queries.entities_by_id(reader, {part["entity_id"] for part in wanted})
        if by == OWNER:
            names = queries.people_by_id(reader, {part["owner"] for part in wanted if part["owner"]})
        else:
            names = {entity_id: row["entity_name"] for entity_id, row in entities.items()}
    cards: dict[str, list[Row]] = {}
    for part in wanted:
        subject = part["owner"] if by == OWNER else part["entity_id"]
        if subject:
            cards.setdefault(subject, []).append(_part(part, kpis, entities))
    made = [_card(subject, listed, names.get(subject)) for subject, listed in cards.items()]
    made.sort(key=lambda card: (card["score"] is None, -(card["score"] or 0), card["subject"]))
    info = {"closed_by": closed[0]["closed_by"], "closed_at": closed[0]["closed_at"]} if closed else None
    return {"result": made, "formula": FORMULA, "cap": CAP, "closed": info}


def close(filters: TargetFilters, actor: str, warehouse: Warehouse) -> int:
    """Keep the period's cards as they are now; returns of how many targets they are made.

    :raises Conflict: the period is closed, or nothing is published for it.
    """
    if _closed(filters):
        raise Conflict("This period is closed already.")
    with warehouse.reading() as reader:
        parts = _open(filters, reader)
    if not parts:
        raise Conflict("There is nothing to close: no target of this period is published.")
    said = {"grain": filters.grain, "period_start": filters.period_start, "closed_by": actor, "closed_at": utc_now()}
    storage.insert(ScorecardPart, [{**part, **said} for part in parts])
    about = {"grain": filters.grain, "period_start": filters.period_start, "targets": len(parts)}
    trail.record(actor, "close scorecards", [about])
    db.session.commit()
    return len(parts)


def file_rows(cards: list[Row]) -> list[Row]:
    """One line for each part of each card."""
    names = ("subject", "subject_name", "score", "covered")
    return [{**{name: card[name] for name in names}, **part} for card in cards for part in card["parts"]]


def _open(filters: TargetFilters, reader: Reader) -> list[Row]:
    return reader.read(PARTS_SQL, {"grain": filters.grain, "start": filters.period_start})


def _closed(filters: TargetFilters) -> list[Row]:
    table = ScorecardPart.__table__
    query = sa.select(table).where(table.c.grain == filters.grain, table.c.period_start == filters.period_start)
    return [dict(row._mapping) for row in db.session.execute(query.order_by(table.c.kpi_id, table.c.entity_id))]


def _is_wanted(part: Row, filters: TargetFilters) -> bool:
    named = ((filters.kpi_id, "kpi_id"), (filters.entity_kind, "entity_kind"), (filters.entity_id, "entity_id"))
    return all(wanted in (None, part[name]) for wanted, name in named)


def _part(part: Row, kpis: dict[str, Row], entities: dict[str, Row]) -> Row:
    kpi, entity = kpis.get(part["kpi_id"], {}), entities.get(part["entity_id"], {})
    chinese = kpi.get("name_zh") if current_locale() == "zh" else None
    return {
        **{name: part[name] for name in PART_FIELDS},
        "kpi_name": chinese or kpi.get("name_en") or part["kpi_id"],
        "entity_name": entity.get("entity_name") or part["entity_id"],
        "unit": kpi.get("unit"),
        "number_format": kpi.get("number_format"),
        "counted": capped(part["attainment"]),
        "weight": weight_of(part),
    }


def _card(subject: str, parts: list[Row], name: str | None) -> Row:
    found = score(parts)
    return {
        "subject": subject,
        "subject_name": name or subject,
        "score": found.score,
        "covered": found.covered,
        "parts": parts,
    }
