"""What every way of loading shares: put the documents together, load them in one transaction, write failures down."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_dags.contracts import Extract, Window
from airflow_dags.errors import PipelineError, TerminalError, Throttled, WrongDocument
from airflow_dags.loader import AccountProfile, LoadRequest, LoadResult, ensure_schema, load_table, record_failure

if TYPE_CHECKING:
    from airflow_dags.ingest.jobs import Job

log = logging.getLogger(__name__)
DEFAULT_CURRENCY = "USD"
_not_recorded: ContextVar[tuple[type[PipelineError], ...]] = ContextVar("_not_recorded", default=())
T = TypeVar("T")
R = TypeVar("R")
Checksum = str | Callable[[], str]


def now() -> datetime:
    return datetime.now(timezone.utc)


def load(
    job: Job,
    extracts: list[Extract],
    window: Window | None,
    *,
    source: str | None,
    checksum: Checksum | None,
    started_at: datetime,
    is_file: bool = False,
) -> LoadResult:
    """Load what was read, in one transaction. Where no scope is given, an extract is complete for its window."""
    from airflow_dags.assemble import assemble

    if job.is_snapshot:
        extracts = [with_snapshot_day(job, extract, window) for extract in extracts]
    parsed, scopes, window = assemble(job.stream, extracts, window, source or "the document")
    known = [extract.known_at for extract in extracts if extract.known_at]
    request = LoadRequest(
        contract=job.contract,
        account_id=job.account.account_id,
        window=window,
        scopes=tuple(scopes),
        source_document=source[:500] if source else None,
        checksum=checksum,
        profile=profile_of(job, extracts[0] if extracts else None),
        is_file=is_file,
        started_at=started_at,
        # What one transaction holds is as old as the oldest of its documents.
        known_at=min(known) if len(known) == len(extracts) and known else None,
    )
    result = load_table(job.uri, parsed, request)
    log.info(
        "%s: %s, %d rows loaded, %d unchanged, %d quarantined",
        job.title,
        result.window or "no days",
        result.rows_loaded,
        result.rows_unchanged,
        result.rows_quarantined,
    )
    if result.new_columns:
        log.warning("%s: unknown columns %s are kept in _extra", job.title, ", ".join(result.new_columns))
    return result


def checksum_of(document: Any, extract: Extract) -> Checksum:
    """The document's checksum; of one that is read while it is loaded, how to learn it then."""
    import pyarrow as pa

    return document.checksum if isinstance(extract.table, pa.Table) else lambda: document.checksum


def profile_of(job: Job, extract: Extract | None) -> AccountProfile | None:
    """What raw.accounts tells of the account: as its platform knows it, its connection's fields first; its figures are
    consolidated in the connection's ``consolidation_currency``, else KPI_CONSOLIDATION_CURRENCY, else US dollars.

    A file loaded for an account without a connection says nothing of the currency that it is consolidated in.
    """
    profile, account = job.platform.profile(job.account, extract), job.account
    if profile is None:
        return None
    default = os.environ.get("KPI_CONSOLIDATION_CURRENCY") or DEFAULT_CURRENCY
    consolidation = account.get("consolidation_currency", default if account.is_connected else None)
    return replace(
        profile,
        account_name=account.get("account_name", profile.account_name),
        currency=account.get("currency", profile.currency),
        time_zone=account.get("time_zone", profile.time_zone),
        consolidation_currency=str(consolidation).upper() if consolidation else None,
    )


def with_snapshot_day(job: Job, extract: Extract, window: Window | None) -> Extract:
    """Fill in the day of a snapshot, which is the loader's to know, not the document's."""
    import pyarrow as pa

    window, column = extract.window or window, str(job.contract.window_column)
    if window is None:
        return extract
    day = str(window.end)

    def filled(table: pa.Table) -> pa.Table:
        if column in table.column_names:
            return table
        return table.append_column(column, pa.array([day] * table.num_rows, pa.string()))

    extract.window = window
    if isinstance(extract.table, pa.Table):
        extract.table = filled(extract.table)
    else:
        extract.table = _Mapped(extract.table, filled)
    return extract


class _Mapped:
    """Pieces of a document, each changed by ``change`` whenever they are read."""

    def __init__(self, pieces: Any, change: Callable[[Any], Any]) -> None:
        self._pieces, self._change = pieces, change

    def __iter__(self) -> Iterator[Any]:
        return ((self._change(cells), broken) for cells, broken in self._pieces)


def empty_extract(job: Job, window: Window) -> Extract:
    """A document without rows: its window is known to be empty."""
    import pyarrow as pa

    names = {column.names[0]: pa.array([], pa.string()) for column in job.contract.columns if column.required}
    return Extract(pa.table(names), window=window)


def refuse_other_days(extract: Extract, window: Window | None, name: str, exactly: bool = False) -> None:
    """A document that states its days must not replace others than those that were asked for."""
    found = extract.window
    if window is None or found is None:
        return
    if (found != window) if exactly else (found.start < window.start or found.end > window.end):
        raise WrongDocument(
            f"{name} covers {found}, not {window}; nothing was changed; check the days that were asked for"
        )


@contextmanager
def built_as_known(job: Job, name: str) -> Iterator[None]:
    """An answer that lacks a part, or has one of another type, is refused as the wrong document that it is."""
    try:
        yield
    except PipelineError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        log.debug("%s can't be read", name, exc_info=True)
        missing = f": {error}" if isinstance(error, KeyError) else ""
        raise WrongDocument(
            f"{name}: what {job.platform.title} answered isn't built as {job.contract.title} knows it "
            f"({type(error).__name__}{missing}); nothing was changed; see whether the platform has changed it"
        ) from error


@contextmanager
def recorded_failure(
    job: Job, window: Window | None, source: str | None, started_at: datetime | None = None
) -> Iterator[None]:
    """Write what fails within into the ledger; errors that nobody foresaw become one line without their values."""
    try:
        yield
    except PipelineError as error:
        record(job, error, window, source, started_at)
        raise
    except Exception as error:
        log.debug("%s failed unexpectedly", job.contract.title, exc_info=True)
        wrapped = TerminalError(f"{job.title} failed unexpectedly ({type(error).__name__}); nothing was changed")
        record(job, wrapped, window, source, started_at)
        raise wrapped from error


def record(
    job: Job,
    error: PipelineError,
    window: Window | None,
    source: str | None = None,
    started_at: datetime | None = None,
) -> None:
    """Write a failure into the ledger, as well as the warehouse allows; a failure is written once."""
    if error.context.get("is_recorded") or isinstance(error, _not_recorded.get()):
        return
    error.context["is_recorded"] = True
    error = with_time(error)
    try:
        ensure_schema(job.uri, [job.contract])
        record_failure(
            job.uri,
            job.contract,
            job.account.account_id,
            error,
            window=window,
            source_document=source[:500] if source else None,
            started_at=started_at,
        )
    except PipelineError:
        log.warning("the failure could not be written to the ledger: the warehouse can't be reached")


@contextmanager
def not_recorded(*kinds: type[PipelineError]) -> Iterator[None]:
    """Errors of these kinds are not written down within: whoever gets them knows better what they mean."""
    token = _not_recorded.set(kinds)
    try:
        yield
    finally:
        _not_recorded.reset(token)


def with_time(error: PipelineError) -> PipelineError:
    """A throttled run says when it may go on."""
    if not isinstance(error, Throttled) or not error.retry_after:
        return error
    moment = now() + timedelta(seconds=error.retry_after)
    return Throttled(f"{error.message}; nothing was changed; resumes at {moment:%Y-%m-%d %H:%M} UTC", error.retry_after)


def in_threads(action: Callable[[T], R], items: list[T], threads: int) -> list[R]:
    """Map in a few threads, results in order; the first error is raised once the running calls are over."""
    if len(items) < 2 or threads < 2:
        return [action(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(threads, len(items))) as pool:
        futures: list[Future[Any]] = [pool.submit(action, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise
