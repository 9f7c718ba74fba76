# ruff: noqa: T201 (it prints its result)
"""From a gzipped settlement report of a million rows to the committed, keyed table, beside plain COPY and dlt.

``python -m tests.benchmarks.bench_settlement [--rows 1000000] [--rounds 3]``. In turn, each in a process of its own:

a  the pipeline, as `kpi load` goes: read, check the total, parse, replace by settlement, ledger; keyed table
b  COPY of the same text, as it is, into a table without a key
c  dlt as it goes by itself (it writes CSV), merge by settlement; its table has no unique key; only shown
d  dlt's Arrow path: parquet by ADBC, which it takes when it is told to

Exit code 1 unless a loads 100,000 rows a second at less than 1 GiB, a/b >= 0.4 and a/d >= 2 (medians of the rounds).
The server is KPI_TEST_POSTGRES_URI, or the embedded one. dlt is installed into .venv/bench from constraints/bench.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from airflow_dags.loader import ensure_schema
from airflow_dags.registry import platform_of
from tests.benchmarks.bench_loader import database
from tests.benchmarks.settlement_file import COLUMNS, expected_total, write_settlement

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv" / "bench"
LOCK = ROOT / "constraints" / "bench.txt"
CONTRACT = platform_of("amazon_sp").stream("settlement").contract
LEAST_ROWS, MOST_MEMORY = 100_000, 1024
BARS = {"b": 0.4, "d": 2.0}
LABELS = {
    "a": "the pipeline, keyed table",
    "b": "plain COPY, table without key",
    "c": "dlt, Arrow, its own choice, merge",
    "d": "dlt, Arrow by parquet and ADBC, merge",
}
TABLES = {"a": f"raw.{CONTRACT.table}", "b": "plain", "c": "with_dlt.settlement", "d": "with_dlt.settlement"}


def environment_of_dlt() -> Path:
    """Install what constraints/bench.txt names, once; returns the interpreter."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".complete"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(LOCK)], check=True)
        stamp.write_text(LOCK.read_text())
    return python


def run(way: str, uri: str, path: Path, folder: Path, dlt_python: Path) -> dict[str, Any]:
    """One load in a process of its own; what it reports."""
    if way in ("c", "d"):
        script = ROOT / "tests" / "benchmarks" / "settlement_dlt.py"
        command = [str(dlt_python), str(script), uri, str(path), str(folder), *(["parquet"] if way == "d" else [])]
    else:
        name = {"a": "loader", "b": "copy"}[way]
        command = [sys.executable, "-m", "tests.benchmarks.settlement_ways", name, uri, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{LABELS[way]} failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def prepare(uri: str, way: str) -> None:
    """An empty table, and the server at rest."""
    names = ", ".join(f"{name.replace('-', '_')} {kind}" for name, kind in COLUMNS.items())
    with psycopg.connect(uri, autocommit=True) as connection:
        if way == "a":
            connection.execute(f"truncate {TABLES['a']}, raw.load_ledger")
        elif way == "b":
            connection.execute("drop table if exists plain")
            connection.execute(f"create table plain ({names})")
        else:
            connection.execute("drop schema if exists with_dlt cascade")
            connection.execute("drop schema if exists with_dlt_staging cascade")
        connection.execute("checkpoint")


def check(uri: str, way: str, count: int) -> None:
    """A way that is quick because it loses something would win nothing."""
    with psycopg.connect(uri) as connection:
        found = connection.execute(f"select count(*), sum(amount) from {TABLES[way]}").fetchone()
    if found != (count, Decimal(expected_total(count))):
        raise SystemExit(f"{LABELS[way]} loaded {found}, not {count} rows with {expected_total(count)}")


def server_cpu(uri: str) -> float:
    """CPU seconds of the server's processes that are over; 0 where they can't be seen."""
    try:
        with psycopg.connect(uri) as connection:
            folder = connection.execute("show data_directory").fetchone()[0]
        pid = Path(folder, "postmaster.pid").read_text().split()[0]
        fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    except (OSError, psycopg.Error, IndexError):
        return 0.0


def measure(uri: str, path: Path, count: int, rounds: int) -> dict[str, list[dict[str, Any]]]:
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in LABELS}
    dlt_python = environment_of_dlt()
    ensure_schema(uri, [CONTRACT])
    for number in range(1, rounds + 1):
        for way, results in taken.items():
            with tempfile.TemporaryDirectory() as folder:
                prepare(uri, way)
                before = server_cpu(uri)
                result = run(way, uri, path, Path(folder), dlt_python)
                result["server"] = server_cpu(uri) - before
                check(uri, way, count)
            results.append(result)
        print(
            f"  round {number}: "
            + ", ".join(f"{way} {results[-1]['seconds']:.1f} s" for way, results in taken.items()),
            flush=True,
        )
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database() as uri:
        path = Path(folder) / "settlement.txt.gz"
        size = write_settlement(path, options.rows)
        print(
            f"{options.rows:,} rows x {len(COLUMNS)} columns, {size / 1e6:.0f} MB of text, "
            f"{path.stat().st_size / 1e6:.0f} MB gzipped; {options.rounds} rounds, in turn:"
        )
        taken = measure(uri, path, options.rows, options.rounds)
    return _verdict(taken, options.rows)


def _verdict(taken: dict[str, list[dict[str, Any]]], count: int) -> int:
    rates = {way: count / statistics.median(r["seconds"] for r in results) for way, results in taken.items()}
    peak = max(result["peak"] for result in taken["a"])
    for way, label in LABELS.items():
        cpu, server = (statistics.median(r[key] for r in taken[way]) for key in ("cpu", "server"))
        memory = max(result["peak"] for result in taken[way])
        print(
            f"{way}  {label:<38} {rates[way]:>9,.0f} rows/s   CPU {cpu:.1f} s, server {server:.1f} s, "
            f"peak {memory:,.0f} MiB"
        )
    failed = []
    for way in ("b", "c", "d"):
        # Round by round, because what else the machine does changes from one to the next.
        ratio = statistics.median(
            other["seconds"] / own["seconds"] for own, other in zip(taken["a"], taken[way], strict=True)
        )
        bar = BARS.get(way)
        print(f"a/{way}  {ratio:.2f} ({f'must be >= {bar}' if bar else 'only shown'})")
        if bar and ratio < bar:
            failed.append(f"a/{way}")
    if rates["a"] < LEAST_ROWS:
        failed.append(f"{LEAST_ROWS:,} rows/s")
    if peak >= MOST_MEMORY:
        failed.append(f"{MOST_MEMORY} MiB")
    print("passed" if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
