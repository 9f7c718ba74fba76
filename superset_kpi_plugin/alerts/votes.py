"""What people said of alerts, counted: by instance for the inbox, by rule as its measured precision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts.models import AlertInstance, AlertVote

USEFUL, NOISE = VOTES = ("useful", "noise")
SHARE_STEP = Decimal("0.0001")


def of_instances(session: Session, rows: Sequence[AlertInstance], user: str) -> dict[int, dict[str, Any]]:
    """For each instance the votes on its latest incident: useful, noise, and the user's own with its reason."""
    found: dict[int, dict[str, Any]] = {row.id: {USEFUL: 0, NOISE: 0, "mine": None, "my_reason": None} for row in rows}
    incidents = {row.id: row.incident for row in rows}
    wanted = select(AlertVote).where(AlertVote.instance_id.in_(incidents))
    for cast in session.execute(wanted).scalars():
        if cast.incident != incidents[cast.instance_id]:
            continue
        entry = found[cast.instance_id]
        entry[cast.vote] += 1
        if cast.user == user:
            entry["mine"], entry["my_reason"] = cast.vote, cast.reason
    return found


def of_rules(
    session: Session, rule_id: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> dict[int, dict[str, Any]]:
    """For each rule that was voted on, all its incidents' votes (see `measured`), cast in [since, until)."""
    wanted = (
        select(AlertInstance.rule_id, AlertVote.vote, func.count())
        .join(AlertInstance, AlertInstance.id == AlertVote.instance_id)
        .group_by(AlertInstance.rule_id, AlertVote.vote)
    )
    if rule_id is not None:
        wanted = wanted.where(AlertInstance.rule_id == rule_id)
    if since is not None:
        wanted = wanted.where(AlertVote.voted_at >= since)
    if until is not None:
        wanted = wanted.where(AlertVote.voted_at < until)
    counts: dict[int, dict[str, int]] = {}
    for number, vote, count in session.execute(wanted):
        counts.setdefault(number, {})[vote] = int(count)
    return {number: measured(**found) for number, found in counts.items()}


def measured(useful: int = 0, noise: int = 0) -> dict[str, Any]:
    """Votes with the precision that they measure: useful of all ``n``; None without votes."""
    n = useful + noise
    share = (Decimal(useful) / n).quantize(SHARE_STEP) if n else None
    return {USEFUL: useful, NOISE: noise, "n": n, "precision": share}


def noisiest_first(rule: dict[str, Any]) -> tuple[int, Decimal, str]:
    """Order of rules: most votes for noise, then the least precise, then by name."""
    votes = rule["votes"]
    precision = votes["precision"]
    return -votes[NOISE], Decimal(2) if precision is None else precision, rule["name"]
