"""Random histories of one alert: what its entity's figures looked like each time that somebody evaluated it.

Figures come late, go missing, are no numbers, are provisional, restated and flap; evaluations come late, and their
clock jumps. A history is drawn from a ``random.Random``: one that its number seeds, or one that Hypothesis shrinks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.alerts.conditions import Watch
from superset_kpi_plugin.alerts.notices import Held, Notice, Told, notices
from superset_kpi_plugin.alerts.observations import Margins, observe, pure_condition
from superset_kpi_plugin.alerts.states import Event, Instance, Rule, step

START, FIRST_DAY = datetime(2026, 11, 1, 8, tzinfo=timezone.utc), date(2026, 10, 31)
LIMIT = Decimal(100)
ESCALATION = [timedelta(minutes=60), timedelta(minutes=240)]
#: What a look may find instead of a figure that counts, and in how many of a hundred looks of a history with such.
TROUBLES = {"missing": 5, "nan": 5, "infinite": 3, "no_data": 7, "late": 8, "provisional": 7}
#: How far a figure is on the good side of the limit, in its unit: at and around all margins' edges.
GOOD, BAD = (0, 3, 9, 10, 40), (-1, -5, -6, -40)


@dataclass(frozen=True)
class Look:
    """One evaluation at ``at``: of ``day``'s figure, so far on the ``distance``'s good side, or a trouble with it."""

    at: datetime
    day: date
    distance: int
    trouble: str | None
    held: Held
    is_acknowledged: bool

    @property
    def is_held(self) -> bool:
        """Whether nobody is to be told, as it was planted."""
        until = self.held.snoozed_until
        return bool(self.held.inhibited_by or self.held.silence_id or (until and until > self.at))


@dataclass(frozen=True)
class History:
    """A rule and the looks that were taken at one entity for it, in the order in which they were taken."""

    watch: Watch
    bad_side: int
    margins: Margins
    rule: Rule
    looks: tuple[Look, ...]

    def __str__(self) -> str:
        looks = [f"  {look.at:%d %b %H:%M} {look.trouble or ''} {look.distance:+} of {look.day}" for look in self.looks]
        return "\n".join([f"  {self.watch.condition} {self.rule} {self.margins}", *looks])


@dataclass(frozen=True)
class Moment:
    """What a look led to."""

    look: Look
    instance: Instance
    event: Event | None
    told: Told
    found: list[tuple[Notice, int]]


def numbered(number: int) -> History:
    """The history of that number, always the same."""
    return draw(random.Random(number))


def draw(chance: random.Random) -> History:
    """A history of up to forty looks: of a steady, a flapping or an erratic figure, with or without troubles."""
    watch = Watch("margin", "account", "day", chance.choice(["warn", "breach"]))
    if chance.random() < 0.2:
        watch = Watch(watch.kpi_id, watch.entity_kind, watch.grain, watch.condition, include_provisional=True)
    margins = Margins(Decimal(chance.choice(["0", "0.05"])), Decimal(chance.choice(["0", "0.1"])))
    minutes = chance.choice([0, 0, 15, 60, 600]), chance.choice([0, 0, 15, 60, 600])
    rule = Rule(pure_condition(watch), *(timedelta(minutes=number) for number in minutes))
    turns, pace = _turns(chance), chance.choice([30, 120, 600])
    troubled, jumps = chance.choice([0.0, 0.3, 1.0]), chance.choice([0.0, 0.1])
    at, day, is_bad, distance, looks = START, FIRST_DAY, False, GOOD[-1], []
    for _ in range(chance.randint(1, 40)):
        at += timedelta(minutes=_gap(chance, pace, jumps))
        day += timedelta(days=chance.choice([0, 0, 1]))  # the same day again: as it was, or restated
        turns = _turns(chance) if chance.random() < 0.07 else turns
        if chance.random() < turns:
            is_bad = not is_bad
            distance = chance.choice(BAD if is_bad else GOOD)
        held, is_acknowledged = _held(chance, at), chance.random() < 0.1
        looks.append(Look(at, day, distance, _trouble(chance, troubled), held, is_acknowledged))
    return History(watch, chance.choice([-1, 1]), margins, rule, tuple(looks))


def _turns(chance: random.Random) -> float:
    """How often a figure changes sides: steady, erratic, flapping."""
    return chance.choice([0.05, 0.4, 0.95])


def _gap(chance: random.Random, pace: int, jumps: float) -> int:
    """Minutes to the next look: at the history's pace, after days without any, or back by up to two days."""
    if chance.random() < jumps:
        return chance.randint(-2880, -1)
    return chance.randint(0, 9000 if chance.random() < 0.05 else pace)


def _trouble(chance: random.Random, share: float) -> str | None:
    pick = chance.random() * 100
    for trouble, weight in TROUBLES.items():
        pick -= weight * share
        if pick < 0:
            return trouble
    return None


def _held(chance: random.Random, at: datetime) -> Held:
    """What would hold the alert back if it fired."""
    pick = chance.random()
    if pick < 0.05:
        return Held(inhibited_by=1)
    if pick < 0.1:
        return Held(silence_id=1)
    return Held(snoozed_until=at + timedelta(minutes=chance.choice([0, 30]))) if pick < 0.15 else Held()


def row_of(history: History, look: Look) -> dict[str, Any]:
    """The row that a rule's statement gives for a look (see `superset_kpi_plugin.alerts.conditions.sql`)."""
    value: Decimal | None = LIMIT + history.bad_side * look.distance
    status = _status(history.watch.condition, look.distance)
    if look.trouble in ("missing", "no_data"):
        value = None
    elif look.trouble in ("nan", "infinite"):
        value = Decimal({"nan": "NaN", "infinite": "Infinity"}[look.trouble])
    if look.trouble in ("no_data", "provisional"):
        status = look.trouble
    return {
        "entity_id": "account:a",
        "status": status,
        "value": value,
        "limit_value": LIMIT,
        "bad_side": history.bad_side,
        "period_start": look.day,
        "period_end": look.day,
        "data_through": look.day + timedelta(days=2 if look.trouble == "late" else 1),
        "days_until_settled": 0,
    }


def _status(condition: str, distance: int) -> str:
    """kpi_status's word, where the limit is the one that the condition asks for."""
    if condition == "warn":
        return "breach" if distance < -20 else "warn" if distance < 0 else "ok"
    return "breach" if distance < 0 else "warn" if distance < 20 else "ok"


def play(history: History) -> list[Moment]:
    """The history as the plugin lives it.

    The observations take NaN for no number. The infinite goes past them, since the state machine trusts nobody there.
    """
    instance, told, moments = Instance(), Told(), []
    for look in history.looks:
        row = row_of(history, look)
        seen = observe(row, history.watch, history.margins, look.at).observation
        if look.trouble == "infinite":
            seen = replace(seen, value=row["value"])
        instance, event = step(history.rule, instance, seen)
        told, found = notices(
            instance, event, look.held, told, ESCALATION, look.at, is_acknowledged=look.is_acknowledged
        )
        moments.append(Moment(look, instance, event, told, found))
    return moments
