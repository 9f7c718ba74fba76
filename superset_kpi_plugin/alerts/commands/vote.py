"""Vote on an alert: whether its latest incident was worth telling."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.commands.attend import locked_alert
from superset_kpi_plugin.alerts.commands.validation import problem
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule, AlertVote
from superset_kpi_plugin.alerts.votes import VOTES
from superset_kpi_plugin.errors import Conflict, ValidationFailed

LONGEST_REASON = 500


def vote(instance_id: int, user: str, wanted: Any, reason: Any) -> tuple[AlertInstance, AlertRule]:
    """Record what a user says of an alert's latest incident; it replaces what the user said before.

    :raises NotFound: no such alert.
    :raises Conflict: the alert never fired.
    :raises ValidationFailed: neither ``useful`` nor ``noise``, or a reason that is no text of up to 500 characters.
    """
    problems = []
    if wanted not in VOTES:
        problems.append(problem("vote", "This must be one of: {allowed}.", allowed=", ".join(VOTES)))
    if reason is not None and not (isinstance(reason, str) and len(reason) <= LONGEST_REASON):
        problems.append(problem("reason", "This must be a text of at most {most} characters.", most=LONGEST_REASON))
    if problems:
        raise ValidationFailed(details={"errors": problems})
    with storage.transaction() as session:
        row, rule = locked_alert(session, instance_id)
        if not row.incident:
            raise Conflict("This alert has never fired, so there is nothing to vote on.", details={"state": row.state})
        session.execute(_mine(row, user))
        at = storage.to_database(storage.utc_now())
        text = (reason or "").strip() or None
        session.add(
            AlertVote(instance_id=row.id, incident=row.incident, user=user, vote=wanted, reason=text, voted_at=at)
        )
    return row, rule


def unvote(instance_id: int, user: str) -> tuple[AlertInstance, AlertRule]:
    """Take back what a user said of an alert's latest incident, if anything.

    :raises NotFound: no such alert.
    """
    with storage.transaction() as session:
        row, rule = locked_alert(session, instance_id)
        session.execute(_mine(row, user))
    return row, rule


def _mine(row: AlertInstance, user: str) -> Any:
    return delete(AlertVote).where(
        AlertVote.instance_id == row.id, AlertVote.incident == row.incident, AlertVote.user == user
    )
