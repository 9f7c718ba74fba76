"""Replays the state machine over what was measured: each day sees the latest period that was decided by then.

A period is decided once it is over and settled (``days_until_settled``), so a replay says what a rule would have done
at the end of its periods; within a running period it may fire earlier. Values are those that stand today, restatements
included. Pure: rows in, firings out; days are the marketplace's, a day's evaluation is at its noon UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Watch
from superset_kpi_plugin.alerts.observations import Margins, observe, pure_condition
from superset_kpi_plugin.alerts.states import HOLDS, Event, Instance, Observation, Rule, State, Status, step, withdraw

DAY = timedelta(days=1)
#: A firing that ended within so many days was hardly worth telling: the estimate of noise.
SHORT_DAYS = 2
InSeason = Callable[[Mapping[str, Any], date], bool]


@dataclass(frozen=True)
class Firing:
    """One incident of one entity; ``resolved_on`` None: it still fired at the end of the span. ``row`` is the
    statement's row of the period that made it fire."""

    entity_id: str
    fired_on: date
    resolved_on: date | None
    days: int
    row: Mapping[str, Any]

    @property
    def is_short(self) -> bool:
        """Whether it ended by itself within `SHORT_DAYS`."""
        return self.resolved_on is not None and self.days <= SHORT_DAYS


def by_entity(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The statement's rows by entity, oldest period first, without those that are not decided today."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["status"] != Status.PROVISIONAL.value and row["period_end"] is not None:
            found.setdefault(row["entity_id"], []).append(row)
    for listed in found.values():
        listed.sort(key=lambda row: row["period_start"])
    return found


def replay(  # noqa: PLR0917 (what was measured, and the rule in its parts)
    series: Mapping[str, Sequence[Mapping[str, Any]]],
    watch: Watch,
    rule: Rule,
    margins: Margins,
    span: tuple[date, date],
    in_season: InSeason | None = None,
) -> list[Firing]:
    """Every firing from the first day of ``span`` to its last, oldest first."""
    holds = HOLDS[pure_condition(watch)]
    found: list[Firing] = []
    for entity_id, rows in series.items():
        if any(Status(row["status"]) in holds for row in rows):  # what never was bad can't fire
            found += _of_entity(entity_id, rows, watch, rule, margins, span, in_season)
    return sorted(found, key=lambda firing: (firing.fired_on, firing.entity_id))


def decided_on(row: Mapping[str, Any]) -> date:
    """The first day on which a period is over and settled."""
    settled: date = row["period_end"] + timedelta(days=1 + int(row["days_until_settled"] or 0))
    return settled


def _of_entity(  # noqa: PLR0917 (one entity's part of `replay`)
    entity_id: str,
    rows: Sequence[Mapping[str, Any]],
    watch: Watch,
    rule: Rule,
    margins: Margins,
    span: tuple[date, date],
    in_season: InSeason | None,
) -> Iterator[Firing]:
    instance, begun, place = Instance(), None, -1
    day, last = span
    while day <= last:
        while place + 1 < len(rows) and decided_on(rows[place + 1]) <= day:
            place += 1
        if place >= 0:
            row = rows[place]
            at = datetime.combine(day, time(12), timezone.utc)
            if in_season is not None and not in_season(row, day):
                instance, event = withdraw(instance, at)
            else:
                instance, event = step(rule, instance, _seen(row, watch, margins, at))
            if event is Event.FIRED:
                begun = (day, row)
            elif begun is not None and instance.state is not State.FIRING:
                yield Firing(entity_id, begun[0], day, (day - begun[0]).days, begun[1])
                begun = None
        day += DAY
    if begun is not None:
        yield Firing(entity_id, begun[0], None, (last - begun[0]).days + 1, begun[1])


def _seen(row: Mapping[str, Any], watch: Watch, margins: Margins, at: datetime) -> Observation:
    """The row as it was seen that day: the newest day of any feed was the day before."""
    return observe({**row, "data_through": at.date() - DAY}, watch, margins, at).observation


def watched_days(
    series: Mapping[str, Sequence[Mapping[str, Any]]], grain: str, span: tuple[date, date]
) -> dict[str, int]:
    """Entity -> on how many days of the span it had a decided value that was not out of date; none is left out."""
    found: dict[str, int] = {}
    for entity_id, rows in series.items():
        known: set[date] = set()
        for row in rows:
            first = decided_on(row)
            days = GRAIN_DAYS[grain] if row["status"] not in (Status.NO_DATA.value, Status.STALE.value) else 0
            known |= {first + number * DAY for number in range(days + 1) if days}
        within = sum(span[0] <= day <= span[1] for day in known)
        if within:
            found[entity_id] = within
    return found


def lead_days(firings: Iterable[Firing], harder: Mapping[str, Sequence[date]]) -> list[int]:
    """For each firing that a harder limit's breach followed while it lasted: how many days before it fired."""
    found = []
    for firing in firings:
        later = [
            day
            for day in harder.get(firing.entity_id, ())
            if firing.fired_on <= day and (firing.resolved_on is None or day <= firing.resolved_on)
        ]
        if later:
            found.append((min(later) - firing.fired_on).days)
    return found


def median(numbers: Sequence[int]) -> Decimal | None:
    """The middle number; None of none."""
    listed = sorted(numbers)
    if not listed:
        return None
    middle = len(listed) // 2
    return Decimal(listed[middle]) if len(listed) % 2 else Decimal(listed[middle - 1] + listed[middle]) / 2
