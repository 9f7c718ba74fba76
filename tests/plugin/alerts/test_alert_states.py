"""The alert's state machine: worked examples, then properties over thousands of random histories.

KPI_HISTORIES=all takes a hundred thousand histories for each property.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superset_kpi_plugin.alerts.states import (
    RESOLVED_IS_SHOWN,
    Condition,
    Event,
    Instance,
    Observation,
    Rule,
    State,
    Status,
    step,
    withdraw,
)

START = datetime(2026, 11, 1, 8, 0, tzinfo=timezone.utc)


def at(minutes: float, status: str, value: str | None = "1") -> Observation:
    number = None if value is None else Decimal(value)
    return Observation(Status(status), START + timedelta(minutes=minutes), number)


def play(rule: Rule, history: list[Observation], instance: Instance | None = None):
    """All instances and events of a history, in order."""
    current = instance or Instance()
    trace = []
    for observation in history:
        current, event = step(rule, current, observation)
        trace.append((current, event))
    return trace


def events(rule: Rule, history: list[Observation]) -> list[Event]:
    return [event for _, event in play(rule, history) if event]


def rule(condition: str = "breach", for_minutes: int = 0, keep: int = 0) -> Rule:
    return Rule(Condition(condition), timedelta(minutes=for_minutes), timedelta(minutes=keep))


def test_without_for_duration_a_breach_fires_at_once_and_only_once() -> None:
    trace = play(rule(), [at(0, "breach"), at(10, "breach"), at(20, "breach")])
    assert [event for _, event in trace] == [Event.FIRED, None, None]
    assert trace[-1][0].firing_since == START
    assert trace[-1][0].incident == 1


def test_for_duration_is_waited_out_and_counts_from_the_first_breach() -> None:
    trace = play(rule(for_minutes=60), [at(0, "breach"), at(59, "breach"), at(60, "breach")])
    assert [event for _, event in trace] == [Event.PENDING, None, Event.FIRED]
    assert trace[-1][0].pending_since == START
    assert trace[-1][0].firing_since == START + timedelta(minutes=60)


def test_a_good_value_in_between_starts_the_wait_again() -> None:
    history = [at(0, "breach"), at(40, "ok"), at(50, "breach"), at(100, "breach"), at(110, "breach")]
    assert events(rule(for_minutes=60), history) == [Event.PENDING, Event.CLEARED, Event.PENDING, Event.FIRED]


def test_a_warning_is_not_a_breach_but_both_meet_a_warn_rule() -> None:
    assert events(rule("breach"), [at(0, "warn")]) == []
    assert events(rule("warn"), [at(0, "warn"), at(1, "breach"), at(2, "ok")]) == [Event.FIRED, Event.RESOLVED]


def test_resolves_once_and_is_ok_again_after_a_while() -> None:
    shown = RESOLVED_IS_SHOWN.total_seconds() / 60
    trace = play(rule(), [at(0, "breach"), at(1, "ok"), at(2, "ok"), at(2 + shown, "ok")])
    assert [event for _, event in trace] == [Event.FIRED, Event.RESOLVED, None, None]
    assert [instance.state for instance, _ in trace] == [State.FIRING, State.RESOLVED, State.RESOLVED, State.OK]


def test_keep_firing_holds_through_a_short_recovery_and_stays_one_incident() -> None:
    history = [at(0, "breach"), at(10, "ok"), at(20, "breach"), at(30, "ok"), at(59, "ok"), at(60, "ok")]
    trace = play(rule(keep=30), history)
    assert [event for _, event in trace] == [Event.FIRED, None, None, None, None, Event.RESOLVED]
    assert trace[-1][0].incident == 1


def test_missing_data_neither_resolves_nor_counts_towards_keep_firing() -> None:
    history = [at(0, "breach"), at(10, "ok"), at(20, "no_data", None), at(45, "ok"), at(74, "ok"), at(75, "ok")]
    trace = play(rule(keep=30), history)
    assert [instance.state for instance, _ in trace][:5] == [State.FIRING] * 5
    assert trace[-1][1] is Event.RESOLVED


def test_no_data_ends_a_wait_and_is_shown_as_such() -> None:
    trace = play(rule(for_minutes=60), [at(0, "breach"), at(30, "no_data", None), at(61, "breach")])
    assert [instance.state for instance, _ in trace] == [State.PENDING, State.NO_DATA, State.PENDING]


@pytest.mark.parametrize("value", [None, "NaN", "Infinity"])
@pytest.mark.parametrize("status", ["ok", "warn", "breach"])
def test_a_status_without_a_number_counts_as_no_data(status: str, value: str | None) -> None:
    (instance, event), *_ = play(rule("warn"), [at(0, status, value)])
    assert (instance.state, event) == (State.NO_DATA, Event.NO_DATA)


def test_provisional_data_changes_nothing() -> None:
    pending, _ = step(rule(for_minutes=60), Instance(), at(0, "breach"))
    assert step(rule(for_minutes=60), pending, at(90, "provisional")) == (pending, None)


def test_a_clock_that_jumps_back_restarts_the_wait() -> None:
    history = [at(0, "breach"), at(-600, "breach"), at(-541, "breach"), at(-540, "breach")]
    assert [event for _, event in play(rule(for_minutes=60), history)] == [Event.PENDING, None, None, Event.FIRED]


def test_a_second_incident_is_told_apart_even_at_the_same_instant() -> None:
    trace = play(rule(), [at(0, "breach"), at(1, "ok"), at(0, "breach")])
    assert trace[0][0].firing_since == trace[2][0].firing_since
    assert (trace[0][0].incident, trace[2][0].incident) == (1, 2)


def test_withdrawing_ends_what_fires_and_says_so() -> None:
    firing, _ = step(rule(), Instance(), at(0, "breach"))
    ended, event = withdraw(firing, START)
    assert (ended.state, event) == (State.RESOLVED, Event.WITHDRAWN)
    assert withdraw(Instance(), START) == (Instance(), None)


# --- properties -------------------------------------------------------------------------------------------------

STATUSES = st.sampled_from(list(Status))
VALUES = st.sampled_from([Decimal("1"), Decimal("-2.5"), Decimal(0), Decimal("NaN"), None])
# Mostly forward in time; late evaluations, repeated instants and jumps back by up to two days.
GAPS = st.one_of(st.integers(0, 30), st.integers(0, 600), st.integers(-2880, -1))
HISTORIES = st.lists(st.tuples(STATUSES, VALUES, GAPS), max_size=40)
RULES = st.builds(
    rule, st.sampled_from(["warn", "breach"]), st.sampled_from([0, 15, 60, 600]), st.sampled_from([0, 15, 60])
)
IS_ALL = os.environ.get("KPI_HISTORIES") == "all"
MANY = settings(max_examples=100_000 if IS_ALL else 600, deadline=None)
pytestmark = pytest.mark.timeout(7200 if IS_ALL else 600)


def observations(history) -> list[Observation]:
    now, result = START, []
    for status, value, gap in history:
        now += timedelta(minutes=gap)
        result.append(Observation(status, now, value))
    return result


def meaning(one_rule: Rule, seen: Observation) -> str:
    """bad, good, unknown or nothing: the judge's own reading of an observation, apart from the code under test."""
    if seen.status.value == "provisional":
        return "nothing"
    if seen.status.value in ("no_data", "stale") or seen.value is None or seen.value.is_nan():
        return "unknown"
    bad = {"warn": ("warn", "breach"), "breach": ("breach",)}[one_rule.condition.value]
    return "bad" if seen.status.value in bad else "good"


def longest_wait(one_rule: Rule, history: list[Observation], end: int, wanted: str) -> timedelta | None:
    """How long ``wanted`` was seen, unbroken, up to and with observation ``end``; None if not at all.

    Where the clock went back below the wait's beginning, the wait begins there.
    """
    begun = None
    for position in range(end, -1, -1):
        kind = meaning(one_rule, history[position])
        if kind == "nothing":
            continue
        if kind != wanted:
            break
        instant = history[position].observed_at
        begun = instant if begun is None else min(begun, instant)
    return None if begun is None else history[end].observed_at - begun


@MANY
@given(RULES, HISTORIES)
def test_never_fires_without_its_for_duration(one_rule: Rule, history) -> None:
    seen = observations(history)
    for position, (_, event) in enumerate(play(one_rule, seen)):
        if event is Event.FIRED:
            waited = longest_wait(one_rule, seen, position, "bad")
            assert waited is not None
            assert waited >= one_rule.for_duration


@MANY
@given(RULES, HISTORIES)
def test_never_silent_on_a_breach(one_rule: Rule, history) -> None:
    seen = observations(history)
    for position, (instance, _) in enumerate(play(one_rule, seen)):
        if meaning(one_rule, seen[position]) != "bad":
            continue
        waited = longest_wait(one_rule, seen, position, "bad")
        if waited >= one_rule.for_duration:
            assert instance.state is State.FIRING
        else:
            assert instance.state in (State.PENDING, State.FIRING)


@MANY
@given(RULES, HISTORIES)
def test_fires_and_resolves_in_turn(one_rule: Rule, history) -> None:
    told = [e for e in events(one_rule, observations(history)) if e in (Event.FIRED, Event.RESOLVED)]
    assert told[::2] == [Event.FIRED] * len(told[::2])
    assert told[1::2] == [Event.RESOLVED] * len(told[1::2])


@MANY
@given(RULES, HISTORIES)
def test_resolves_only_on_evidence_for_as_long_as_keep_firing_asks(one_rule: Rule, history) -> None:
    seen = observations(history)
    for position, (_, event) in enumerate(play(one_rule, seen)):
        if event is Event.RESOLVED:
            waited = longest_wait(one_rule, seen, position, "good")
            assert waited is not None
            assert waited >= one_rule.keep_firing


@MANY
@given(RULES, HISTORIES)
def test_no_data_is_never_ok_and_provisional_is_nothing(one_rule: Rule, history) -> None:
    seen = observations(history)
    before = Instance()
    for observation, (instance, event) in zip(seen, play(one_rule, seen), strict=True):
        kind = meaning(one_rule, observation)
        if kind == "unknown":
            assert instance.state in (State.NO_DATA, State.STALE, State.FIRING)
            assert (instance.state is State.FIRING) == (before.state is State.FIRING)
        if kind == "nothing":
            assert (instance, event) == (before, None)
        before = instance


@MANY
@given(RULES, HISTORIES)
def test_the_state_agrees_with_its_instants(one_rule: Rule, history) -> None:
    for instance, _ in play(one_rule, observations(history)):
        assert (instance.pending_since is not None) == (instance.state in (State.PENDING, State.FIRING))
        assert instance.clear_since is None or instance.state is State.FIRING
        if instance.state is State.FIRING:
            assert instance.firing_since is not None
            assert instance.resolved_at is None
        if instance.state is State.RESOLVED:
            assert instance.resolved_at is not None
