"""`make demo`: sets up and runs the whole product until Ctrl-C, or for as long as a command after ``--`` runs.

``python3.11 -m demo.run [--folder .demo] [--fresh] [-- COMMAND ...]``. The command gets KPI_DEMO_CONNECTIONS, the path
of the file with addresses and passwords, and the exit code is the command's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo.airflow import DagRunError
from demo.console import fail, say
from demo.environments import ROOT, SetupError, ensure_all
from demo.http import HttpError
from demo.postgres import Postgres, PostgresError
from demo.processes import ProcessError
from demo.stack import Stack

EXPECTED = (SetupError, PostgresError, ProcessError, DagRunError, HttpError, OSError, RuntimeError)


class Stopped(BaseException):
    """Somebody asked the demo to end."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where the state lives (default: .demo)")
    parser.add_argument("--fresh", action="store_true", help="forget an earlier run's state first")
    parser.add_argument("--forget", action="store_true", help="remove the state and start nothing")
    parser.add_argument("command", nargs="*", help="a command to run against the demo, after --")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    stack = None
    try:
        if arguments.fresh or arguments.forget:
            _forget(arguments.folder)
        if arguments.forget:
            return 0
        ensure_all(arguments.folder / "logs")
        stack = Stack(arguments.folder)
        connections = stack.up()
        _introduce(connections, arguments.folder)
        if arguments.command:
            environment = {**os.environ, "KPI_DEMO_CONNECTIONS": str((arguments.folder / "connections.json").resolve())}
            return subprocess.run(arguments.command, cwd=ROOT, env=environment, check=False).returncode
        stack.forecast()
        say("Airflow forecasts the KPIs meanwhile; chances of reaching a target show in some minutes")
        return _keep_running(stack)
    except Stopped:
        return 0
    except EXPECTED as error:
        fail(str(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if stack is not None:
            say("stopping ...")
            stack.down()
            say("everything that was started has ended")


def _stop(number: int, frame: object) -> None:
    raise Stopped


def _forget(folder: Path) -> None:
    """Remove an earlier run's state, its database cluster included."""
    if not folder.exists():
        return
    Postgres(folder).remove()
    shutil.rmtree(folder, ignore_errors=True)


def _keep_running(stack: Stack) -> int:
    say("press Ctrl-C to stop everything")
    while True:
        ended = stack.processes.ended()
        if ended:
            fail(f"{ended[0]} ended by itself.\n{stack.processes.tail(ended[0])}")
            return 1
        time.sleep(1)


def _introduce(connections: dict[str, dict[str, str]], folder: Path) -> None:
    superset = connections["superset"]["url"]
    print(f"\n  Dashboard   {superset}/superset/dashboard/kpi-overview/")
    print(f"  Targets     {superset}/kpi/targets/")
    print(f"  Alerts      {superset}/kpi/alerts/\n")
    print(f"  {'where':<12}{'address':<40}{'user':<14}password")
    for name, entry in connections.items():
        address = "postgresql://…/kpi_warehouse" if name == "warehouse" else entry["url"]
        print(f"  {name.split('_')[0]:<12}{address:<40}{entry['user']:<14}{entry['password']}")
    print(f"\n  all of it, with the warehouse's whole URI, is in {folder / 'connections.json'}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
