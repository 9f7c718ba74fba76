"""Servers of the demo: all of a group ends, a failure shows its log, nothing starts while everything stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.postgres import ROOT, free_port
from demo.processes import ProcessError, Processes

GRANDCHILD = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn])
pathlib.Path("grandchild").write_text(str(child.pid))
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)
    return path.read_text()


def test_stop_ends_grandchildren_that_ignore_the_polite_signal(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "logs")
    processes.start("family", [sys.executable, "-c", GRANDCHILD], os.environ, tmp_path)
    grandchild = int(wait_for(tmp_path / "grandchild"))
    assert is_alive(grandchild)
    processes.stop()
    assert not is_alive(grandchild)


def test_a_failing_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    with pytest.raises(ProcessError, match=r"exit code 3(?s:.*)the reason"):
        processes.run(
            "broken", [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], os.environ, tmp_path
        )


def test_waiting_for_a_server_that_ended_fails_at_once(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("gone", [sys.executable, "-c", "raise SystemExit(7)"], os.environ, tmp_path)
    begun = time.monotonic()
    with pytest.raises(ProcessError, match="exit code 7"):
        processes.wait_for("gone", f"http://127.0.0.1:{free_port()}/", 60)
    assert time.monotonic() - begun < 30


def test_nothing_starts_after_stop(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.stop()
    with pytest.raises(ProcessError, match="is being stopped"):
        processes.start("late", [sys.executable, "-c", "pass"], os.environ, tmp_path)


def test_servers_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time, pathlib; from demo.processes import Processes\n"
        "processes = Processes(pathlib.Path(sys.argv[1]))\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "processes.start('server', command, os.environ, pathlib.Path('/'))\n"
        "pathlib.Path(sys.argv[1], 'pid').write_text(str(processes._running['server'].pid)); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT)
    server = int(wait_for(tmp_path / "pid"))
    assert is_alive(server)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while is_alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(server)
