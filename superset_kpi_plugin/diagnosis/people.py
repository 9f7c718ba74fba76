"""Step 3, owners: does somebody answer for each target, can they see it, did they accept it, do they react?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from superset.extensions import db

from superset_kpi_plugin.alerts import listing
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule, OutboxMessage
from superset_kpi_plugin.alerts.states import State
from superset_kpi_plugin.diagnosis import plan as targets
from superset_kpi_plugin.diagnosis.focus import Focus
from superset_kpi_plugin.diagnosis.plan import Plan
from superset_kpi_plugin.diagnosis.steps import OK, PROBLEM, SHOWN, WARNING, Check, Link
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.redaction import redact
from superset_kpi_plugin.targets import agreement

Row = dict[str, Any]
#: An alert that nobody acknowledged for so long, and a target that nobody accepted, are nobody's.
PATIENCE = timedelta(days=1)
FIRING = (State.FIRING.value,)


def checks(focus: Focus, plan: Plan, now: datetime, may_manage_scopes: bool) -> list[Check]:
    """The step's checks; ``now`` is UTC without a zone."""
    return [
        _ownerless(focus, plan),
        _blind(focus, plan, may_manage_scopes),
        _unaccepted(focus, plan, now),
        _unacknowledged(focus, now),
        _undelivered(focus, now),
    ]


def _found(focus: Focus, row: Row) -> Row:
    return targets.place_of(focus, row, row["message"], targets.to_targets(row["grain"], row["start"], focus))


def _ownerless(focus: Focus, plan: Plan) -> Check:
    items = [_found(focus, row) for row in plan.of("no_owner")]
    message = translate("Targets that nobody owns: {count}.", count=len(items))
    advice = translate("Name an owner: the checks of the targets page take over the entity's own with one click.")
    return Check("no_owner", PROBLEM if items else OK, message, advice, _first(items), items)


def _blind(focus: Focus, plan: Plan, may_manage_scopes: bool) -> Check:
    items = [_found(focus, row) for row in plan.of("owner_without_access")]
    message = translate("Targets whose owner has no user or no access to them: {count}.", count=len(items))
    advice = translate("Give the owner a user and a scope that reaches the target, or name another owner.")
    link = Link("scopes") if may_manage_scopes else _first(items)
    return Check("owner_without_access", PROBLEM if items else OK, message, advice, link, items)


def _unaccepted(focus: Focus, plan: Plan, now: datetime) -> Check:
    """What was put forward and not accepted for longer than a day."""
    waiting = []
    for cell in plan.cells:
        draft = cell["draft"]
        if draft and draft["stage"] in (agreement.PROPOSED, agreement.COUNTERED):
            since = _instant(draft["proposed_at"] or draft["changed_at"])
            if since is None or now - since >= PATIENCE:
                waiting.append((cell, since))
    items = [
        targets.place_of(
            focus,
            cell,
            translate("{owner}, since {day}", owner=said_owner(cell), day=since.date().isoformat() if since else "-"),
            targets.to_targets(cell["grain"], cell["period_start"], focus, status="draft"),
        )
        for cell, since in waiting
    ]
    message = translate("Targets that were put forward and not accepted for a day or more: {count}.", count=len(items))
    advice = translate("Remind the owner, or counter: a target that nobody accepted is nobody's.")
    return Check("unaccepted", WARNING if items else OK, message, advice, _first(items), items)


def said_owner(cell: Row) -> str:
    """Who owns a target; a dash where nobody does."""
    return targets.said(cell)["owner"] or "-"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None) if text else None


def _unacknowledged(focus: Focus, now: datetime) -> Check:
    """Firing alerts that nobody has acknowledged for a day."""
    where = listing.conditions(focus.reach, FIRING, focus.kpi_id, focus.below)
    where += [AlertInstance.acknowledged_at.is_(None), AlertInstance.firing_since <= now - PATIENCE]
    items, count = some(where), how_many(where)
    is_grave = how_many([*where, AlertRule.severity == "critical"]) > 0
    message = translate("Alerts that fire for a day or more and that nobody acknowledged: {count}.", count=count)
    advice = translate(
        "Acknowledge or assign them in the inbox; a rule's escalation can ask the next person by itself."
    )
    status = PROBLEM if is_grave else WARNING if items else OK
    return Check("unacknowledged", status, message, advice, Link("alerts"), items, count)


def how_many(where: list[Any]) -> int:
    """How many alerts meet the conditions: they may be thousands, of which a check names a few."""
    counted = select(func.count()).select_from(AlertInstance).join(AlertRule, AlertRule.id == AlertInstance.rule_id)
    return int(db.session.execute(counted.where(*where)).scalar_one())


def some(where: list[Any]) -> list[Row]:
    """As many of them as a check names, as items."""
    return [alert_item(row, rule) for row, rule in db.session.execute(listing.instances(where).limit(SHOWN))]


def alert_item(row: AlertInstance, rule: AlertRule) -> Row:
    """An alert as an item."""
    name = (row.kpi_name_zh if current_locale() == "zh" else None) or row.kpi_name_en or row.kpi_id
    rule_name = (rule.name_zh if current_locale() == "zh" else None) or rule.name
    since = row.firing_since or row.pending_since
    about = {"kpi_id": row.kpi_id, "entity_id": row.entity_id, "severity": rule.severity, "at": since}
    label = f"{name} · {row.entity_name or row.entity_id}"
    return {"label": label, "detail": rule_name, **about, "link": Link("alerts", {"state": "all", "id": row.id})}


def _undelivered(focus: Focus, now: datetime) -> Check:
    """Messages about alerts that were given up in the last two weeks, by channel and reason."""
    where = listing.conditions(focus.reach, (), focus.kpi_id, focus.below)
    wanted = (
        select(OutboxMessage.channel, OutboxMessage.last_error)
        .join(AlertInstance, AlertInstance.id == OutboxMessage.instance_id)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(OutboxMessage.state == "failed", OutboxMessage.created_at >= now - timedelta(days=14), *where)
    )
    counts: dict[tuple[str, str], int] = {}
    for channel, error in db.session.execute(wanted):
        place = (channel, redact(error) or "")
        counts[place] = counts.get(place, 0) + 1
    items = [
        {"label": channel, "detail": translate("{count} times: {reason}", count=count, reason=reason)}
        for (channel, reason), count in sorted(counts.items())
    ]
    message = translate("Messages that reached nobody in the last two weeks: {count}.", count=sum(counts.values()))
    advice = translate("Mend the channel or the owner's address in superset_config.py; the doctor checks both.")
    return Check("undelivered", WARNING if items else OK, message, advice, None, items, sum(counts.values()))


def _first(items: list[Row]) -> Link | None:
    return items[0]["link"] if items else None
