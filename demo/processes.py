"""Starts servers as process groups of their own, waits for them, and stops every one of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if os.uname().sysname == "Linux" else None


class ProcessError(RuntimeError):
    """A server ended or did not answer in time; the message holds the end of its log."""


def _die_with_parent() -> None:
    """Ask the kernel to end this child when the demo is killed without a chance to clean up (Linux only)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """The servers of one run: all log into one folder, all are stopped by ``stop()``."""

    def __init__(self, log_folder: Path) -> None:
        self._logs = log_folder
        self._logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        # The kernel's death signal follows the thread that started a child, so one thread that lives as long as
        # this process starts them all.
        self._spawner = ThreadPoolExecutor(1)
        self._is_closing = False

    def start(self, name: str, command: list[str], environment: Mapping[str, str], cwd: Path) -> None:
        """Start a server in a process group of its own; its output goes to ``<name>.log``."""
        self._running[name] = self._spawner.submit(self._spawn, name, command, environment, cwd).result()

    def _spawn(
        self, name: str, command: list[str], environment: Mapping[str, str], cwd: Path
    ) -> subprocess.Popen[bytes]:
        if self._is_closing:
            raise ProcessError(f"{name} was not started, because everything is being stopped")
        with self.log(name).open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (one call into the C library, no locks)
            )

    def run(
        self, name: str, command: list[str], environment: Mapping[str, str], cwd: Path, seconds: float = 600
    ) -> str:
        """Run a command to its end and return its output; raise with the end of its log if it fails."""
        offset = self.log(name).stat().st_size if self.log(name).exists() else 0
        self.start(name, command, environment, cwd)
        process = self._running[name]
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise ProcessError(f"{name} took longer than {seconds:.0f} s.\n{self.tail(name)}") from None
        finally:
            self._running.pop(name, None)
        if code:
            raise ProcessError(f"{name} failed with exit code {code}.\n{self.tail(name)}")
        with self.log(name).open(errors="replace") as file:
            file.seek(offset)
            return file.read()

    def wait_for(self, name: str, url: str, seconds: float) -> None:
        """Block until ``url`` answers with a status below 500, or raise when the server ended or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            process = self._running[name]
            if process.poll() is not None:
                raise ProcessError(f"{name} ended with exit code {process.returncode}.\n{self.tail(name)}")
            if _answers(url):
                return
            if time.monotonic() > deadline:
                raise ProcessError(f"{name} did not answer at {url} in {seconds:.0f} s.\n{self.tail(name)}")
            time.sleep(0.3)

    def ended(self) -> list[str]:
        """The names of servers that ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def stop(self) -> None:
        """End every process group, first politely, then for good; nothing can be started afterwards."""
        self._is_closing = True
        self._spawner.submit(lambda: None).result()  # a start that was under way is known after this
        for process in list(self._running.values()):
            _signal(process, signal.SIGTERM)
        for process in list(self._running.values()):
            _end(process)
        self._running.clear()

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def tail(self, name: str, lines: int = 20) -> str:
        text = self.log(name).read_text(errors="replace") if self.log(name).exists() else ""
        return f"The end of {self.log(name)}:\n" + "\n".join(text.splitlines()[-lines:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()  # reap the leader, or its zombie would keep the group
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _end(process: subprocess.Popen[bytes], patience: float = 10) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(process, number)
        deadline = time.monotonic() + patience
        while _group_lives(process) and time.monotonic() < deadline:
            time.sleep(0.05)
    process.wait()
