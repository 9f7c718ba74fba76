"""Processes that are killed at every named step: nothing is missed, and a message sent twice has the same key.

Real processes and real kills. An evaluator is killed at the step once with each rule, and with it all breaches that its
transaction holds; a deliverer once with each message. Two evaluators and three deliverers run at once. A few breaches
for each step by default; KPI_CRASHES=all takes a thousand.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.alerts import steps
from tests.plugin.alerts.conftest import over
from tests.plugin.alerts.kills import Killer, crash, times_told

IS_ALL = os.environ.get("KPI_CRASHES") == "all"
BREACHES, ENTITIES = (1000, 10) if IS_ALL else (6, 3)
pytestmark = pytest.mark.timeout(7200 if IS_ALL else 600)


@pytest.mark.parametrize("step", [*steps.EVALUATING, *steps.DELIVERING])
def test_a_kill_at_any_step_misses_nothing(groups: Any, receiver: Any, tmp_path: Path, step: str) -> None:
    killer, begun = Killer(step, tmp_path), time.monotonic()
    # Rules come in batches: an evaluator that is started again begins with the first.
    rules = 2 if step in steps.EVALUATING or not IS_ALL else 10
    kills = rules if step in steps.EVALUATING else rules * ENTITIES
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    has_compiled_statements(groups, receiver)
    for batch in range(1, BREACHES // (rules * ENTITIES) + 1):
        groups.rows("update kpi_alert_rule set is_enabled = false")
        for _ in range(rules):
            over(groups, f"{(30 - ENTITIES) / 100}", channels=["hook"], group_above=ENTITIES)
        crash(groups, killer, batch * kills)
    rows = groups.outbox()
    assert len(rows) == BREACHES, "one message per breach, whoever evaluated it"
    assert {row["state"] for row in rows} == {"sent"}
    told = Counter(body["key"] for body in receiver.bodies())
    assert set(told) == {row["key"] for row in rows}, "every breach was told"
    assert set(told.values()) == {times_told(step)}, "told twice only where the record was lost after the sending"
    sys.stderr.write(
        f"\nkilled {killer.kills()} times at '{step}': {BREACHES} breaches, {len(told)} told, "
        f"{told.total() - len(told)} of them twice, {time.monotonic() - begun:.0f} s\n"
    )


def has_compiled_statements(groups: Any, receiver: Any) -> None:
    """Let this process tell of one breach: those that are forked from it then needn't compile every statement."""
    over(groups, "0.29", channels=["hook"])
    groups.evaluate()
    assert groups.deliver()["sent"] == 1
    groups.rows("truncate kpi_alert_rule restart identity cascade")
    receiver.received.clear()
