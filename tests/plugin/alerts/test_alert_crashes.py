"""Processes that are killed at every named step: nothing is missed, and a message sent twice has the same key.

Real processes and real kills: two evaluators and three deliverers run at once, and at the step in question one of them
ends with SIGKILL once with each breach. A few breaches for each step by default; KPI_CRASHES=all takes a thousand.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.alerts import steps
from tests.plugin.alerts.conftest import NOON

IS_ALL = os.environ.get("KPI_CRASHES") == "all"
# Rules are made and broken in batches, so that whoever is started again doesn't begin with all that were before.
BATCHES, BATCH = (100, 10) if IS_ALL else (1, 4)
EVALUATORS, DELIVERERS = 2, 3
pytestmark = pytest.mark.timeout(7200 if IS_ALL else 600)
EVERY_STEP = (*steps.EVALUATING, *steps.DELIVERING)
# The message is out and its record is not: the one window in which a kill makes it go out again.
BETWEEN_SENDING_AND_RECORD = ("message sent", "message recorded")


@dataclass(frozen=True)
class Killer:
    """Kills the process that comes to ``step``, once with each subject, of which it leaves a file in ``folder``."""

    step: str
    folder: Path

    def reached(self, step: str, subject: str) -> None:
        if step != self.step:
            return
        try:
            (self.folder / subject).touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def kills(self) -> int:
        return len(list(self.folder.iterdir()))


def in_child(site: Any, work: str, killer: Killer) -> int:
    """Evaluate or deliver in a process of its own that the killer waits for; its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        from superset.extensions import db

        from superset_kpi_plugin.alerts.commands import deliver, evaluate

        steps.reached = killer.reached
        with site.app.app_context():
            db.engine.dispose(close=False)
            evaluate(now=NOON) if work == "evaluate" else deliver(now=NOON, seconds=20)
        os._exit(0)
    except BaseException:
        os._exit(1)


def crash(site: Any, killer: Killer, kills: int) -> None:
    """Two evaluators and three deliverers at once, again and again, until so many were killed in all."""
    for _ in range(10 * kills):
        if killer.kills() >= kills:
            break
        works = ["evaluate"] * EVALUATORS + ["deliver"] * DELIVERERS
        pids = [in_child(site, work, killer) for work in works]
        # An exit code, or minus the signal.
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        assert set(ends) <= {0, -signal.SIGKILL}, ends
    assert killer.kills() == kills
    site.evaluate()
    while site.deliver()["sent"]:
        pass


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_kill_at_any_step_misses_nothing(site: Any, receiver: Any, tmp_path: Path, step: str) -> None:
    begun = time.monotonic()
    killer = Killer(step, tmp_path / "killed")
    killer.folder.mkdir()
    site.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    site.plant_breach()
    for batch in range(BATCHES):
        site.rows("update kpi_alert_rule set is_enabled = false")
        for number in range(BATCH):
            site.rule(name=f"rule {batch}/{number}", channels=["hook"])
        crash(site, killer, (batch + 1) * BATCH)
    rows = site.outbox()
    assert len(rows) == BATCHES * BATCH, "one message per breach, whoever evaluated it"
    assert {row["state"] for row in rows} == {"sent"}
    told = Counter(body["key"] for body in receiver.bodies())
    assert set(told) == {row["key"] for row in rows}, "every breach was told"
    times = 2 if step in BETWEEN_SENDING_AND_RECORD else 1
    assert set(told.values()) == {times}, "told twice only where the record was lost after the sending"
    sys.stderr.write(
        f"\nkilled {killer.kills()} times at '{step}': {len(rows)} breaches, {len(told)} told, "
        f"{told.total() - len(told)} of them twice, {time.monotonic() - begun:.0f} s\n"
    )
