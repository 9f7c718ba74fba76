"""Evaluators and deliverers in processes of their own, killed (-9) at a named step."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superset_kpi_plugin.alerts import steps
from tests.plugin.alerts.conftest import NOON

#: Who is at work at once.
WORKS = ("evaluate", "evaluate", "deliver", "deliver", "deliver")


def times_told(step: str) -> int:
    """How often a message goes out whose deliverer was killed at ``step``: twice only between sending and record."""
    return 2 if step in ("message sent", "message recorded") else 1


@dataclass(frozen=True)
class Killer:
    """Kills the process that comes to ``step``, once with each subject, of which it leaves a file in ``folder``."""

    step: str
    folder: Path

    def reached(self, step: str, subject: str) -> None:
        if step != self.step:
            return
        try:
            (self.folder / f"{subject}.killed").touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def kills(self) -> int:
        return len(list(self.folder.glob("*.killed")))


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
    """Two evaluators and three deliverers at once, whoever is killed again, until so many were; then each once whole.

    All are called again where nobody was killed: the deliverers may have come before there was a message.
    """
    works, idle = WORKS, 0
    while killer.kills() < kills:
        pids = [in_child(site, work, killer) for work in works]
        # An exit code, or minus the signal.
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        assert set(ends) <= {0, -signal.SIGKILL}, ends
        killed = tuple(work for work, end in zip(works, ends, strict=True) if end)
        works, idle = killed or WORKS, 0 if killed else idle + 1
        assert idle < 3, "nobody comes to the step any more"
    assert killer.kills() == kills
    site.evaluate()
    while site.deliver()["sent"]:
        pass
