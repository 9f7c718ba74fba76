# ruff: noqa: T201 (it prints its result)
"""How quick the loader is, beside what PostgreSQL takes at best and what rows in Python cost: all in one run, in turn.

``python -m tests.benchmarks.bench_loader [--rows 1000000] [--rounds 3]`` prints rows a second and their ratios:

a  the loader: Arrow -> stage -> delete the window + insert into a keyed table, ledger, checks; one transaction
b  plain ADBC ingest of the same Arrow table into an unkeyed table
c  psycopg COPY of the same rows, as Python objects, into the same keyed table

Exit code 1 unless a/b >= 0.25 and a > c. The server is KPI_TEST_POSTGRES_URI, or the embedded one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import psycopg
import pyarrow as pa

from airflow_dags.contracts import Column, Contract, Window
from airflow_dags.loader import LoadRequest, ensure_schema, load_table
from airflow_dags.parsing import Parsed

BARS = {"a/b": 0.25, "a/c": 1.0}
DAYS = 30
CONTRACT = Contract(
    platform="bench",
    stream="sales",
    mode="window",
    window_column="day",
    unique=("day", "sku", "campaign_id"),
    columns=(
        Column("day", "date", nullable=False),
        Column("sku"),
        Column("campaign_id"),
        Column("title"),
        Column("currency"),
        Column("impressions", "bigint"),
        Column("clicks", "bigint"),
        Column("units", "integer"),
        Column("cost", "numeric"),
        Column("sales", "numeric"),
        Column("updated_at", "timestamp"),
        Column("status"),
    ),
)
FIRST = date(2026, 10, 1)
WINDOW = Window(FIRST, FIRST + timedelta(days=DAYS - 1))


def make_rows(count: int) -> pa.Table:
    """A month of advertised products: 12 columns, two of them money."""
    numbers = np.arange(count)
    dice = np.random.default_rng(7)
    cents = pa.array(dice.integers(0, 10_000_00, count)).cast(pa.decimal128(38, 0))
    money = pa.array(np.char.mod("%d", dice.integers(0, 10_000, count))).cast(pa.decimal128(38, 2))
    first = np.datetime64(FIRST)
    return pa.table(
        {
            "day": pa.array(first + (numbers % DAYS).astype("timedelta64[D]"), pa.date32()),
            "sku": pa.array(np.char.mod("SKU-%06d", numbers // DAYS % 20_000)),
            "campaign_id": pa.array(np.char.mod("9%08d", numbers // DAYS // 20_000)),
            "title": pa.array(np.char.mod("Portable lamp number %d", numbers % 5000)),
            "currency": pa.array(["USD"] * count),
            "impressions": pa.array(dice.integers(0, 100_000, count), pa.int64()),
            "clicks": pa.array(dice.integers(0, 1000, count), pa.int64()),
            "units": pa.array(dice.integers(0, 50, count), pa.int32()),
            "cost": money,
            "sales": cents.cast(pa.decimal128(38, 2)),
            "updated_at": pa.array(np.datetime64("2026-11-01T00:00:00", "us") + numbers.astype("timedelta64[ms]")).cast(
                pa.timestamp("us", tz="UTC")
            ),
            "status": pa.array(np.where(numbers % 7 == 0, "PAUSED", "ENABLED")),
        }
    )


def with_loader(uri: str, table: pa.Table) -> None:
    load_table(uri, Parsed(table, rows_read=table.num_rows), LoadRequest(CONTRACT, "bench_us", WINDOW))


def with_plain_ingest(uri: str, table: pa.Table) -> None:
    with adbc.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists plain")
        cursor.adbc_ingest("plain", table, mode="create")
        connection.commit()


def with_copy_of_rows(uri: str, rows: list[tuple[object, ...]]) -> None:
    names = [column.name for column in CONTRACT.columns]
    target = f"raw.{CONTRACT.table} ({', '.join(names)}, _account_id, _load_id, _loaded_at)"
    load_id, now = "00000000-0000-0000-0000-000000000001", "2026-11-01T00:00:00Z"
    with psycopg.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(f"delete from raw.{CONTRACT.table} where _account_id = 'bench_us'")
        with cursor.copy(f"copy {target} from stdin") as copy:
            for row in rows:
                copy.write_row((*row, "bench_us", load_id, now))


def measure(uri: str, count: int, rounds: int) -> dict[str, float]:
    """Median rows a second of each way; in every round each starts from an empty, vacuumed table."""
    table = make_rows(count)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    ensure_schema(uri, [CONTRACT])
    ways: dict[str, Callable[[], None]] = {
        "a": lambda: with_loader(uri, table),
        "b": lambda: with_plain_ingest(uri, table),
        "c": lambda: with_copy_of_rows(uri, rows),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute(f"truncate raw.{CONTRACT.table}")
                connection.execute("checkpoint")
            started = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - started)
        print(
            f"  round {number}: " + ", ".join(f"{name} {times[-1]:.2f} s" for name, times in taken.items()), flush=True
        )
    return {name: count / statistics.median(times) for name, times in taken.items()}


@contextmanager
def database() -> Iterator[str]:
    """A database of its own, dropped at the end."""
    root = Path(__file__).resolve().parents[2]
    given, server = os.environ.get("KPI_TEST_POSTGRES_URI"), None
    if not given:
        sys.path.insert(0, str(root))
        from demo.postgres import Postgres

        server = Postgres(root / ".test")
        was_running = (root / ".test" / "postgres.port").exists() and server.is_running()
        given = server.start()
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    try:
        yield f"{given.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
        if server and not was_running:
            server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.rows:,} rows x {len(CONTRACT.columns)} columns, {options.rounds} rounds, in turn:")
    with database() as uri:
        rates = measure(uri, options.rows, options.rounds)
    labels = {
        "a": "loader, keyed table",
        "b": "plain ADBC ingest, unkeyed table",
        "c": "psycopg COPY of rows, keyed table",
    }
    for name, label in labels.items():
        print(f"{name}  {label:<36} {rates[name]:>10,.0f} rows/s")
    ratios = {"a/b": rates["a"] / rates["b"], "a/c": rates["a"] / rates["c"]}
    passed = ratios["a/b"] >= BARS["a/b"] and ratios["a/c"] > BARS["a/c"]
    for name, ratio in ratios.items():
        sign = ">=" if name == "a/b" else ">"
        print(f"{name}  {ratio:.2f} (must be {sign} {BARS[name]})")
    print("passed" if passed else "FAILED: the loader is too slow")
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
