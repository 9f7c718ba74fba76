# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""One load: check, replace and write the ledger in ONE transaction of one connection.

Rows go in by binary COPY from Arrow, in the key's order, which spares the server most of the work on the key's index. A
document in pieces is parsed by one thread while another copies, and never held as a whole. What is staged is in
temporary tables of that connection, so a process that is killed at any moment leaves nothing behind: the server rolls
back and drops them. An advisory lock per stream and account keeps two loads of the same rows apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID, uuid4

from airflow_dags.contracts import Contract, ReadAgain, Scope, Window
from airflow_dags.errors import AllRowsRefused, ConfigurationError, TerminalError
from airflow_dags.loader.duplicates import without_duplicates
from airflow_dags.loader.ledger import account_upsert, keep_rejected, ledger_insert, literal, now
from airflow_dags.loader.modes import Replacement, replacement_of
from airflow_dags.loader.owners import Owners
from airflow_dags.loader.pieces import pieces_ahead
from airflow_dags.loader.rows import placeable
from airflow_dags.loader.schema import ensure_schema
from airflow_dags.parsing import Parsed, Pieces, Rejected
from airflow_dags.warehouse import load_connection

UNIQUE_VIOLATION = "23505"
# Of a document without one good row, this many are kept in raw.quarantine; the ledger counts them all.
MOST_REFUSED_KEPT = 10_000


@dataclass(frozen=True)
class AccountProfile:
    """What raw.accounts tells of a selling account; None where unknown."""

    account_id: str
    platform: str
    account_name: str | None = None
    marketplace_id: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    consolidation_currency: str | None = None


@dataclass(frozen=True)
class LoadRequest:
    """What to replace. ``scopes`` default to the whole window; snapshots need a window of the one day. ``known_at`` is
    when the source knew it: later knowledge wins whatever the order of arrival (absent: known now). ``checksum`` may be
    asked for it, if a document in pieces has one only when it was read."""

    contract: Contract
    account_id: str
    window: Window | None = None
    scopes: tuple[Scope, ...] = ()
    source_document: str | None = None
    checksum: str | Callable[[], str] | None = None
    profile: AccountProfile | None = None
    is_file: bool = False
    started_at: datetime = field(default_factory=now)
    known_at: datetime | None = None

    def checksum_at_last(self) -> str | None:
        return self.checksum() if callable(self.checksum) else self.checksum


@dataclass(frozen=True)
class LoadResult:
    """What a load did. Every row that was read was loaded, quarantined, or unchanged (repeated, or known from later).
    ``days_skipped`` counts the days of which a later document is known; their rows are unchanged."""

    load_id: UUID
    state: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_unchanged: int
    window: Window | None
    unknown_columns: tuple[str, ...] = ()
    new_columns: tuple[str, ...] = ()
    days_skipped: int = 0


def load_table(uri: str, parsed: Parsed | Pieces, request: LoadRequest) -> LoadResult:
    """Replace by ``parsed`` what the warehouse knows; all or nothing. Raises a PipelineError, and then nothing was
    changed."""
    ensure_schema(uri, [request.contract])
    try:
        return _replace(uri, parsed, request)
    except _BadKeys as found:
        found.document.find_bad_keys()
    except ReadAgain:
        pass
    except TerminalError as error:
        if error.context.get("sqlstate") != UNIQUE_VIOLATION:
            raise
        parsed = without_duplicates(parsed.whole, request.contract)
    return load_table(uri, parsed, request) if isinstance(parsed, Pieces) else _replace(uri, parsed, request)


class _BadKeys(Exception):  # noqa: N818 (it never leaves this module)
    """A piece holds a bad row, whose key's other rows may be in other pieces."""

    def __init__(self, document: Pieces) -> None:
        super().__init__()
        self.document = document


@dataclass
class _Counts:
    read: int = 0
    good: int = 0
    repeated: int = 0
    loaded: int = 0
    quarantined: int = 0
    unknown: set[str] = field(default_factory=set)
    refused: list[Rejected] = field(default_factory=list)

    def add(self, piece: Parsed) -> None:
        self.read += piece.rows_read
        self.good += piece.table.num_rows
        self.repeated += piece.repeated
        self.quarantined += len(piece.rejected)
        self.unknown.update(piece.unknown_columns)
        if not self.good:
            self.refused += piece.rejected[: MOST_REFUSED_KEPT - len(self.refused)]


def _replace(uri: str, parsed: Parsed | Pieces, request: LoadRequest) -> LoadResult:
    load_id = uuid4()
    with load_connection(uri) as connection:
        cursor = connection.cursor()
        cursor.execute(f"select pg_advisory_xact_lock(hashtextextended({literal(_lock_name(request))}, 0))")
        replacement = _begin(cursor, request, load_id)
        counts = _take_all(cursor, parsed, request, replacement)
        counts.loaded += replacement.end() if counts.good else 0
        if counts.quarantined and not counts.good:
            raise _all_refused(request, counts)
        if request.profile:
            cursor.execute(account_upsert(request.profile))
        result = _result(cursor, request, replacement, counts)
        cursor.execute(ledger_insert(_ledger_row(request, result)))
        connection.commit()
        cursor.close()
    return result


def _begin(cursor: Any, request: LoadRequest, load_id: UUID) -> Replacement:
    """Nothing can be known later than now; now is asked for behind the lock, so that the later of two loads wins."""
    cursor.execute("select clock_timestamp()")
    moment = cursor.fetchone()[0]
    known_at = min(request.known_at, moment) if request.known_at else moment
    contract = request.contract
    scopes = () if contract.mode == "changes" else _scopes(request)
    return replacement_of(contract)(cursor, contract, request.account_id, load_id, known_at, scopes)


def _take_all(cursor: Any, document: Parsed | Pieces, request: LoadRequest, replacement: Replacement) -> _Counts:
    owners, counts, is_begun = Owners(cursor, request), _Counts(), False

    def place(parsed: Parsed) -> Parsed:
        if parsed.rejected and _may_hold_more(document, request.contract):
            raise _BadKeys(document)
        return placeable(parsed, request.contract, request.window, replacement.scopes)

    with pieces_ahead(document, place, replacement.columns_of) as pieces:
        for piece in pieces:
            owners.check(piece.table)
            if not is_begun:
                is_begun = True
                replacement.begin()
            counts.loaded += replacement.take(piece)
            keep_rejected(cursor, replacement.load_id, request.contract, request.account_id, piece.parsed.rejected)
            counts.add(piece.parsed)
    if not is_begun:
        replacement.begin()
    owners.check_at_last()
    return counts


def _may_hold_more(document: Parsed | Pieces, contract: Contract) -> TypeGuard[Pieces]:
    """Whether rows of a bad row's key may be in other pieces, and nobody has looked yet."""
    return isinstance(document, Pieces) and contract.mode == "changes" and not document.bad_keys


def _all_refused(request: LoadRequest, counts: _Counts) -> AllRowsRefused:
    first = counts.refused[0]
    kept = "the rows are" if len(counts.refused) == counts.quarantined else f"the first {len(counts.refused)} are"
    return AllRowsRefused(
        f"not one of {counts.quarantined} rows meets the contract of {request.contract.title} (row "
        f"{first.row_number}: {first.reason}); nothing was changed; {kept} in raw.quarantine",
        rejected=counts.refused,
        rows_refused=counts.quarantined,
    )


def _result(cursor: Any, request: LoadRequest, replacement: Replacement, counts: _Counts) -> LoadResult:
    unchanged = counts.good - counts.loaded + counts.repeated
    if counts.read != counts.loaded + unchanged + counts.quarantined or unchanged < 0:
        raise TerminalError(
            f"{request.contract.title} for {request.account_id}: of {counts.read} rows {counts.loaded} would be "
            f"loaded, {unchanged} unchanged and {counts.quarantined} quarantined, which doesn't add up; nothing was "
            "changed; report this as a defect"
        )
    unknown = sorted(counts.unknown)
    return LoadResult(
        load_id=replacement.load_id,
        state="loaded" if counts.good else "empty",
        rows_read=counts.read,
        rows_loaded=counts.loaded,
        rows_quarantined=counts.quarantined,
        rows_unchanged=unchanged,
        window=request.window,
        unknown_columns=tuple(unknown),
        new_columns=_new_columns(cursor, request, unknown),
        days_skipped=replacement.days_skipped,
    )


def _scopes(request: LoadRequest) -> tuple[Scope, ...]:
    if request.scopes:
        return request.scopes
    if request.window is None:
        raise ConfigurationError(f"{request.contract.title}: a load of mode {request.contract.mode} needs a window")
    return (Scope(request.window),)


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
        "checksum": request.checksum_at_last(),
        "state": result.state,
        "started_at": request.started_at,
        "finished_at": now(),
    }
