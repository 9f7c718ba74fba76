"""Reads the manual KPIs' tables, and says what of them is to be published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timezone
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.manual.models import ManualEntry, ManualKpi, ManualValue

Row = dict[str, Any]
Key = tuple[str, str, date]
#: d3 format of a value, by unit.
FORMATS = {"money": "$,.0f", "count": ",.0f", "ratio": ".1%", "days": ",.1f", "hours": ",.1f", "score": ",.1f"}
FORMATS |= {"rank": ",.0f"}
ENTRY_FIELDS = ("value", "currency", "note", "entered_by", "entered_at")


def kpis() -> dict[str, ManualKpi]:
    """The manual KPIs by id."""
    return {row.kpi_id: row for row in db.session.query(ManualKpi).order_by(ManualKpi.kpi_id)}


def values(
    kpi_id: str | None = None,
    period_start: date | None = None,
    entity_id: str | None = None,
    keys: Collection[Key] | None = None,
    is_locked: bool = False,
) -> list[Row]:
    """Entered values as they stand, withdrawn ones included, in the order of their keys."""
    value, entry = ManualValue.__table__, ManualEntry.__table__
    query = (
        sa.select(*value.c, *(entry.c[name] for name in ENTRY_FIELDS), ManualKpi.grain)
        .select_from(value)
        .join(entry, (entry.c.value_id == value.c.id) & (entry.c.revision == value.c.revision))
        .join(ManualKpi, ManualKpi.kpi_id == value.c.kpi_id)
        .order_by(value.c.kpi_id, value.c.period_start, value.c.entity_id)
    )
    for column, wanted in (("kpi_id", kpi_id), ("period_start", period_start), ("entity_id", entity_id)):
        if wanted is not None:
            query = query.where(value.c[column] == wanted)
    if keys is not None:
        query = query.where(
            value.c.kpi_id.in_({key[0] for key in keys}),
            value.c.entity_id.in_({key[1] for key in keys}),
            value.c.period_start.in_({key[2] for key in keys}),
        )
    if is_locked:
        query = query.with_for_update(of=value)
    return [dict(row._mapping) for row in db.session.execute(query)]


def published_kpis() -> list[Row]:
    """Active KPIs as rows of kpi_manual_kpis."""
    names = ("kpi_id", "name_en", "name_zh", "unit", "direction", "is_additive", "grain", "owner")
    now = datetime.now(timezone.utc)
    return [
        {
            **{name: getattr(row, name) for name in names},
            "description_en": row.description_en or "",
            "description_zh": row.description_zh or row.description_en or "",
            "entity_kinds": ",".join(row.entity_kinds),
            "number_format": FORMATS[row.unit],
            "published_at": now,
        }
        for row in kpis().values()
        if row.is_active
    ]


def published_values() -> list[Row]:
    """The values of active KPIs as rows of kpi_manual_values; what is withdrawn is none."""
    active = {row.kpi_id for row in kpis().values() if row.is_active}
    names = ("kpi_id", "entity_kind", "entity_id", "grain", "period_start", "value", "currency", "note", "entered_by")
    return [
        {**{name: row[name] for name in names}, "entered_at": row["entered_at"].replace(tzinfo=timezone.utc)}
        for row in values()
        if row["kpi_id"] in active and row["value"] is not None
    ]


def kpi_etag(row: ManualKpi) -> str:
    """Of a definition."""
    return f"{row.kpi_id}-{row.revision}"


def etag(row: Row) -> str:
    """Of an entered value."""
    return f"{row['id']}-{row['revision']}"
