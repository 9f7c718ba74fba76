"""Create a silence, and end one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.commands.rules import SEVERITIES
from superset_kpi_plugin.alerts.commands.validation import problem
from superset_kpi_plugin.alerts.models import AlertRule, AlertSilence
from superset_kpi_plugin.errors import NotFound, ValidationFailed
from superset_kpi_plugin.inbound import is_id

MATCHERS = ("kpi_id", "entity_id", "rule_id", "severity")
LONGEST = timedelta(days=366)
LONGEST_REASON = 500


def create_silence(body: Mapping[str, Any], user: str, reach: Reach) -> AlertSilence:
    """Create a silence. Who doesn't see every entity may only silence one that is seen, with what is below it.

    :raises ValidationFailed: ``details.errors`` names every wrong field.
    """
    now = storage.utc_now()
    wanted = {name: body.get(name) for name in MATCHERS}
    starts, ends = _instant(body.get("starts_at")) or now, _instant(body.get("ends_at"))
    reason = body.get("reason")
    problems = _check_matchers(wanted, reach)
    if body.get("starts_at") is not None and _instant(body["starts_at"]) is None:
        problems.append(problem("starts_at", "This must be an instant such as 2026-11-01T08:00:00Z."))
    if ends is None:
        problems.append(problem("ends_at", "This must be an instant such as 2026-11-01T08:00:00Z."))
    elif not (max(starts, now) < ends <= starts + LONGEST):
        problems.append(problem("ends_at", "A silence ends after it starts, in the future, and within a year."))
    if not (isinstance(reason, str) and 0 < len(reason.strip()) <= LONGEST_REASON):
        problems.append(
            problem("reason", "A silence needs a reason of at most {most} characters.", most=LONGEST_REASON)
        )
    with storage.transaction() as session:
        rule_id = wanted["rule_id"]
        if is_id(rule_id):
            rule = session.get(AlertRule, rule_id)
            if rule is None or rule.deleted_at is not None:
                problems.append(problem("rule_id", "There is no alert rule {id}.", id=rule_id))
        if problems:
            raise ValidationFailed("Nothing was saved: some values can't be accepted.", details={"errors": problems})
        silence = AlertSilence(
            **wanted,
            starts_at=storage.to_database(starts),
            ends_at=storage.to_database(ends),
            reason=str(reason).strip(),
            created_by=user,
            created_at=storage.to_database(now),
        )
        session.add(silence)
    return silence


def end_silence(silence_id: int, user: str, reach: Reach) -> AlertSilence:
    """End a silence now; one that has ended stays as it is.

    :raises NotFound: no such silence, or one of an entity that may not be seen.
    """
    now = storage.to_database(storage.utc_now())
    with storage.transaction() as session:
        silence = session.get(AlertSilence, silence_id, with_for_update=True)
        if silence is None or not covers(reach, silence.entity_id):
            raise NotFound("There is no silence {id}.", id=silence_id)
        if silence.ends_at > now:
            silence.ends_at, silence.ended_by = now, user
    return silence


def covers(reach: Reach, entity_id: str | None) -> bool:
    """Whether a silence of the entity (None: of all) is the user's business."""
    return reach.see is None if entity_id is None else reach.covers("see", entity_id)


def _check_matchers(wanted: Mapping[str, Any], reach: Reach) -> list[dict[str, str]]:
    problems = []
    if all(value is None for value in wanted.values()):
        problems.append(problem("kpi_id", "A silence must name a KPI, an entity, a rule or a severity."))
    for name, most in (("kpi_id", 100), ("entity_id", 300)):
        if wanted[name] is not None and not (isinstance(wanted[name], str) and 0 < len(wanted[name]) <= most):
            problems.append(problem(name, "This must be a text."))
    if wanted["severity"] is not None and wanted["severity"] not in SEVERITIES:
        problems.append(problem("severity", "This must be one of: {allowed}.", allowed=", ".join(SEVERITIES)))
    rule_id = wanted["rule_id"]
    if rule_id is not None and not is_id(rule_id):
        problems.append(problem("rule_id", "There is no alert rule {id}.", id=rule_id))
    if not problems and not covers(reach, wanted["entity_id"]):
        problems.append(problem("entity_id", "You can only silence an entity that you may see."))
    return problems


def _instant(text: Any) -> datetime | None:
    """An ISO instant in UTC, or None; one without a zone is UTC."""
    try:
        found = datetime.fromisoformat(text)
        aware = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        return aware.astimezone(timezone.utc).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError):
        return None
