"""Silences: which alerts nobody wants to be told of for a while, as Alertmanager has them.

A silence names any of a KPI, an entity (it and all below it), a rule and a severity; all that it names must match. What
still fires when it ends, and was not told before, is told then (see `notices`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule, AlertSilence

ACTIVE, PENDING, EXPIRED = STATES = ("active", "pending", "expired")


def state_of(silence: AlertSilence, now: datetime) -> str:
    """Whether a silence holds at ``now`` (aware, UTC), is over or is still to come."""
    at = now.replace(tzinfo=None)  # as the table keeps it
    if silence.ends_at <= at:
        return EXPIRED
    return ACTIVE if silence.starts_at <= at else PENDING


def active(session: Session, rule: AlertRule, now: datetime) -> list[AlertSilence]:
    """The silences that hold at ``now`` (aware) for some alerts of a rule, the one that ends last first."""
    at = storage.to_database(now)
    wanted = (
        select(AlertSilence)
        .where(
            AlertSilence.starts_at <= at,
            AlertSilence.ends_at > at,
            AlertSilence.kpi_id.is_(None) | (AlertSilence.kpi_id == rule.kpi_id),
            AlertSilence.rule_id.is_(None) | (AlertSilence.rule_id == rule.id),
            AlertSilence.severity.is_(None) | (AlertSilence.severity == rule.severity),
        )
        .order_by(AlertSilence.ends_at.desc(), AlertSilence.id)
    )
    return list(session.execute(wanted).scalars())


def uses_ancestors(silences: Iterable[AlertSilence]) -> bool:
    """Whether any silence asks where an entity belongs."""
    return any(silence.entity_id is not None for silence in silences)


def silenced_by(silences: Iterable[AlertSilence], row: AlertInstance, ancestors: Collection[str]) -> int | None:
    """The silence of a rule's active ones that covers an instance, or None."""
    places = {None, row.entity_id, *ancestors}
    return next((silence.id for silence in silences if silence.entity_id in places), None)
