"""Reads hostile files in a process of its own, with less memory than any of them wants.

``python -m tests.faults.fuzz_worker FIRST LAST EVERY PROGRESS`` reads the files FIRST, FIRST+EVERY, ... below LAST by
every way that a file comes in: the reader of tables, and the readers of the platforms' streams. It prints one line of
JSON: how many were read and refused, the largest memory and the longest time, and what went wrong. PROGRESS is a file
with the number of the file at hand, for whoever finds this process dead.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

MOST_MEMORY = 512 * 1024**2
MOST_SECONDS = 10.0
DAY = date(2026, 11, 1)


def main() -> None:
    first, last, every = (int(argument) for argument in sys.argv[1:4])
    from tests.faults.hostile_files import hostile_file

    targets = _targets()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    peak = slowest = 0.0
    progress = os.open(sys.argv[4], os.O_WRONLY | os.O_CREAT)
    for number in range(first, last, every):
        os.pwrite(progress, f"{number:<12}".encode(), 0)
        name, content = hostile_file(number)
        _forget_peak()
        begun = time.process_time()
        with _little_memory():
            outcome = read(targets, number, name, content)
        seconds, memory = time.process_time() - begun, _peak()
        counts[outcome.partition(":")[0]] += 1
        peak, slowest = max(peak, memory), max(slowest, seconds)
        if outcome.startswith("wrong"):
            wrong.append(f"{name}: {outcome}")
        if seconds > MOST_SECONDS or memory > MOST_MEMORY:
            wrong.append(f"{name}: {seconds:.1f} s, {memory / 1024**2:.0f} MiB")
    taken = {"counts": counts, "peak": peak / 1024**2, "slowest": slowest, "wrong": wrong[:50], "all_wrong": len(wrong)}
    sys.stdout.write(json.dumps(taken) + "\n")


def _targets() -> dict[str, Any]:
    """A job of each stream, by the contract's title."""
    from airflow_dags.accounts import Account
    from airflow_dags.ingest import job_of
    from airflow_dags.registry import platforms

    found: dict[str, Any] = {}
    for platform in platforms().values():
        account = Account(platform.name, "aurora_us", settings={"currency": "USD", "time_zone": "America/Los_Angeles"})
        found |= {
            stream.contract.title: job_of(platform, stream.name, account, "") for stream in platform.streams.values()
        }
    return found


def read(targets: dict[str, Any], number: int, name: str, content: bytes) -> str:
    """``read``, ``refused`` or ``wrong: why``."""
    from airflow_dags.assemble import assemble
    from airflow_dags.documents import Document, read_table
    from airflow_dags.errors import PipelineError
    from airflow_dags.ingest.loading import built_as_known
    from tests.faults.hostile_files import contract_of

    document = Document(name, content)
    target = targets[contract_of(number).title] if random.Random(f"target/{number}").random() < 0.8 else None
    try:
        if target is None:
            read_table(document)
        else:
            with built_as_known(target, name):
                extract = target.stream.read(document, target.account, DAY)
            assemble(target.stream, [extract], extract.window, name)[0].whole  # noqa: B018
    except PipelineError as error:
        return _judge(error.message)
    except BaseException as error:
        who = "read_table" if target is None else target.title
        return f"wrong: {who} raised {type(error).__name__}: {str(error)[:200]}"
    return "read"


def _judge(message: str) -> str:
    """A refusal is one line: what, that nothing was changed, what to do."""
    if "\n" in message or len(message) > 800:
        return f"wrong: not one line: {message[:200]}"
    if "nothing was changed" not in message:
        return f"wrong: doesn't say that nothing was changed: {message[:200]}"
    return "refused"


@contextmanager
def _little_memory() -> Iterator[None]:
    """Whatever asks for more gets a MemoryError; a reader that doesn't bear with it dies, which the parent sees."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY * 2, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


if __name__ == "__main__":
    main()
