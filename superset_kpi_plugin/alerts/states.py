"""The life of an alert as a pure function: (rule, instance, observation) -> (instance, event).

The semantics are Alertmanager's and Prometheus's, carried over to KPIs:

* an alert fires only after its condition was seen to hold, unbroken, for the rule's for-duration;
* while the condition holds for that long, it cannot stay silent;
* it resolves once, and only on evidence: a decided value on the good side, for as long as ``keep_firing`` asks;
* no data, or data out of date, is never taken for good: it ends a wait, and leaves a firing alert firing;
* it resolves only once the value is better than the limit by the rule's hysteresis;
* an alert that fires again and again is one alert: it keeps firing until it was good for a long while;
* provisional data changes nothing;
* a clock that jumps backwards restarts a running wait, so nothing fires or resolves early because of it.

No framework and no I/O: whoever calls this stores the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum


class State(str, Enum):
    """Where an alert instance stands."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    STALE = "stale"


#: States in which somebody can take an alert in hand.
OPEN = (State.PENDING.value, State.FIRING.value)


class Status(str, Enum):
    """What was observed: kpi_status's own words, and ``stale`` where its latest target is out of date."""

    OK = "ok"
    WARN = "warn"
    BREACH = "breach"
    NO_DATA = "no_data"
    PROVISIONAL = "provisional"
    STALE = "stale"


class Condition(str, Enum):
    """From which status on a rule's condition holds."""

    WARN = "warn"
    BREACH = "breach"


class Event(str, Enum):
    """What happened to an instance. INHIBITED and RELEASED are not of its state: a parent's alert holds it back."""

    PENDING = "pending"
    FIRED = "fired"
    RESOLVED = "resolved"
    CLEARED = "cleared"
    NO_DATA = "no_data"
    STALE = "stale"
    WITHDRAWN = "withdrawn"
    INHIBITED = "inhibited"
    RELEASED = "released"


DECIDED = frozenset({Status.OK, Status.WARN, Status.BREACH})
HOLDS = {
    Condition.BREACH: frozenset({Status.BREACH}),
    Condition.WARN: frozenset({Status.WARN, Status.BREACH}),
}
# A resolved alert stays in sight this long before it counts as plain ok again.
RESOLVED_IS_SHOWN = timedelta(days=7)


@dataclass(frozen=True)
class Flapping:
    """An alert that fired ``firings`` times within ``window`` flaps: it then keeps firing until good for ``calm``."""

    firings: int = 3
    window: timedelta = timedelta(days=7)
    calm: timedelta = timedelta(days=2)


@dataclass(frozen=True)
class Rule:
    """The part of a rule that decides over states."""

    condition: Condition = Condition.BREACH
    for_duration: timedelta = timedelta(0)
    keep_firing: timedelta = timedelta(0)
    flaps: Flapping = Flapping()


@dataclass(frozen=True)
class Observation:
    """One entity's latest decided period as seen at ``observed_at`` (UTC).

    ``value`` and ``limit`` are in the KPI's own unit; ``period`` is the first day of the period. ``is_near`` says that
    the value is not better than the limit by the rule's hysteresis.
    """

    status: Status
    observed_at: datetime
    value: Decimal | None = None
    limit: Decimal | None = None
    period: date | None = None
    is_near: bool = False


@dataclass(frozen=True)
class Instance:
    """The state of one rule on one entity; all instants in UTC.

    ``incident`` counts how often it fired; ``clear_since`` is set while a firing alert waits out keep-firing;
    ``recent_firings`` holds the latest instants at which it fired, oldest first.
    """

    state: State = State.OK
    pending_since: datetime | None = None
    firing_since: datetime | None = None
    clear_since: datetime | None = None
    resolved_at: datetime | None = None
    incident: int = 0
    recent_firings: tuple[datetime, ...] = ()


def is_flapping(rule: Rule, instance: Instance, now: datetime) -> bool:
    """Whether the instance fired so often lately that its next recovery is not believed at once."""
    begin = now - rule.flaps.window
    return sum(begin < fired <= now for fired in instance.recent_firings) >= rule.flaps.firings


def effective_status(observation: Observation) -> Status:
    """The observation's status, where a decided status without a number counts as no data."""
    if observation.status in DECIDED and (observation.value is None or not math.isfinite(observation.value)):
        return Status.NO_DATA
    return observation.status


def step(rule: Rule, instance: Instance, observation: Observation) -> tuple[Instance, Event | None]:
    """The instance after the observation, and the event if its state changed."""
    status = effective_status(observation)
    now = observation.observed_at
    if status is Status.PROVISIONAL:
        return instance, None
    if status not in DECIDED:
        return _unknown(instance, status)
    if status in HOLDS[rule.condition]:
        return _bad(rule, instance, now)
    if observation.is_near and instance.state is State.FIRING:
        return replace(instance, clear_since=None), None
    return _good(rule, instance, now)


def withdraw(instance: Instance, now: datetime) -> tuple[Instance, Event | None]:
    """Somebody took the entity out of the rule, or switched the rule off: what was waiting or firing ends."""
    if instance.state is State.FIRING:
        return _resolved(instance, now), Event.WITHDRAWN
    if instance.state in (State.OK, State.RESOLVED):
        return instance, None
    return replace(instance, state=State.OK, pending_since=None), Event.WITHDRAWN


def _unknown(instance: Instance, status: Status) -> tuple[Instance, Event | None]:
    """No data or stale data: evidence of nothing, so it breaks every wait and ends no alert."""
    if instance.state is State.FIRING:
        return replace(instance, clear_since=None), None
    state, event = (State.NO_DATA, Event.NO_DATA) if status is Status.NO_DATA else (State.STALE, Event.STALE)
    return replace(instance, state=state, pending_since=None), event if instance.state is not state else None


def _bad(rule: Rule, instance: Instance, now: datetime) -> tuple[Instance, Event | None]:
    if instance.state is State.FIRING:
        return replace(instance, clear_since=None), None
    since = _earlier(instance.pending_since, now)
    if now - since >= rule.for_duration:
        fired = replace(
            instance,
            state=State.FIRING,
            pending_since=since,
            firing_since=now,
            clear_since=None,
            resolved_at=None,
            incident=instance.incident + 1,
            recent_firings=(*instance.recent_firings, now)[-rule.flaps.firings :],
        )
        return fired, Event.FIRED
    event = None if instance.state is State.PENDING else Event.PENDING
    return replace(instance, state=State.PENDING, pending_since=since), event


def _good(rule: Rule, instance: Instance, now: datetime) -> tuple[Instance, Event | None]:
    if instance.state is State.FIRING:
        since = _earlier(instance.clear_since, now)
        wait = max(rule.keep_firing, rule.flaps.calm) if is_flapping(rule, instance, now) else rule.keep_firing
        if now - since >= wait:
            return _resolved(instance, now), Event.RESOLVED
        return replace(instance, clear_since=since), None
    if instance.state is State.RESOLVED:
        shown = instance.resolved_at is not None and now - instance.resolved_at < RESOLVED_IS_SHOWN
        return (instance if shown else replace(instance, state=State.OK)), None
    event = None if instance.state is State.OK else Event.CLEARED
    return replace(instance, state=State.OK, pending_since=None), event


def _resolved(instance: Instance, now: datetime) -> Instance:
    return replace(instance, state=State.RESOLVED, pending_since=None, clear_since=None, resolved_at=now)


def _earlier(since: datetime | None, now: datetime) -> datetime:
    """When a wait began. A beginning in the future means that the clock went back: the wait starts again."""
    return now if since is None else min(since, now)
