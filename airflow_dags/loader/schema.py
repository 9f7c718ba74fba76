"""Creates schema raw: a table for every contract, the ledger, the quarantine, accounts, report requests and builds.

Idempotent, and safe when several processes do it at once (an advisory lock serialises them). Tables only ever gain
columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_dags.contracts import SQL_TYPES, Contract
from airflow_dags.errors import ConfigurationError
from airflow_dags.warehouse import row_connection

LOCK = "kpi:schema"
TECHNICAL = {
    "_account_id": "text not null",
    "_load_id": "uuid not null",
    "_loaded_at": "timestamptz not null",
    # When the source knew the row; empty in rows that were loaded before there was this column.
    "_known_at": "timestamptz",
    "_extra": "jsonb",
}
SERVICE_TABLES: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "text primary key",
        "platform": "text not null",
        "account_name": "text",
        "marketplace_id": "text",
        "currency": "text",
        "time_zone": "text",
        "consolidation_currency": "text",
        "updated_at": "timestamptz not null",
    },
    "streams": {
        "platform": "text not null",
        "stream": "text not null",
        "settled_days": "integer not null",
        "lag_days": "integer not null",
    },
    "load_ledger": {
        "load_id": "uuid primary key",
        "platform": "text not null",
        "stream": "text not null",
        "account_id": "text not null",
        "mode": "text not null",
        "window_start": "date",
        "window_end": "date",
        "rows_read": "bigint",
        "rows_loaded": "bigint",
        "rows_quarantined": "bigint",
        "rows_unchanged": "bigint",
        "unknown_columns": "text[]",
        "source_document": "text",
        "checksum": "text",
        "state": "text not null check (state in ('loaded', 'empty', 'failed'))",
        "error": "text",
        "started_at": "timestamptz not null",
        "finished_at": "timestamptz not null",
    },
    # What is known of each day under modes window and snapshot, so that a day that a newer document emptied is not
    # filled again by an older one. scope: the further columns of a document's scope as a JSON object.
    "known_days": {
        "platform": "text not null",
        "stream": "text not null",
        "account_id": "text not null",
        "scope": "text not null",
        "day": "date not null",
        "known_at": "timestamptz not null",
        "load_id": "uuid not null",
    },
    "quarantine": {
        "load_id": "uuid not null",
        "platform": "text not null",
        "stream": "text not null",
        "account_id": "text not null",
        "row_number": "bigint not null",
        "reason": "text not null",
        "row": "jsonb",
        "quarantined_at": "timestamptz not null",
    },
    "report_requests": {
        "request_id": "uuid primary key",
        "batch_id": "uuid not null",
        "platform": "text not null",
        "stream": "text not null",
        "account_id": "text not null",
        "window_start": "date not null",
        "window_end": "date not null",
        "fingerprint": "text not null",
        "report_id": "text",
        "document_id": "text",
        "state": "text not null check (state in ('requested', 'done', 'empty', 'failed', 'loaded'))",
        "error": "text",
        "known_at": "timestamptz",
        "requested_at": "timestamptz not null",
        "updated_at": "timestamptz not null",
    },
    # The windows of history that were wanted, and how far each is.
    "backfills": {
        "platform": "text not null",
        "stream": "text not null",
        "account_id": "text not null",
        "window_start": "date not null",
        "window_end": "date not null",
        "state": "text not null check (state in ('planned', 'asked', 'done', 'failed', 'unreachable'))",
        "attempts": "integer not null",
        "error": "text",
        "asked_at": "timestamptz",
        "updated_at": "timestamptz not null",
    },
    "builds": {
        "build_id": "uuid primary key",
        "loads_seen": "bigint not null",
        "project": "text not null",
        "state": "text not null check (state in ('done', 'failed'))",
        "models": "integer",
        "error": "text",
        "started_at": "timestamptz not null",
        "finished_at": "timestamptz not null",
    },
}
INDEXES = {
    "load_ledger": {"by_stream": "(platform, stream, account_id, finished_at)", "by_checksum": "(checksum)"},
    "quarantine": {"by_load": "(load_id)"},
    "report_requests": {"by_batch": "(batch_id)", "by_window": "(platform, stream, account_id, window_start)"},
}
UNIQUE = {
    "known_days": "(platform, stream, account_id, day, scope)",
    "backfills": "(platform, stream, account_id, window_start, window_end)",
}
_ready: set[tuple[str, str]] = set()


def ensure_schema(uri: str, contracts: Iterable[Contract]) -> list[str]:
    """Create what is missing for ``contracts`` and return the tables that were created; cheap when nothing is."""
    wanted = [contract for contract in contracts if (uri, contract.table) not in _ready]
    if not wanted and (uri, "") in _ready:
        return []
    with row_connection(uri) as connection:
        present = _columns(connection)
        statements = list(_statements(wanted, present))
        if statements:
            connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (LOCK,))
            present = _columns(connection)
            _check_version(connection)
            for statement in _statements(wanted, present):
                connection.execute(statement)
        created = [table for table in _tables(wanted) if table not in present]
    _ready.update((uri, contract.table) for contract in wanted)
    _ready.add((uri, ""))
    return created


def _tables(contracts: list[Contract]) -> dict[str, dict[str, str]]:
    tables = dict(SERVICE_TABLES)
    for contract in contracts:
        tables[contract.table] = {**{c.name: SQL_TYPES[c.type] for c in contract.columns}, **TECHNICAL}
    return tables


def _statements(contracts: list[Contract], present: dict[str, set[str]]) -> Iterable[str]:
    if not present:
        yield "create schema if not exists raw"
    for table, columns in _tables(contracts).items():
        if table not in present:
            body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            yield f"create table if not exists raw.{table} ({body})"
            for name, on in INDEXES.get(table, {}).items():
                yield f"create index if not exists {table}_{name} on raw.{table} {on}"
            if table in UNIQUE:
                yield f"create unique index if not exists {table}_key on raw.{table} {UNIQUE[table]}"
            continue
        for name, kind in columns.items():
            if name not in present[table]:
                yield f"alter table raw.{table} add column if not exists {name} {kind.removesuffix(' not null')}"
    for contract in contracts:
        if contract.table not in present:
            yield (
                f"create unique index if not exists {contract.table}_key on raw.{contract.table} "
                f"({', '.join(contract.index)}) nulls not distinct"
            )


def _columns(connection: Any) -> dict[str, set[str]]:
    found = connection.execute(
        "select c.relname, a.attname from pg_catalog.pg_class c "
        "join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where c.relnamespace = to_regnamespace('raw') and c.relkind in ('r', 'p')"
    ).fetchall()
    tables: dict[str, set[str]] = {}
    for table, column in found:
        tables.setdefault(table, set()).add(column)
    return tables


def _check_version(connection: Any) -> None:
    if connection.info.server_version < 150000:
        raise ConfigurationError(
            "the warehouse must be PostgreSQL 15 or newer (unique keys treat missing values as equal)"
        )
