# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""One load: check, replace and write the ledger in ONE transaction of one connection.

Rows go in by binary COPY from Arrow, in the key's order, which spares the server most of the work on the key's index. A
document that is complete for its window is copied straight into the table, after the window was deleted; a feed of
changes is staged first, because which of its rows win is only known beside those that are stored. Staged rows are in a
temporary table of that connection, so a process that is killed at any moment leaves nothing behind: the server rolls
back and drops it. An advisory lock per stream and account keeps two loads of the same rows apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Scope, Window
from airflow_dags.errors import AllRowsRefused, ConfigurationError, TerminalError, WrongAccount
from airflow_dags.loader import replace
from airflow_dags.loader.duplicates import without_duplicates
from airflow_dags.loader.ledger import account_upsert, ledger_insert, literal, now, quarantine_insert
from airflow_dags.loader.schema import ensure_schema
from airflow_dags.parsing import EXTRA, Parsed, Rejected
from airflow_dags.warehouse import arrow_connection

UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True)
class AccountProfile:
    """What raw.accounts tells of a selling account; None where unknown."""

    account_id: str
    platform: str
    account_name: str | None = None
    marketplace_id: str | None = None
    currency: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class LoadRequest:
    """What to replace. ``scopes`` default to the whole window; snapshots need a window of the one day. ``known_at`` is
    when the source knew it: later knowledge wins whatever the order of arrival (absent: known now)."""

    contract: Contract
    account_id: str
    window: Window | None = None
    scopes: tuple[Scope, ...] = ()
    source_document: str | None = None
    checksum: str | None = None
    profile: AccountProfile | None = None
    is_file: bool = False
    started_at: datetime = field(default_factory=now)
    known_at: datetime | None = None


@dataclass(frozen=True)
class LoadResult:
    load_id: UUID
    state: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_unchanged: int
    window: Window | None
    unknown_columns: tuple[str, ...] = ()
    new_columns: tuple[str, ...] = ()


def load_table(uri: str, parsed: Parsed, request: LoadRequest) -> LoadResult:
    """Replace by ``parsed`` what the warehouse knows; all or nothing. Raises a PipelineError, and then nothing was
    changed."""
    ensure_schema(uri, [request.contract])
    parsed = _set_aside_outside_window(parsed, request)
    if parsed.rejected and not parsed.table.num_rows:
        first = parsed.rejected[0]
        raise AllRowsRefused(
            f"not one of {len(parsed.rejected)} rows meets the contract of {request.contract.title} (row "
            f"{first.row_number}: "
            f"{first.reason}); nothing was changed; the rows are in raw.quarantine",
            rejected=parsed.rejected,
        )
    try:
        return _replace(uri, parsed, request)
    except TerminalError as error:
        if error.context.get("sqlstate") != UNIQUE_VIOLATION or request.contract.mode == "changes":
            raise
    return _replace(uri, without_duplicates(parsed, request.contract), request)


def _set_aside_outside_window(parsed: Parsed, request: LoadRequest) -> Parsed:
    """Rows that a document must not hold: they would not be replaced by the next load of their own day."""
    column = request.contract.window_column
    if request.contract.mode != "window" or request.window is None or not parsed.table.num_rows:
        return parsed
    days = parsed.table.column(column)
    start, end = (pa.scalar(day, pa.date32()) for day in (request.window.start, request.window.end))
    inside = pc.and_(pc.greater_equal(days, start), pc.less_equal(days, end))
    if pc.all(inside).as_py():
        return parsed
    outside = parsed.table.filter(pc.invert(inside)).to_pylist()
    rejected = [
        Rejected(
            0, f"{column} {row[column]} is outside the window {request.window}", {k: str(v) for k, v in row.items()}
        )
        for row in outside
    ]
    return Parsed(parsed.table.filter(inside), parsed.rejected + rejected, parsed.unknown_columns, parsed.rows_read)


def _replace(uri: str, parsed: Parsed, request: LoadRequest) -> LoadResult:
    load_id, rows = uuid4(), parsed.table.num_rows
    with arrow_connection(uri) as connection:
        cursor = connection.cursor()
        cursor.execute(f"select pg_advisory_xact_lock(hashtextextended({literal(_lock_name(request))}, 0))")
        if rows:
            _refuse_other_accounts(cursor, parsed.table, request)
        if request.contract.mode == "changes":
            loaded = _apply_changes(cursor, parsed.table, request, load_id) if rows else 0
        else:
            loaded = _replace_scopes(cursor, parsed.table, request, load_id)
        if parsed.rejected:
            cursor.execute(quarantine_insert(load_id, request.contract, request.account_id, parsed.rejected))
        if request.profile:
            cursor.execute(account_upsert(request.profile))
        result = LoadResult(
            load_id=load_id,
            state="loaded" if rows else "empty",
            rows_read=parsed.rows_read,
            rows_loaded=loaded,
            rows_quarantined=len(parsed.rejected),
            rows_unchanged=rows - loaded,
            window=request.window,
            unknown_columns=tuple(parsed.unknown_columns),
            new_columns=_new_columns(cursor, request, parsed.unknown_columns),
        )
        cursor.execute(ledger_insert(_ledger_row(request, result)))
        connection.commit()
        cursor.close()
    return result


def _apply_changes(cursor: Any, table: pa.Table, request: LoadRequest, load_id: UUID) -> int:
    """Replace the keys of which the document has a newer state (or the same), and return the rows written."""
    contract, account_id = request.contract, request.account_id
    has_extra = EXTRA in table.column_names and table.column(EXTRA).null_count < table.num_rows
    staged = table if has_extra or EXTRA not in table.column_names else table.drop([EXTRA])
    cursor.adbc_ingest(replace.STAGE, _in_key_order(staged, contract), mode="create", temporary=True)
    for statement in replace.newer_keys(contract, account_id):
        cursor.execute(statement)
    cursor.execute(replace.insert_staged(contract, account_id, load_id, has_extra))
    return int(cursor.fetchone()[0])


def _replace_scopes(cursor: Any, table: pa.Table, request: LoadRequest, load_id: UUID) -> int:
    """Delete what the document is complete for and copy its rows; returns their number."""
    contract, account_id = request.contract, request.account_id
    scopes = _scopes(request)
    # A snapshot without rows is a source that failed quietly, not a business without products: the last one stays.
    if scopes and (table.num_rows or contract.mode == "window"):
        cursor.execute(replace.delete_scopes(contract, account_id, scopes))
    if table.num_rows:
        rows = complete_rows(table, contract, account_id, load_id)
        cursor.adbc_ingest(contract.table, rows, mode="append", db_schema_name="raw")
    return int(table.num_rows)


def complete_rows(table: pa.Table, contract: Contract, account_id: str, load_id: UUID) -> pa.Table:
    """The rows as the warehouse's table has them: in the key's order, with the technical columns in their binary
    forms."""
    table = _in_key_order(table, contract)
    count = table.num_rows
    extra = table.column(EXTRA) if EXTRA in table.column_names else None
    columns = {column.name: table.column(column.name) for column in contract.columns}
    columns["_account_id"] = pa.repeat(pa.scalar(account_id), count)
    columns["_load_id"] = pa.repeat(pa.scalar(load_id.bytes, pa.binary(16)), count)
    columns["_loaded_at"] = pa.repeat(pa.scalar(now(), pa.timestamp("us", tz="UTC")), count)
    if extra is not None and extra.null_count < count:
        # jsonb's binary form is a version byte before the text.
        columns["_extra"] = pc.binary_join_element_wise(pa.scalar(b"\x01"), extra.cast(pa.binary()), pa.scalar(b""))
    return pa.table(columns)


def _in_key_order(table: pa.Table, contract: Contract) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in contract.unique])


def _scopes(request: LoadRequest) -> list[Scope]:
    if request.scopes:
        return list(request.scopes)
    if request.window is None:
        raise ConfigurationError(f"{request.contract.title}: a load of mode {request.contract.mode} needs a window")
    return [Scope(request.window)]


def _refuse_other_accounts(cursor: Any, table: pa.Table, request: LoadRequest) -> None:
    contract, account_id = request.contract, request.account_id
    remedy = f"nothing was changed; load it with --account of the account that it was downloaded for, not {account_id}"
    if request.checksum:
        cursor.execute(replace.same_document(contract, account_id, request.checksum))
        if found := cursor.fetchone():
            raise WrongAccount(
                f"this very document was already loaded for account {found[0]}; {remedy}", account=found[0]
            )
    # A platform's API answers for the login's own account, so the costlier looks, which no index helps, are for files
    # only.
    for column in contract.owned if request.is_file else contract.unique[:1]:
        if column not in contract.owned:
            continue
        _stage_ids(cursor, table, column)
        cursor.execute(replace.stored_elsewhere(contract, account_id, column))
        if found := cursor.fetchone():
            raise WrongAccount(f"{column} {found[0]} belongs to account {found[1]}; {remedy}", account=found[1])
    for column in contract.seller_ids if request.is_file else ():
        _stage_ids(cursor, table, column)
        cursor.execute(replace.names_of_others(contract, account_id, column))
        names, own, has_rows, others, other = cursor.fetchone()
        if has_rows and names and not own and others * 2 >= names:
            raise WrongAccount(
                f"{others} of its {names} {column}s are account {other}'s and none is {account_id}'s; {remedy}",
                account=other,
            )


def _stage_ids(cursor: Any, table: pa.Table, column: str) -> None:
    """Put the distinct values of one column beside the stored ones, to be compared."""
    ids = pa.table({column: pc.unique(table.column(column)).drop_null()})
    cursor.adbc_ingest(replace.ids_of(column), ids, mode="create", temporary=True)


def _new_columns(cursor: Any, request: LoadRequest, unknown: list[str]) -> tuple[str, ...]:
    """Unknown columns that no earlier load of this stream and account has met: those are worth a warning, once."""
    if not unknown:
        return ()
    contract = request.contract
    cursor.execute(
        f"select distinct unnest(unknown_columns) from raw.load_ledger where platform = {literal(contract.platform)} "
        f"and stream = {literal(contract.stream)} and account_id = {literal(request.account_id)} and unknown_columns "
        f"is not null"
    )
    met = {row[0] for row in cursor.fetchall()}
    return tuple(name for name in unknown if name not in met)


def _lock_name(request: LoadRequest) -> str:
    return f"kpi:load:{request.contract.title}:{request.account_id}"


def _ledger_row(request: LoadRequest, result: LoadResult) -> dict[str, Any]:
    contract = request.contract
    return {
        "load_id": result.load_id,
        "platform": contract.platform,
        "stream": contract.stream,
        "account_id": request.account_id,
        "mode": contract.mode,
        "window_start": result.window.start if result.window else None,
        "window_end": result.window.end if result.window else None,
        "rows_read": result.rows_read,
        "rows_loaded": result.rows_loaded,
        "rows_quarantined": result.rows_quarantined,
        "rows_unchanged": result.rows_unchanged,
        "unknown_columns": list(result.unknown_columns) or None,
        "source_document": request.source_document,
        "checksum": request.checksum,
        "state": result.state,
        "started_at": request.started_at,
        "finished_at": now(),
    }
