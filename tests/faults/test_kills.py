"""A run that is killed (-9) at any moment, of any stream of any platform, is made good by running it again.

Each moment takes one stream's whole cycle (ask, wait, fetch, load) with the real client against the sandbox, kills its
process somewhere on the way, looks that no half load was left, runs the cycle again, and compares the table with that
of a run which nobody interrupted. ``make test`` takes 50 moments, ``make test-faults`` all 500.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.contracts import Window
from airflow_dags.ingest import Job
from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platforms
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import AUTUMN, accounts_in, jobs_of, run, serving, short_window, with_uri

MOMENTS = 500 if os.environ.get("KPI_FAULTS") == "all" else 50
PLATFORMS = sorted(platforms())


@dataclass
class Uninterrupted:
    """One stream of one account: how to run it, what it leaves, and how long that takes."""

    job: Job
    window: Window
    table: list[str]
    seconds: float


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: nothing is killed here")
    from airflow_dags.sandbox.business import Business

    as_of = date(AUTUMN.year, AUTUMN.month, AUTUMN.day)
    monkeypatch.setattr("airflow_dags.ingest.jobs.Job.today", lambda self: as_of)
    # Backing off and pacing only cost time here.
    monkeypatch.setattr("airflow_dags.http.HttpClient._pause_before_retry", lambda self, error, attempt: 0.01)
    monkeypatch.setattr("airflow_dags.http.TokenBucket.reserve", lambda self: 0.0)
    with serving(Business(7, as_of, small=True)) as state:
        yield state


@pytest.fixture
def uninterrupted(sandbox: Any, warehouse: Warehouse, tmp_path: Path) -> list[Uninterrupted]:
    """Every stream that the sandbox answers for, run once."""
    found = []
    for name in PLATFORMS:
        accounts = accounts_in(sandbox, name, tmp_path)
        for stream in platforms()[name].streams.values() if accounts else ():
            job = jobs_of(name, stream.name, accounts[:1], warehouse.uri)[0]
            window = short_window(sandbox.business, stream)
            begun = time.monotonic()
            run(job, window)
            seconds = time.monotonic() - begun
            found.append(Uninterrupted(job, window, warehouse.table(job.contract.table), seconds))
    return found


@pytest.fixture
def warehouse(fresh_database: str) -> Warehouse:
    ensure_schema(fresh_database, contracts())
    return Warehouse(fresh_database)


@pytest.fixture
def second_warehouse(postgres_uri: str) -> Iterator[Warehouse]:
    name = f"test_kills_{os.getpid()}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    uri = f"{postgres_uri.rsplit('/', 1)[0]}/{name}"
    ensure_schema(uri, contracts())
    yield Warehouse(uri)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def forget(warehouse: Warehouse, job: Job, rows_too: bool) -> None:
    """As if no report had been asked for, and, if so wished, nothing loaded."""
    with psycopg.connect(warehouse.uri) as connection:
        tables = ["report_requests", *(["load_ledger", "known_days"] if rows_too else [])]
        for table in tables:
            connection.execute(
                f"delete from raw.{table} where platform = %s and stream = %s",
                (job.contract.platform, job.contract.stream),
            )
        if rows_too:
            connection.execute(f"delete from raw.{job.contract.table}")


def kill_midway(cycle: Callable[[], object], seconds: float) -> bool:
    """Run ``cycle`` in a process of its own and kill it after some time; tells whether it was still at work."""
    forking = multiprocessing.get_context("fork")
    begun = forking.Event()

    def child() -> None:
        begun.set()
        try:
            cycle()
        finally:
            os._exit(0)

    process = forking.Process(target=child)
    process.start()
    begun.wait(30)
    time.sleep(seconds)
    was_alive = process.is_alive()
    os.kill(process.pid or 0, signal.SIGKILL) if was_alive else None
    process.join()
    return was_alive


def wait_until_rolled_back(warehouse: Warehouse) -> None:
    """The server notices a dead client when it next talks to it; until then its locks stay."""
    query = (  # the warehouse asks by the connection that it keeps
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'"
    )
    deadline = time.monotonic() + 30
    while warehouse.value(query):
        assert time.monotonic() < deadline, "a killed load's transaction is still open"
        time.sleep(0.02)


def assert_whole_loads(warehouse: Warehouse, job: Job) -> None:
    """Each row is of a load that the ledger has, no load has more rows than the ledger says, and all rows add up."""
    table = f"raw.{job.contract.table}"
    strays = warehouse.rows(
        f"select t._load_id, count(*) as n, max(l.rows_loaded) as told from {table} as t "
        "left join raw.load_ledger as l on l.load_id = t._load_id and l.state = 'loaded' "
        "group by 1 having max(l.rows_loaded) is null or count(*) > max(l.rows_loaded)"
    )
    assert strays == [], f"{job.title}: rows of a half load"
    wrong = warehouse.value(
        "select count(*) from raw.load_ledger where rows_read <> rows_loaded + rows_unchanged + rows_quarantined"
    )
    assert wrong == 0


@pytest.mark.timeout(4 * 3600)
def test_a_killed_run_that_is_repeated_equals_an_uninterrupted_one(
    uninterrupted: list[Uninterrupted], second_warehouse: Warehouse
) -> None:
    dice = random.Random(20261123)
    order: list[Uninterrupted] = []
    while len(order) < MOMENTS:
        order += dice.sample(uninterrupted, len(uninterrupted))
    outcomes: Counter[str] = Counter()
    for moment, known in enumerate(order[:MOMENTS]):
        job = with_uri(known.job, second_warehouse.uri)
        # From nothing, and over what an earlier moment loaded.
        forget(second_warehouse, job, rows_too=moment % 2 == 0)
        before = second_warehouse.table(job.contract.table)
        was_alive = kill_midway(
            lambda job=job, known=known: run(job, known.window), dice.uniform(0, 1.1 * known.seconds)
        )
        wait_until_rolled_back(second_warehouse)
        assert_whole_loads(second_warehouse, job)
        killed = second_warehouse.table(job.contract.table)
        run(job, known.window)
        assert second_warehouse.table(job.contract.table) == known.table, f"{job.title} at moment {moment}"
        if was_alive:
            outcomes["before its first load" if killed == before else "between loads"] += 1
        else:
            outcomes["after its end"] += 1
    streams = len({known.job.title for known in order[:MOMENTS]})
    sys.stderr.write(f"\n{MOMENTS} of {MOMENTS} kills made good, {streams} streams, killed: {dict(outcomes)}\n")
    # Kills that all came too early or too late would prove nothing.
    assert outcomes["before its first load"] + outcomes["between loads"] >= MOMENTS / 2
