"""What waits for a person: drafts to propose, accept and approve, alerts to acknowledge. Metadata database only."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func, select
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts import presentation
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import State
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.home.people import Person
from superset_kpi_plugin.targets import agreement
from superset_kpi_plugin.targets.agreement import Standing
from superset_kpi_plugin.targets.listing import Rights
from superset_kpi_plugin.targets.models import APPROVED, DRAFT, Target, TargetVersion

Row = dict[str, Any]
OPEN = (State.FIRING.value, State.PENDING.value)
MOST_ALERTS = 5
#: Stands for the reason that is asked for only when the step is taken.
SOME_REASON = "-"


def of_targets(person: Person, rights: Rights) -> list[Row]:
    """How many drafts the person can propose, accept and approve, and the period to open for each.

    To propose are the drafts that the person wrote or owns; to accept, what was put forward to the person: the own
    targets, and what was countered; to approve, what others agreed on.
    """
    if not (rights.may_write or rights.may_approve):
        return []
    found: dict[str, list[Any]] = {"propose": [], "accept": [], "approve": []}
    for row in _drafts(person.username, rights.reach):
        step = _step(row, person, rights)
        if step:
            found[step].append(row)
    return [{"kind": step, "count": len(rows), **_place(rows)} for step, rows in found.items() if rows]


def _drafts(username: str, reach: Reach) -> list[Any]:
    """The open drafts in sight, the latest first; ``has_proposed`` where the user once put the target forward."""
    target, draft = Target.__table__, TargetVersion.__table__.alias("draft")
    approved = TargetVersion.__table__.alias("approved")
    earlier = TargetVersion.__table__.alias("earlier")
    has_proposed = sa.exists().where(earlier.c.target_id == target.c.id, earlier.c.proposed_by == username)
    names = ("stage", "owner", "reason", "changed_by", "proposed_by", "accepted_by")
    query = (
        sa.select(
            *(target.c[name] for name in ("entity_id", "grain", "period_start", "locked_at")),
            *(draft.c[name] for name in names),
            approved.c.id.label("approved_id"),
            has_proposed.label("has_proposed"),
        )
        .select_from(
            target.join(draft, sa.and_(draft.c.target_id == target.c.id, draft.c.state == DRAFT)).outerjoin(
                approved, sa.and_(approved.c.target_id == target.c.id, approved.c.state == APPROVED)
            )
        )
        .order_by(target.c.period_start.desc(), target.c.id)
    )
    if reach.see is not None:
        query = query.where(target.c.entity_id.in_(reach.see))
    return list(db.session.execute(query))


def _step(row: Any, person: Person, rights: Rights) -> str | None:
    """The one step that waits for the person; None where it is somebody else's turn."""
    may = rights.of(row.entity_id)
    four_eyes = bool(setting("KPI_FOUR_EYES"))
    standing = Standing(
        stage=row.stage or agreement.DRAFT,
        has_approved=row.approved_id is not None,
        is_locked=row.locked_at is not None,
        changed_by=row.changed_by,
        proposed_by=row.proposed_by,
        accepted_by=row.accepted_by,
        reason=row.reason,
    )

    def can(step: str) -> bool:
        return agreement.refusal(step, standing, person.username, SOME_REASON, four_eyes) is None

    is_mine = row.owner in person.names
    if may["can_approve"] and standing.stage in (agreement.PROPOSED, agreement.ACCEPTED) and can("approve"):
        return "approve"
    if not may["can_edit"]:
        return None
    if standing.stage in (agreement.PROPOSED, agreement.COUNTERED) and can("accept"):
        is_answer = standing.stage == agreement.COUNTERED and row.has_proposed
        return "accept" if is_mine or is_answer else None
    if standing.stage == agreement.DRAFT and can("propose"):
        return "propose" if is_mine or row.changed_by == person.username else None
    return None


def _place(rows: list[Any]) -> Row:
    """The period with most of the rows, the latest of several."""
    counts: dict[tuple[str, Any], int] = {}
    for row in rows:
        counts[row.grain, row.period_start] = counts.get((row.grain, row.period_start), 0) + 1
    grain, start = max(counts, key=lambda place: (counts[place], place[1]))
    return {"grain": grain, "period_start": start}


def alerts(edition: str, person: Person, accounts: set[str], reach: Reach, locale: str) -> Row:
    """Open alerts, what asks for attention first: the own ones; for the boss all that may be seen; for an owner of
    accounts also those of the accounts."""
    conditions = [AlertRule.deleted_at.is_(None), AlertInstance.state.in_(OPEN)]
    if reach.see is not None:
        conditions.append(AlertInstance.entity_id.in_(reach.see))
    mine = [AlertInstance.owner.in_(person.names), AlertInstance.assignee == person.username]
    if edition == "owner":
        mine.append(AlertInstance.account_id.in_(accounts))
    if edition != "boss":
        conditions.append(sa.or_(*mine))
    joined = select(AlertInstance, AlertRule).join(AlertRule, AlertRule.id == AlertInstance.rule_id).where(*conditions)
    state = case({name: place for place, name in enumerate(OPEN)}, value=AlertInstance.state)
    severity = case({"critical": 0, "warning": 1, "info": 2}, value=AlertRule.severity, else_=3)
    first = joined.order_by(state, severity, AlertInstance.firing_since.desc(), AlertInstance.id).limit(MOST_ALERTS)
    counted = (
        select(
            func.count(),
            func.count(case((AlertInstance.acknowledged_at.is_(None), AlertInstance.id))),
        )
        .select_from(AlertInstance)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(*conditions)
    )
    count, waiting = db.session.execute(counted).one()
    rows = [presentation.instance_json(row, rule, locale) for row, rule in db.session.execute(first)]
    return {"result": rows, "count": count, "unacknowledged": waiting}
