"""Define manual KPIs, enter their values, and publish both. Entering is all or nothing and audited."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date, datetime, timezone
from typing import Any

from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import Conflict, KpiError, NotFound, PreconditionFailed
from superset_kpi_plugin.etags import refuse_stale
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.manual import storage
from superset_kpi_plugin.manual.models import ManualEntry, ManualKpi, ManualValue
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_outside, refuse_too_many
from superset_kpi_plugin.targets.models import utc_now
from superset_kpi_plugin.targets.rules import Problem, first_day
from superset_kpi_plugin.warehouse import Warehouse

logger = logging.getLogger(__name__)
Row = dict[str, Any]
MANUAL = "manual"
DONE, FAILED = "done", "failed"


def publish(warehouse: Warehouse) -> Row:
    """Make kpi_manual_kpis and kpi_manual_values equal to what stands here: ``state`` done, or failed with ``error``.

    A failure undoes nothing; the next entry, or `superset kpi publish`, mends it.
    """

    def fresh(rows: Any) -> Any:
        def read() -> list[Row]:
            db.session.rollback()  # a new snapshot: another publisher may have been waited for
            return list(rows())

        return read

    try:
        warehouse.replace_manual(fresh(storage.published_kpis), fresh(storage.published_values))
    except KpiError as error:
        db.session.rollback()
        return {"state": FAILED, "error": translate(error.template, **error.values)}
    return {"state": DONE, "error": None}


def define(body: Row, actor: str, warehouse: Warehouse) -> ManualKpi:
    """A new manual KPI.

    :raises Conflict: there is one of that id.
    :raises ValidationFailed: a computed KPI has that id.
    """
    known = queries.catalogue_by_id(warehouse).get(body["kpi_id"])
    if body["kpi_id"] in storage.kpis():
        raise Conflict("There is a manual KPI {kpi} already.", kpi=body["kpi_id"])
    if known is not None and known["source"] != MANUAL:
        refuse([Problem(0, "kpi_id", "The KPI {kpi} is computed; choose another id.", {"kpi": body["kpi_id"]})])
    row = ManualKpi(**{"is_active": True, **body}, revision=1, created_by=actor, created_at=utc_now())
    row.name_zh = row.name_zh or row.name_en
    db.session.add(row)
    return _written(row, actor, "define manual KPI")


def change(kpi_id: str, body: Row, actor: str, given: str | None = None) -> ManualKpi:
    """Change a manual KPI, but for its id, unit and grain: values that are there would say something else.

    :param given: the KPI's etag as it was read; without it whatever is stored is changed.
    :raises NotFound: there is none of that id.
    :raises PreconditionFailed: the KPI changed since its etag was read.
    """
    row = db.session.query(ManualKpi).filter_by(kpi_id=kpi_id).with_for_update().one_or_none()
    if row is None:
        db.session.rollback()
        raise NotFound("There is no KPI {kpi}.", kpi=kpi_id)
    try:
        refuse_stale(given, storage.kpi_etag(row), body, {name: getattr(row, name) for name in body})
    except PreconditionFailed:
        db.session.rollback()  # lets go of the row
        raise
    for name, value in body.items():
        setattr(row, name, value)
    row.revision += 1
    return _written(row, actor, "change manual KPI")


def _written(row: ManualKpi, actor: str, action: str) -> ManualKpi:
    try:
        db.session.flush()
        said = {column.name: getattr(row, column.name) for column in ManualKpi.__table__.c}
        trail.record(actor, action, [said])
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict("There is a manual KPI {kpi} already.", kpi=row.kpi_id) from None
    return row


class EnterValues:
    """Enter or restate values, all or nothing. The same value with the same note again writes nothing.

    :param rows: checked by the schema: kpi_id, entity_id, period_start, value (None withdraws), note, perhaps etag.
    """

    def __init__(self, rows: list[Row], actor: str, warehouse: Warehouse, reach: Reach) -> None:
        self.rows = rows
        self.actor = actor
        self.warehouse = warehouse
        self.reach = reach
        self.entities: dict[str, Row] = {}
        self.kpis: dict[str, ManualKpi] = {}

    def validate(self) -> None:
        """What can be known before the values are locked.

        :raises ValidationFailed: with an error per row and field.
        :raises Forbidden: an entity can be seen, but not edited.
        """
        refuse_too_many(self.rows)
        found = queries.entities_by_id(self.warehouse, {row["entity_id"] for row in self.rows})
        self.entities = {key: row for key, row in found.items() if self.reach.covers("see", key)}
        self.kpis = storage.kpis()
        today = datetime.now(timezone.utc).date()
        seen = Counter(_key(row) for row in self.rows)
        problems: list[Problem] = []
        for index, row in enumerate(self.rows):
            problems += self._problems(index, row, today)
            if seen[_key(row)] > 1:
                problems.append(Problem(index, "entity_id", "This value stands in the request twice."))
        refuse(problems)
        refuse_outside(self.reach, "edit", [row["entity_id"] for row in self.rows])

    def _problems(self, index: int, row: Row, today: date) -> list[Problem]:
        kpi, entity = self.kpis.get(row["kpi_id"]), self.entities.get(row["entity_id"])
        problems = []
        if kpi is None or not kpi.is_active:
            problems.append(Problem(index, "kpi_id", "There is no manual KPI {kpi}.", {"kpi": row["kpi_id"]}))
        if entity is None:
            problems.append(Problem(index, "entity_id", "There is no entity {entity}.", {"entity": row["entity_id"]}))
        if kpi is not None and entity is not None and entity["entity_kind"] not in kpi.entity_kinds:
            values = {"kpi": kpi.kpi_id, "kind": entity["entity_kind"]}
            problems.append(Problem(index, "entity_id", "The KPI {kpi} is not measured per {kind}.", values))
        if kpi is not None and first_day(kpi.grain, row["period_start"]) != row["period_start"]:
            first = first_day(kpi.grain, row["period_start"]).isoformat()
            message = "Is not the first day of a {grain}; did you mean {first}?"
            problems.append(Problem(index, "period_start", message, {"grain": kpi.grain, "first": first}))
        if row["period_start"] > today:
            problems.append(Problem(index, "period_start", "This period has not begun."))
        return problems

    def run(self) -> list[Row]:
        """Enter them; the values as they stand now, in the order of the rows.

        :raises PreconditionFailed: somebody changed a value whose etag was given, or entered one at the same moment.
        """
        self.validate()
        try:
            held = self._held()
            self._refuse_conflicts(held)
            changed = [row for row in self.rows if _differs(row, held.get(_key(row)))]
            self._write(changed, held)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            raise PreconditionFailed() from None
        except BaseException:
            db.session.rollback()
            raise
        now = {_key(row): row for row in storage.values(keys=[_key(row) for row in self.rows])}
        return [now[_key(row)] for row in self.rows]

    def _held(self) -> dict[storage.Key, Row]:
        keys = {_key(row) for row in self.rows}
        return {_key(row): row for row in storage.values(keys=keys, is_locked=True) if _key(row) in keys}

    def _refuse_conflicts(self, held: dict[storage.Key, Row]) -> None:
        conflicts = []
        for index, row in enumerate(self.rows):
            current = held.get(_key(row))
            if "etag" in row and row["etag"] != (storage.etag(current) if current else None):
                yours = {name: row[name] for name in ("value", "note", "etag")}
                theirs = {name: current[name] for name in storage.ENTRY_FIELDS} if current else None
                conflicts.append({"index": index, "yours": yours, "theirs": theirs})
        if conflicts:
            raise PreconditionFailed(details={"conflicts": conflicts})

    def _write(self, changed: list[Row], held: dict[storage.Key, Row]) -> None:
        now = utc_now()
        said = []
        for row in changed:
            current = held.get(_key(row))
            entity = self.entities[row["entity_id"]]
            if current is None:
                place = {name: row[name] for name in ("kpi_id", "entity_id", "period_start")}
                value = ManualValue(**place, entity_kind=entity["entity_kind"], revision=1)
                db.session.add(value)
            else:
                value = db.session.get(ManualValue, current["id"])
                value.revision = current["revision"] + 1
            db.session.flush()
            is_money = self.kpis[row["kpi_id"]].unit == "money"
            entered = {"value": row["value"], "note": row["note"], "currency": entity["currency"] if is_money else None}
            who = {"entered_by": self.actor, "entered_at": now}
            db.session.add(ManualEntry(value_id=value.id, revision=value.revision, **entered, **who))
            before = current["value"] if current else None
            said.append({**dict(zip(("kpi_id", "entity_id", "period_start"), _key(row), strict=True)), **entered})
            said[-1].update(value_id=value.id, revision=value.revision, before=before)
        db.session.flush()
        if said:
            trail.record(self.actor, "enter values", said)


def _key(row: Row) -> storage.Key:
    return row["kpi_id"], row["entity_id"], row["period_start"]


def _differs(row: Row, current: Row | None) -> bool:
    return current is None or (row["value"], row["note"]) != (current["value"], current["note"])
