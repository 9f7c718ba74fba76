"""Which alerts and which of their events are asked for: the one place for the inbox, reports and the diagnosis."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case, select

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import State

#: What asks for attention first.
ORDER = (State.FIRING, State.PENDING, State.STALE, State.NO_DATA, State.RESOLVED, State.OK)


def conditions(
    reach: Reach, states: Iterable[str] = (), kpi_id: str | None = None, entity_ids: Collection[str] | None = None
) -> list[Any]:
    """Conditions on instances joined with their rules; those of deleted rules are history and not listed.

    ``entity_ids`` None is no limit beyond the reach.
    """
    found = [AlertRule.deleted_at.is_(None)]
    if reach.see is not None:
        found.append(AlertInstance.entity_id.in_(reach.see))
    if entity_ids is not None:
        found.append(AlertInstance.entity_id.in_(entity_ids))
    wanted = list(states)
    if wanted:
        found.append(AlertInstance.state.in_(wanted))
    if kpi_id:
        found.append(AlertInstance.kpi_id == kpi_id)
    return found


def instances(where: Iterable[Any]) -> Any:
    """(instance, rule), what asks for attention first."""
    rank = case({state.value: place for place, state in enumerate(ORDER)}, value=AlertInstance.state)
    wanted = select(AlertInstance, AlertRule).join(AlertRule, AlertRule.id == AlertInstance.rule_id)
    return wanted.where(*where).order_by(rank, AlertInstance.firing_since.desc(), AlertInstance.id)


def events(begin: datetime, end: datetime, where: Iterable[Any] = ()) -> Any:
    """(event, instance, rule) of what happened from ``begin`` to before ``end`` (UTC without a zone), oldest first."""
    return (
        select(AlertEvent, AlertInstance, AlertRule)
        .join(AlertInstance, AlertEvent.instance_id == AlertInstance.id)
        .join(AlertRule, AlertInstance.rule_id == AlertRule.id)
        .where(AlertEvent.happened_at >= begin, AlertEvent.happened_at < end, *where)
        .order_by(AlertEvent.happened_at, AlertEvent.id)
    )
