"""Puts a world into a database as the loader leaves it, builds the KPI layer there, and reads the values back."""

from __future__ import annotations

import io
import json
import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2

from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platforms
from tests.oracle.world import Load, World, platform_of
from tests.sql.dbt_project import run_dbt

CONTRACTS = {contract.table: contract for contract in contracts()}
Key = tuple[str, str, str, date]  # KPI, entity, grain, first day of the period


class Value(NamedTuple):
    """A row of kpi_values: exact numbers, None where there is none."""

    numerator: Any
    denominator: Any
    value: Any
    currency: str | None


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URI of a new database with all raw tables, dropped afterwards."""
    name = f"test_oracle_{secrets.token_hex(6)}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
    try:
        uri = server.rsplit("/", 1)[0] + f"/{name}"
        ensure_schema(uri, CONTRACTS.values())
        yield uri
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{name}" with (force)')
        connection.close()


def fill(uri: str, world: World, wave: int | None = None) -> None:
    """Write the accounts and the loads (of one wave, or all) in one transaction."""
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        for account in world.accounts:
            cursor.execute(
                "insert into raw.accounts (account_id, platform, account_name, currency, time_zone, updated_at) "
                "values (%s, %s, %s, %s, %s, now()) on conflict (account_id) do update set "
                "currency = excluded.currency, time_zone = excluded.time_zone, updated_at = excluded.updated_at",
                (account.account_id, platform_of(account), account.account_id, account.currency, account.time_zone),
            )
        cursor.execute("delete from raw.streams")
        for platform in platforms().values():
            for stream in platform.streams.values():
                cursor.execute(
                    "insert into raw.streams (platform, stream, settled_days, lag_days) values (%s, %s, %s, %s)",
                    (platform.name, stream.name, stream.settings.settled_days, stream.settings.lag_days),
                )
        for load in world.loads:
            if wave is None or load.wave == wave:
                _load(cursor, load)
    connection.close()


def _load(cursor: Any, load: Load) -> None:
    load_id, known_at = str(uuid.uuid4()), "2026-11-25 10:00:00+00"
    names = [column.name for column in CONTRACTS[load.table].columns]
    _replace(cursor, load)
    if load.rows:
        text = io.StringIO()
        for row in load.rows:
            unknown = row.keys() - set(names)
            assert not unknown, f"{load.table} has no columns {unknown}"
            cells = [row.get(name) for name in names]
            text.write("\t".join(map(_cell, (*cells, load.account_id, load_id, known_at))) + "\n")
        text.seek(0)
        columns = ", ".join((*names, "_account_id", "_load_id", "_loaded_at"))
        cursor.copy_expert(f"copy raw.{load.table} ({columns}) from stdin", text)
    cursor.execute(
        "insert into raw.load_ledger (load_id, platform, stream, account_id, mode, window_start, window_end, "
        "rows_loaded, state, started_at, finished_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            load_id,
            load.platform,
            load.stream,
            load.account_id,
            CONTRACTS[load.table].mode,
            *(load.window or (None, None)),
            len(load.rows),
            "loaded" if load.rows else "empty",
            known_at,
            known_at,
        ),
    )


def _replace(cursor: Any, load: Load) -> None:
    """Take away what the load replaces: the window's days, or the documents with its keys."""
    contract = CONTRACTS[load.table]
    if contract.mode in ("window", "snapshot") and load.window:
        cursor.execute(
            f"delete from raw.{load.table} where _account_id = %s and {contract.window_column} between %s and %s",
            (load.account_id, *load.window),
        )
    elif contract.mode == "changes":
        key = ", ".join(contract.key)
        for document in {tuple(row[name] for name in contract.key) for row in load.rows}:
            holders = ", ".join(["%s"] * len(document))
            cursor.execute(
                f"delete from raw.{load.table} where _account_id = %s and ({key}) = ({holders})",
                (load.account_id, *document),
            )


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def build(uri: str, as_of: str, project: Path | None = None, only_models: bool = False) -> None:
    """dbt build with the clock at ``as_of``; ``only_models``: without its data tests."""
    left_out = ("unit_test", "test") if only_models else ("unit_test",)
    options = [word for kind in left_out for word in ("--exclude-resource-type", kind)]
    run_dbt(uri, "build", *options, variables={"as_of": as_of}, project=project)


def values(uri: str) -> dict[Key, Value]:
    """All rows of kpi_values."""
    found: dict[Key, Value] = {}
    for row in _copied(
        uri,
        "select kpi_id, entity_id, grain, period_start, numerator, denominator, value, currency from kpi.kpi_values",
    ):
        kpi_id, entity_id, grain, start, *numbers, currency = row
        key = (str(kpi_id), str(entity_id), str(grain), date.fromisoformat(str(start)))
        assert key not in found, f"{key} is there twice"
        found[key] = Value(*(None if text is None else Decimal(text) for text in numbers), currency)
    return found


def query(uri: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(uri)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def _copied(uri: str, sql: str) -> Iterable[list[str | None]]:
    """Rows as texts; COPY brings a million of them in seconds."""
    connection = psycopg2.connect(uri)
    try:
        with connection.cursor() as cursor:
            text = io.StringIO()
            cursor.copy_expert(f"copy (select to_json(array[{_texts(sql)}]) from ({sql}) as v) to stdout", text)
        text.seek(0)
        for line in text:
            yield json.loads(line.replace("\\\\", "\\"))
    finally:
        connection.close()


def _texts(sql: str) -> str:
    names = sql.removeprefix("select ").split(" from ")[0].split(", ")
    return ", ".join(f"v.{name}::text" for name in names)
