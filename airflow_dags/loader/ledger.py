# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""The statements that write down a load: ledger row, quarantined rows, the account's profile."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from airflow_dags.errors import AllRowsRefused, PipelineError
from airflow_dags.warehouse import load_connection

if TYPE_CHECKING:
    from airflow_dags.contracts import Contract, Window
    from airflow_dags.parsing import Rejected

QUARANTINE_BATCH = 5000
LONGEST_CELL = 10_000


def literal(value: Any) -> str:
    """A safely quoted SQL literal."""
    from psycopg.sql import Literal

    return Literal(value).as_string(None)


def now() -> datetime:
    return datetime.now(timezone.utc)


def ledger_insert(row: dict[str, Any]) -> str:
    """The insert of one ledger row; keys are its columns."""
    document = json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False)
    return (
        "insert into raw.load_ledger select * from jsonb_populate_record(null::raw.load_ledger, "
        f"{literal(document)}::jsonb)"
    )


def keep_rejected(cursor: Any, load_id: UUID, contract: Contract, account_id: str, rejected: list[Rejected]) -> None:
    """Copy the rows that broke the contract into raw.quarantine, some thousands at a time."""
    from airflow_dags.loader.copying import copy_into

    for start in range(0, len(rejected), QUARANTINE_BATCH):
        rows = quarantine_rows(load_id, contract, account_id, rejected[start : start + QUARANTINE_BATCH])
        copy_into(cursor, "raw.quarantine", rows)


def quarantine_rows(load_id: UUID, contract: Contract, account_id: str, rejected: list[Rejected]) -> dict[str, Any]:
    """The rows as raw.quarantine has them: Arrow columns and constants, uuid and jsonb in their binary forms."""
    import pyarrow as pa

    from airflow_dags.parsing import rows_of

    texts = [json.dumps(_without_nul(row), ensure_ascii=False, default=str) for row in rows_of(rejected)]
    rows = [b"\x01" + text.encode("utf-8", "replace") for text in texts]
    return {
        "load_id": pa.scalar(load_id.bytes, pa.binary()),
        "platform": pa.scalar(contract.platform),
        "stream": pa.scalar(contract.stream),
        "account_id": pa.scalar(account_id),
        "row_number": pa.array([item.row_number for item in rejected], pa.int64()),
        "reason": pa.array([item.reason[:1000].replace("\x00", "") for item in rejected], pa.string()),
        "row": pa.array(rows, pa.binary()),
        "quarantined_at": pa.scalar(now(), pa.timestamp("us", tz="UTC")),
    }


def account_upsert(profile: Any) -> str:
    """The insert or update of raw.accounts; a value that this load doesn't know keeps the one that is there."""
    names = (
        "account_id",
        "platform",
        "account_name",
        "marketplace_id",
        "currency",
        "time_zone",
        "consolidation_currency",
    )
    values = ", ".join(literal(getattr(profile, name)) for name in names)
    known = [name for name in names if name != "account_id"]
    updates = ", ".join(f"{name} = coalesce(excluded.{name}, a.{name})" for name in known)
    changed = " or ".join(f"a.{name} is distinct from coalesce(excluded.{name}, a.{name})" for name in known)
    return (
        f"insert into raw.accounts as a ({', '.join(names)}, updated_at) values ({values}, now()) "
        f"on conflict (account_id) do update set {updates}, updated_at = now() where {changed}"
    )


def record_failure(
    uri: str,
    contract: Contract,
    account_id: str,
    error: PipelineError,
    *,
    window: Window | None = None,
    source_document: str | None = None,
    checksum: str | None = None,
    started_at: datetime | None = None,
) -> UUID:
    """Write a ledger row of a load that failed, in a transaction of its own, and keep the rows that were refused."""
    load_id = uuid4()
    rejected = error.context.get("rejected", []) if isinstance(error, AllRowsRefused) else []
    refused = error.context.get("rows_refused", len(rejected))
    row = {
        "load_id": load_id,
        "platform": contract.platform,
        "stream": contract.stream,
        "account_id": account_id,
        "mode": contract.mode,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "rows_read": refused,
        "rows_loaded": 0,
        "rows_quarantined": refused,
        "rows_unchanged": 0,
        "source_document": source_document,
        "checksum": checksum,
        "state": "failed",
        "error": error.message[:1000],
        "started_at": started_at or now(),
        "finished_at": now(),
    }
    with load_connection(uri) as connection, connection.cursor() as cursor:
        cursor.execute(ledger_insert(row))
        keep_rejected(cursor, load_id, contract, account_id, rejected)
        connection.commit()
    return load_id


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\x00", "")
    return value


def _without_nul(row: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("\x00", ""): _shortened(_plain(value)) for name, value in row.items()}


def _shortened(value: Any) -> Any:
    """A cell without end is not worth keeping to the last letter."""
    return f"{value[:LONGEST_CELL]}..." if isinstance(value, str) and len(value) > LONGEST_CELL else value
