"""Processes that are killed at every named step: nothing is missed, and a message sent twice has the same key.

Real processes and real kills: the test forks evaluators and deliverers that end with SIGKILL where they are told to.
A sample of kills by default; KPI_CRASHES=all kills a thousand times.
"""

from __future__ import annotations

import os
import random
import signal
from typing import Any

import pytest

from superset_kpi_plugin.alerts import steps
from tests.plugin.alerts.conftest import NOON

IS_ALL = os.environ.get("KPI_CRASHES") == "all"
ROUNDS, BREACHES = (40, 25) if IS_ALL else (1, 6)
pytestmark = pytest.mark.timeout(7200 if IS_ALL else 600)
EVERY_STEP = (*steps.EVALUATING, *steps.DELIVERING)


def in_child(site: Any, work: str, kill_at: str | None, skip: int) -> int:
    """Evaluate or deliver in a process of its own, killed when it has passed the step so often; its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        from superset.extensions import db

        from superset_kpi_plugin.alerts.commands import deliver, evaluate

        passed = 0

        def reached(step: str) -> None:
            nonlocal passed
            if step == kill_at:
                passed += 1
                if passed > skip:
                    os.kill(os.getpid(), signal.SIGKILL)

        steps.reached = reached
        with site.app.app_context():
            db.engine.dispose(close=False)
            evaluate(now=NOON) if work == "evaluate" else deliver(now=NOON, seconds=20)
        os._exit(0)
    except BaseException:
        os._exit(1)


def wait_for(pids: list[int]) -> list[int]:
    """How each process ended: its exit code, or minus the signal."""
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_kill_at_any_step_misses_nothing(site: Any, receiver: Any, step: str) -> None:
    chance = random.Random(step)
    site.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    site.plant_breach()
    for number in range(ROUNDS * BREACHES):
        site.rule(name=f"rule {number}", channels=["hook"])
    for _ in range(ROUNDS):
        skip = chance.randrange(BREACHES)
        is_evaluating = step in steps.EVALUATING
        evaluators = [in_child(site, "evaluate", step if is_evaluating and not n else None, skip) for n in range(2)]
        deliverers = [in_child(site, "deliver", None if is_evaluating or n else step, skip) for n in range(3)]
        assert set(wait_for(evaluators + deliverers)) <= {0, -signal.SIGKILL}
    killed = in_child(site, "evaluate" if step in steps.EVALUATING else "deliver", step, 0)
    site.evaluate()
    wait_for([killed])
    while site.deliver()["sent"]:
        pass
    rows = site.outbox()
    assert len(rows) == ROUNDS * BREACHES, "one message per breach, whoever evaluated it"
    assert {row["state"] for row in rows} == {"sent"}
    keys = [body["key"] for body in receiver.bodies()]
    assert set(keys) == {row["key"] for row in rows}, "every breach was told"
    if step not in ("message sent", "message recorded"):
        assert len(keys) == len(set(keys)), "told twice only where the record was lost after the sending"
