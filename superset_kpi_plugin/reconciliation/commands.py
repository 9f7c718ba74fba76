"""Explain a difference, sign it off until a day, take a sign-off back; each with its entry in the audit trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.access.reach import Power, Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from superset_kpi_plugin.reconciliation import listing, standing
from superset_kpi_plugin.reconciliation.models import DifferenceRecord
from superset_kpi_plugin.targets.models import utc_now
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
#: A sign-off is looked at again at least once a year.
LONGEST = timedelta(days=366)


def explain(body: Row, actor: str, reach: Reach, warehouse: Warehouse) -> Row:
    """Say why there is a difference.

    :raises NotFound: there is no such difference within the reach.
    :raises Conflict: there is nothing to explain.
    """
    row = _difference(body["id"], "edit", reach, warehouse)
    return _record(row, standing.EXPLAINED, body, actor)


def sign(body: Row, actor: str, reach: Reach, warehouse: Warehouse) -> Row:
    """Accept a difference with the amounts that were seen, through the day ``ends_on``.

    :raises NotFound: there is no such difference within the reach.
    :raises Conflict: there is nothing to sign.
    :raises PreconditionFailed: the amounts are others by now.
    """
    row = _difference(body["id"], "approve", reach, warehouse)
    if not standing.same_amounts(row, body["difference"], body["absolute_difference"]):
        names = ("difference", "absolute_difference")
        theirs = {name: None if row[name] is None else str(row[name]) for name in names}
        raise PreconditionFailed(
            "Nothing was signed: the amounts have changed since. Look at the difference again.",
            details={"conflicts": [{"id": body["id"], "theirs": theirs}]},
        )
    return _record(row, standing.SIGNED, body, actor)


def withdraw(record_id: int, actor: str, reach: Reach) -> Row:
    """Take a sign-off or an explanation back; it stays in the difference's records.

    :raises NotFound: there is no such record within the reach.
    :raises Forbidden: the reach sees it, and may not sign.
    :raises Conflict: it was taken back before.
    """
    query = db.session.query(DifferenceRecord).filter_by(id=record_id).with_for_update()
    record = query.one_or_none()
    if record is None or not reach.covers("see", record.entity_id):
        raise NotFound("There is no sign-off {id}.", id=record_id)
    _refuse_outside(reach, "approve", record.entity_id)
    if record.withdrawn_at is not None:
        raise Conflict("This sign-off was taken back already.")
    record.withdrawn_by, record.withdrawn_at = actor, utc_now()
    db.session.flush()
    return _finish(record, actor, "withdraw sign-off")


def _difference(reconciliation_id: str, power: Power, reach: Reach, warehouse: Warehouse) -> Row:
    with warehouse.reading() as reader:
        row = listing.one(reconciliation_id, reach, reader)
    _refuse_outside(reach, power, row["entity_id"])
    if row["state"] not in standing.DIFFERENT:
        raise Conflict("There is no difference here that anybody has to answer for.")
    return row


def _refuse_outside(reach: Reach, power: Power, entity_id: str) -> None:
    if not reach.covers(power, entity_id):
        raise Forbidden("{entity} lies outside what you may change.", entity=entity_id)


def _record(row: Row, kind: str, body: Row, actor: str) -> Row:
    names = ("reconciliation_id", "entity_id", "state", "difference", "absolute_difference", "currency")
    record = DifferenceRecord(
        **{name: row[name] for name in names},
        kind=kind,
        reason_code=body["reason_code"],
        note=body["note"],
        ends_on=body.get("ends_on"),
        created_by=actor,
        created_at=utc_now(),
    )
    db.session.add(record)
    db.session.flush()
    return _finish(record, actor, "sign difference" if kind == standing.SIGNED else "explain difference")


def _finish(record: DifferenceRecord, actor: str, action: str) -> Row:
    shown = listing.present(record) or {}
    trail.record(actor, action, [{**shown, "reconciliation_id": record.reconciliation_id}])
    db.session.commit()
    return shown
