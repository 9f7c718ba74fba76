# ruff: noqa: T201 (it prints its result)
"""The KPI layer of a large seller: a whole build, a day's refresh, and a dashboard's ten questions.

``python -m tests.benchmarks.bench_kpi [--lines 3000000] [--ad-rows 5000000] [--growth 10] [--keep NAME]``

The seller (kpi_scale/seller.py) has 20 accounts, 20,000 SKUs and three years. Its full size is 30 million order lines
and 50 million ad rows: ``--lines 30000000 --ad-rows 50000000``, which wants 60 GB of disk and some hours on two cores;
by default a tenth of it. In turn:

build    everything from the raw tables (`dbt build` without tests)
refresh  one new day and 31 restated ones come into the raw tables, then the same command
ask      each question 20 times after one for warming; p50 and p95
twins    the same questions on the raw facts, in PostgreSQL and (installed into .venv/bench) in DuckDB

Times of builds are the server's own (pg_stat_database.active_time: seconds in which statements ran, summed over the
connections); dbt's own time, which doesn't grow, is in those by the clock. ``--growth N`` does all of it for a seller N
times smaller first. Exit code 1 where a bar is missed: p95 of a question 0.15 s, 100,000 statuses 1.5 s, refresh 5 s
and 30 times cheaper than the build, N times the rows at most twice as dear.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg

from tests.benchmarks.bench_loader import database
from tests.benchmarks.kpi_scale import duck
from tests.benchmarks.kpi_scale.questions import QUESTIONS, STATUSES, Question, targets_sql
from tests.benchmarks.kpi_scale.seller import AS_OF, Size, generate, restate
from tests.sql.dbt_project import run_dbt, shared_target

ROUNDS = 20
QUESTION_BAR, STATUS_BAR, REFRESH_BAR, CHEAPER_BAR, GROWTH_BAR = 0.15, 1.5, 5.0, 30.0, 2.0


def server_seconds(uri: str) -> float:
    """Seconds in which the database has executed statements, over all connections so far."""
    with psycopg.connect(uri) as connection:
        connection.execute("select pg_stat_clear_snapshot()")
        row = connection.execute(
            "select active_time from pg_stat_database where datname = current_database()"
        ).fetchone()
    return float(row[0]) / 1000 if row else 0.0


def timed(uri: str, work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of the wall clock and of the server."""
    time.sleep(1.5)  # what ended before is in the statistics by then
    before, began = server_seconds(uri), time.monotonic()
    work()
    wall = time.monotonic() - began
    time.sleep(1.5)
    return wall, server_seconds(uri) - before


def sized(uri: str) -> None:
    """What a warehouse of this size is given: memory for sorting and hashing, as sql/README.md advises."""
    with psycopg.connect(uri, autocommit=True) as connection:
        name = connection.execute("select quote_ident(current_database())").fetchone()
        for setting in ("work_mem = '256MB'", "maintenance_work_mem = '512MB'", "jit = off"):
            connection.execute(f"alter database {name[0] if name else ''} set {setting}")


def build(uri: str) -> None:
    run_dbt(uri, "run", variables={"as_of": AS_OF}, seconds=6 * 3600)


def dearest(count: int = 8) -> str:
    """The models that took longest in the last run, with their seconds by the clock."""
    results = json.loads((shared_target() / "run_results.json").read_text(encoding="utf-8"))["results"]
    times = sorted(((each["execution_time"], each["unique_id"].split(".")[-1]) for each in results), reverse=True)
    return ", ".join(f"{name} {seconds:.1f}" for seconds, name in times[:count])


def told(what: str, seconds: tuple[float, float]) -> None:
    clock, server = seconds
    print(f"  {what:8} {clock:8.1f} s by the clock, {server:8.1f} s of the server; {dearest()}", flush=True)


def asked(connection: psycopg.Connection, question: Question, sql: str, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and p95 in seconds of a question, after one for warming."""
    found, least = connection.execute(sql).fetchall(), question.least if sql == question.sql else 1
    if len(found) < least:
        raise SystemExit(f"{question.name}: {len(found)} rows, at least {least} are due:\n{sql}")
    seconds = []
    for _ in range(rounds):
        began = time.monotonic()
        connection.execute(sql).fetchall()
        seconds.append(time.monotonic() - began)
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1] if rounds > 1 else seconds[0]


def measure(uri: str, size: Size, with_twins: bool) -> dict[str, Any]:
    """Everything for one size of the seller."""
    began = time.monotonic()
    sized(uri)
    generate(uri, size)
    seconds = time.monotonic() - began
    print(f"{size.lines:,} order lines and {size.ad_rows:,} ad rows: generated in {seconds:.0f} s", flush=True)
    built = timed(uri, lambda: build(uri))
    told("build", built)
    restate(uri, size)
    refreshed = timed(uri, lambda: build(uri))
    told("refresh", refreshed)
    answers: dict[str, tuple[float, float]] = {}
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(targets_sql(100_000))
        [count] = connection.execute("select count(*) from kpi.kpi_targets").fetchone() or [0]
        run_dbt(uri, "run", "--select", "entity_pace", variables={"as_of": AS_OF}, seconds=3600)
        connection.execute("vacuum analyze")
        for question in QUESTIONS:
            answers[question.name] = asked(connection, question, question.sql)
        answers[STATUSES.name] = asked(connection, STATUSES, STATUSES.sql, rounds=5)
        print(f"  {count:,} targets", flush=True)
        for name, (median, p95) in answers.items():
            print(f"  {median * 1000:9.1f} ms median {p95 * 1000:9.1f} ms p95  {name}", flush=True)
    if with_twins:
        twins(uri, answers)
    return {"build": built[1], "refresh": refreshed[1], "answers": answers}


def twins(uri: str, answers: dict[str, tuple[float, float]]) -> None:
    """The same questions on the facts, in both engines, as ratios of the contract's median."""
    print("  on the facts themselves, as times of the contract's median (PostgreSQL, DuckDB):")
    with_twin = [question for question in QUESTIONS if question.twin]
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("set search_path = marts")
        in_postgres = {q.name: asked(connection, q, q.twin or "", rounds=3)[0] for q in with_twin}
    in_duckdb = duck.asked(uri, {q.name: q.twin or "" for q in with_twin})
    for name, seconds in in_postgres.items():
        own = answers[name][0]
        other = f"{in_duckdb[name] / own:8.1f}x" if in_duckdb else "not run"
        print(f"    {seconds / own:8.1f}x {other}  {name}", flush=True)


def misses(found: dict[str, Any], smaller: dict[str, Any] | None, growth: int) -> list[str]:
    bad = []
    if found["refresh"] > REFRESH_BAR:
        bad.append(f"the refresh takes {found['refresh']:.1f} s of the server, the bar is {REFRESH_BAR:.0f}")
    if found["build"] / found["refresh"] < CHEAPER_BAR:
        cheaper = found["build"] / found["refresh"]
        bad.append(f"the refresh is {cheaper:.1f} times cheaper than the build, the bar is {CHEAPER_BAR:.0f}")
    for name, (_, p95) in found["answers"].items():
        bar = STATUS_BAR if name == STATUSES.name else QUESTION_BAR
        if p95 > bar:
            bad.append(f"{name}: p95 {p95:.2f} s, the bar is {bar}")
    if smaller:
        total, before = (sum(median for median, _ in each["answers"].values()) for each in (found, smaller))
        print(f"growth: {growth} times the rows cost {total / before:.2f} times for all questions together")
        for question in QUESTIONS:
            ratio = found["answers"][question.name][0] / smaller["answers"][question.name][0]
            print(f"  {ratio:6.2f}x  {question.name}")
        if total / before > GROWTH_BAR:
            bad.append(f"{growth} times the rows cost {total / before:.1f} times, the bar is {GROWTH_BAR}")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--ad-rows", type=int, default=5_000_000)
    parser.add_argument("--growth", type=int, default=10, help="a seller so many times smaller first; 1: none")
    parser.add_argument("--no-twins", action="store_true")
    arguments = parser.parse_args()
    smaller = None
    if arguments.growth > 1:
        with database() as uri:
            smaller = measure(
                uri, Size(arguments.lines // arguments.growth, arguments.ad_rows // arguments.growth), False
            )
    with database() as uri:
        found = measure(uri, Size(arguments.lines, arguments.ad_rows), with_twins=not arguments.no_twins)
    print(f"refresh: {found['build'] / found['refresh']:.1f} times cheaper than the build")
    bad = misses(found, smaller, arguments.growth)
    for line in bad:
        print(f"MISSED: {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
