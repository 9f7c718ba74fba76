"""What must hold of every history of an alert, and a judge who reads histories by himself.

The judge knows what was planted (`histories.Look`) and asks neither the observations nor the state machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from superset_kpi_plugin.alerts.notices import Notice
from superset_kpi_plugin.alerts.states import Event, Instance, State
from tests.plugin.alerts.histories import ESCALATION, History, Look, Moment, play

ZERO = timedelta(0)


@dataclass(frozen=True)
class Judged:
    """A moment with what the judge says of it, and the instance before it.

    ``means`` is bad, good, near (good, and no end of a firing alert), unknown or nothing. ``bad_for`` and ``good_for``
    say how long that was seen unbroken, up to and with the look; None where the look itself says something else.
    ``calm`` is how long it must be good to end: longer for what fired three times in a week.
    """

    moment: Moment
    before: Instance
    means: str
    bad_for: timedelta | None
    good_for: timedelta | None
    calm: timedelta


def meaning(history: History, look: Look) -> str:
    """What a look says: late, missing and impossible figures are unknown, provisional ones nothing."""
    if look.trouble == "provisional" and not history.watch.include_provisional:
        return "nothing"
    if look.trouble not in (None, "provisional"):
        return "unknown"
    if look.distance < 0 and -look.distance > history.margins.tolerance * 100:
        return "bad"
    return "near" if look.distance < history.margins.hysteresis * 100 else "good"


def judge(history: History) -> list[Judged]:
    """The played history, judged."""
    result, before = [], Instance()
    waits: dict[str, datetime] = {}
    firings: list[datetime] = []
    for moment in play(history):
        now, means = moment.look.at, meaning(history, moment.look)
        if means != "nothing":
            # Where the clock went back below a wait's beginning, the wait begins there.
            waits = {means: min(waits.get(means, now), now)}
        since = waits if means != "nothing" else {}
        lately = [at for at in firings[-3:] if now - timedelta(days=7) < at <= now]
        calm = max(history.rule.keep_firing, timedelta(days=2)) if len(lately) == 3 else history.rule.keep_firing
        lasted = {kind: now - begun for kind, begun in since.items()}
        result.append(Judged(moment, before, means, lasted.get("bad"), lasted.get("good"), calm))
        firings += [now] if moment.event is Event.FIRED else []
        before = moment.instance
    return result


def never_fires_without_its_for_duration(history: History, seen: list[Judged]) -> None:
    for one in seen:
        if one.moment.event is Event.FIRED:
            assert one.bad_for is not None, "it fired on what is no breach"
            assert one.bad_for >= history.rule.for_duration, "it fired before its time"


def never_silent_on_a_breach(history: History, seen: list[Judged]) -> None:
    for one in seen:
        if one.bad_for is None:
            continue
        if one.bad_for >= history.rule.for_duration:
            assert one.moment.instance.state is State.FIRING, "a breach is silent"
        else:
            assert one.moment.instance.state in (State.PENDING, State.FIRING), "a breach isn't waited for"


def fires_and_resolves_in_turn(history: History, seen: list[Judged]) -> None:
    told = [one.moment.event for one in seen if one.moment.event in (Event.FIRED, Event.RESOLVED)]
    assert all(first is not second for first, second in pairwise(told)), "it fired or resolved twice"
    assert Event.RESOLVED not in told[:1], "it resolved without having fired"


def resolves_on_evidence_that_lasted_and_then_at_once(history: History, seen: list[Judged]) -> None:
    for one in seen:
        has_lasted = one.good_for is not None and one.good_for >= one.calm
        if one.moment.event is Event.RESOLVED:
            assert has_lasted, "it resolved too early"
        elif one.before.state is State.FIRING:
            assert not has_lasted or one.means == "nothing", "it fires on although the trouble is over"
            assert one.moment.instance.state is State.FIRING, "it ended without resolving"


def no_data_is_never_ok_and_provisional_is_nothing(history: History, seen: list[Judged]) -> None:
    for one in seen:
        if one.means == "unknown":
            expected = State.STALE if one.moment.look.trouble == "late" else State.NO_DATA
            is_firing = one.before.state is State.FIRING
            assert one.moment.instance.state is (State.FIRING if is_firing else expected), "no data was taken for some"
        if one.means == "nothing":
            assert (one.moment.instance, one.moment.event) == (one.before, None), "provisional data changed something"


def the_state_agrees_with_its_instants(history: History, seen: list[Judged]) -> None:
    for instance in (one.moment.instance for one in seen):
        assert (instance.pending_since is not None) == (instance.state in (State.PENDING, State.FIRING))
        assert instance.clear_since is None or instance.state is State.FIRING
        assert instance.state is not State.FIRING or (instance.firing_since and not instance.resolved_at)
        assert instance.state is not State.RESOLVED or instance.resolved_at


def an_incident_is_told_once_and_never_forgotten(history: History, seen: list[Judged]) -> None:
    fired: list[int] = []
    for moment in (one.moment for one in seen):
        kinds = [notice for notice, _ in moment.found]
        is_firing = moment.instance.state is State.FIRING
        if Notice.FIRED in kinds:
            assert is_firing, "what doesn't fire is told"
            fired.append(moment.instance.incident)
        if is_firing and not moment.look.is_held:
            assert moment.told.incident == moment.instance.incident, "what fires and isn't held back was not told"
        if is_firing and moment.look.is_held:
            assert kinds == [], "what is held back was told"
        has_ended = moment.event is Event.RESOLVED and moment.instance.incident in fired
        assert (Notice.RESOLVED in kinds) == has_ended, "an end is told to those who heard of the beginning, only"
    assert len(fired) == len(set(fired)), "an incident was told twice"


def escalation_climbs_one_step_at_a_time(history: History, seen: list[Judged]) -> None:
    steps: dict[int, list[int]] = {}
    for moment in (one.moment for one in seen):
        for notice, number in moment.found:
            if notice is Notice.ESCALATED:
                assert not moment.look.is_acknowledged
                assert moment.told.at is not None
                assert moment.look.at - moment.told.at >= ESCALATION[number]
                steps.setdefault(moment.instance.incident, []).append(number)
    assert all(numbers == list(range(len(numbers))) for numbers in steps.values())


Property = Callable[[History, list[Judged]], None]
PROPERTIES: tuple[Property, ...] = (
    never_fires_without_its_for_duration,
    never_silent_on_a_breach,
    fires_and_resolves_in_turn,
    resolves_on_evidence_that_lasted_and_then_at_once,
    no_data_is_never_ok_and_provisional_is_nothing,
    the_state_agrees_with_its_instants,
    an_incident_is_told_once_and_never_forgotten,
    escalation_climbs_one_step_at_a_time,
)
#: What histories must come to for their proof to mean something.
HAPPENINGS: dict[str, Callable[[Judged], bool]] = {
    "fired": lambda one: one.moment.event is Event.FIRED,
    "fired after a wait": lambda one: one.moment.event is Event.FIRED and one.bad_for != ZERO,
    "resolved": lambda one: one.moment.event is Event.RESOLVED,
    "resolved after a wait": lambda one: one.moment.event is Event.RESOLVED and one.good_for != ZERO,
    "wait ended by a good value": lambda one: _was(one, State.PENDING) and one.means in ("good", "near"),
    "wait ended by no data": lambda one: _was(one, State.PENDING) and one.means == "unknown",
    "missing while firing": lambda one: _was(one, State.FIRING) and one.moment.look.trouble in ("missing", "no_data"),
    "NaN or infinite while firing": lambda one: (
        _was(one, State.FIRING) and one.moment.look.trouble in ("nan", "infinite")
    ),
    "late while firing": lambda one: _was(one, State.FIRING) and one.moment.look.trouble == "late",
    "provisional while firing": lambda one: _was(one, State.FIRING) and one.means == "nothing",
    "no data broke keep-firing": lambda one: one.before.clear_since is not None and one.means == "unknown",
    "held by keep-firing": lambda one: _was(one, State.FIRING) and one.good_for is not None and one.good_for < one.calm,
    "held by hysteresis": lambda one: _was(one, State.FIRING) and one.means == "near",
    "flapping held": lambda one: one.calm >= timedelta(days=2) and one.before.clear_since is not None,
    "flapping ended": lambda one: one.calm >= timedelta(days=2) and one.moment.event is Event.RESOLVED,
    "told late": lambda one: (Notice.FIRED, 0) in one.moment.found and one.moment.event is not Event.FIRED,
    "held back to its end": lambda one: one.moment.event is Event.RESOLVED and not one.moment.found,
    "escalated": lambda one: any(notice is Notice.ESCALATED for notice, _ in one.moment.found),
    "clock back while pending": lambda one: _was(one, State.PENDING) and _is_before(one, one.before.pending_since),
    "clock back while firing": lambda one: _was(one, State.FIRING) and _is_before(one, one.before.firing_since),
    "clock back in keep-firing": lambda one: _is_before(one, one.before.clear_since),
}


def _was(one: Judged, state: State) -> bool:
    return one.before.state is state


def _is_before(one: Judged, instant: datetime | None) -> bool:
    return instant is not None and one.moment.look.at < instant


def happenings(seen: list[Judged]) -> set[str]:
    """Which of the happenings a history came to."""
    found = {name for name, is_so in HAPPENINGS.items() if any(is_so(one) for one in seen)}
    for first, second in pairwise(seen):
        if first.moment.look.day == second.moment.look.day and {first.means, second.means} == {"bad", "good"}:
            found.add("restated to good" if second.means == "good" else "restated to bad")
    return found


RESTATED = ("restated to good", "restated to bad")


def check(history: History) -> set[str]:
    """Hold every property against the history; what it came to."""
    seen = judge(history)
    for holds in PROPERTIES:
        try:
            holds(history, seen)
        except Exception as error:
            error.add_note(f"{holds.__name__}, in this history:\n{history}")
            raise
    return happenings(seen)
