"""The alert's state machine by worked examples; `test_alert_histories` holds it against properties."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

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
