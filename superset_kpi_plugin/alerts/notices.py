"""Whom an alert's state is told to, as a pure function: (state, what holds it back, what was told) -> notices.

* An incident is told once. What holds it back (a firing parent, a snooze, a silence) delays it: when that ends and the
  alert still fires, it is told then. So nothing that still fires stays untold for good.
* An end is told to those who were told of the beginning, and only then.
* An incident that nobody acknowledges climbs the rule's escalation, one step after the other, each once.

No framework and no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from superset_kpi_plugin.alerts.states import Event, Instance, State


class Notice(str, Enum):
    """What a message says."""

    FIRED = "fired"
    RESOLVED = "resolved"
    ESCALATED = "escalated"


@dataclass(frozen=True)
class Held:
    """What holds a firing alert back: the id of the parent's alert, the end of the snooze, the id of a silence."""

    inhibited_by: int | None = None
    snoozed_until: datetime | None = None
    silence_id: int | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether nobody is to be told now."""
        is_snoozed = self.snoozed_until is not None and now < self.snoozed_until
        return self.inhibited_by is not None or self.silence_id is not None or is_snoozed


@dataclass(frozen=True)
class Told:
    """The latest incident that people were told of, when, and how many steps of escalation were taken since."""

    incident: int = 0
    at: datetime | None = None
    escalated: int = 0


def notices(  # noqa: PLR0917 (what happened, what holds it back, what was told)
    instance: Instance,
    event: Event | None,
    held: Held,
    told: Told,
    escalation: Sequence[timedelta],
    now: datetime,
    *,
    is_acknowledged: bool = False,
) -> tuple[Told, list[tuple[Notice, int]]]:
    """What was told after this evaluation, and the notices to send: (what, step of the escalation).

    ``escalation`` holds for each step how long after the first message it is due.
    """
    if event is Event.RESOLVED:
        return told, [(Notice.RESOLVED, 0)] if told.incident == instance.incident else []
    if instance.state is not State.FIRING or held.is_held(now):
        return told, []
    found: list[tuple[Notice, int]] = []
    if told.incident != instance.incident:
        told = Told(instance.incident, now)
        found.append((Notice.FIRED, 0))
    while (
        not is_acknowledged
        and told.at is not None
        and told.escalated < len(escalation)
        and now - told.at >= escalation[told.escalated]
    ):
        found.append((Notice.ESCALATED, told.escalated))
        told = replace(told, escalated=told.escalated + 1)
    return told, found
