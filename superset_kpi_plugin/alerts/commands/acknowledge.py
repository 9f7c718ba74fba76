"""Acknowledge an alert (somebody has seen it and says so), or say something about it."""

from __future__ import annotations

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.commands.attend import locked_alert
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import OPEN
from superset_kpi_plugin.errors import Conflict, ValidationFailed
from superset_kpi_plugin.locale import translate

LONGEST_COMMENT = 2000


def acknowledge(instance_id: int, user: str, comment: str | None) -> tuple[AlertInstance, AlertRule]:
    """Record who saw a pending or firing alert, with a comment; the last one who acknowledges stands.

    :raises NotFound: no such alert.
    :raises Conflict: the alert neither waits nor fires, so there is nothing to acknowledge.
    :raises ValidationFailed: the comment is no text, or too long.
    """
    text = _checked(comment)
    with storage.transaction() as session:
        row, rule = locked_alert(session, instance_id)
        if row.state not in OPEN:
            raise Conflict(
                "This alert is not firing, so there is nothing to acknowledge.", details={"state": row.state}
            )
        row.acknowledged_by, row.acknowledged_at = user, storage.to_database(storage.utc_now())
        row.comment = text
        session.add(AlertEvent(**storage.event_values(row, "acknowledged", row.acknowledged_at, user, text)))
    return row, rule


def comment(instance_id: int, user: str, text: str | None) -> tuple[AlertInstance, AlertRule]:
    """Add a comment to an alert's thread, in whatever state it is.

    :raises NotFound: no such alert.
    :raises ValidationFailed: the comment is no text, empty, or too long.
    """
    checked = _checked(text)
    if checked is None:
        raise ValidationFailed(details={"errors": [{"field": "comment", "message": translate("This is required.")}]})
    with storage.transaction() as session:
        row, rule = locked_alert(session, instance_id)
        at = storage.to_database(storage.utc_now())
        session.add(AlertEvent(**storage.event_values(row, "commented", at, user, checked)))
    return row, rule


def _checked(comment: str | None) -> str | None:
    if comment is None:
        return None
    if not isinstance(comment, str) or len(comment) > LONGEST_COMMENT:
        message = translate("A comment is a text of at most {most} characters.", most=LONGEST_COMMENT)
        raise ValidationFailed(details={"errors": [{"field": "comment", "message": message}]})
    return comment.strip() or None
