"""Take an alert in hand: snooze it, so that nothing is told for a while, or assign it to somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import has_request_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import OPEN
from superset_kpi_plugin.alerts.visibility import visible_entities
from superset_kpi_plugin.errors import Conflict, NotFound, ValidationFailed

LONGEST_SNOOZE = 30 * 24 * 60


def snooze(instance_id: int, user: str, minutes: Any) -> tuple[AlertInstance, AlertRule]:
    """Tell nobody of a pending or firing alert for so many minutes; 0 ends the snooze.

    What still fires when the snooze ends, and was not told before, is told then.

    :raises NotFound: no such alert.
    :raises Conflict: the alert neither waits nor fires.
    :raises ValidationFailed: no whole number of minutes from 0 to 30 days.
    """
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= LONGEST_SNOOZE:
        raise ValidationFailed("Minutes must be a whole number from 0 to {most}.", most=LONGEST_SNOOZE)
    with storage.transaction() as session:
        row, rule = _open_alert(session, instance_id)
        now = storage.utc_now()
        row.snoozed_until = storage.to_database(now + timedelta(minutes=minutes)) if minutes else None
        row.snoozed_by = user if minutes else None
        values = storage.event_values(row, "snoozed" if minutes else "unsnoozed", storage.to_database(now), user)
        session.add(AlertEvent(**values))
    return row, rule


def assign(instance_id: int, user: str, assignee: Any) -> tuple[AlertInstance, AlertRule]:
    """Give a pending or firing alert to a Superset user who may see it; None gives it back to the KPI's owner.

    :raises NotFound: no such alert.
    :raises Conflict: the alert neither waits nor fires.
    :raises ValidationFailed: no such user, or one who may not see the alert.
    """
    with storage.transaction() as session:
        row, rule = _open_alert(session, instance_id)
        if assignee is not None and not (
            isinstance(assignee, str) and len(assignee) <= 64 and visible_entities(assignee, [row.entity_id])
        ):
            raise ValidationFailed("Nobody of this name may see the alert.")
        row.assignee = assignee
        at = storage.to_database(storage.utc_now())
        session.add(AlertEvent(**storage.event_values(row, "assigned", at, user, assignee)))
    return row, rule


def locked_alert(session: Session, instance_id: int) -> tuple[AlertInstance, AlertRule]:
    """An instance that the request's user may see, locked until the transaction ends, and its rule.

    :raises NotFound: no such alert, or one that the user may not see; which of both is not told.
    """
    found = session.execute(
        select(AlertInstance, AlertRule)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(AlertInstance.id == instance_id)
        .with_for_update(of=AlertInstance)
    ).one_or_none()
    # Without a request there is no user whose reach could bound it: a command line or a job asks.
    if found is None or (has_request_context() and not current_reach().covers("see", found[0].entity_id)):
        raise NotFound("There is no alert {id}.", id=instance_id)
    row, rule = found
    return row, rule


def _open_alert(session: Session, instance_id: int) -> tuple[AlertInstance, AlertRule]:
    row, rule = locked_alert(session, instance_id)
    if row.state not in OPEN:
        raise Conflict("This alert is not firing, so there is nothing to do about it.", details={"state": row.state})
    return row, rule
