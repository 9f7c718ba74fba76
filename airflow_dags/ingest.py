"""The steps of ingestion, the same for the DAGs and the command line: create, poll, load; or pull; or load a file.

Every step is safe to repeat. What fails leaves a row in the ledger (state failed, with the reason) and changes nothing
else.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from airflow_dags.accounts import Account
from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.errors import (
    ConfigurationError,
    NotReady,
    PipelineError,
    ReportFailed,
    RequestRefused,
    TerminalError,
    WrongDocument,
)
from airflow_dags.loader import LoadRequest, LoadResult, ensure_schema, load_table, record_failure
from airflow_dags.requests_store import ReportRequest, RequestStore
from airflow_dags.streams import Platform, PullStream, ReportStream, Stream
from airflow_dags.warehouse import row_connection

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Job:
    """One stream of one account, with the warehouse that it goes to."""

    platform: Platform
    stream: Stream
    account: Account
    uri: str

    @property
    def contract(self) -> Contract:
        return self.stream.contract

    def today(self) -> date:
        """The day that it is where the account sells."""
        return datetime.now(ZoneInfo(self.platform.time_zone(self.account))).date()

    def client(self) -> Any:
        return self.platform.connect(self.account, self.platform)


def job_of(platform: Platform, stream: str, account: Account, uri: str) -> Job:
    return Job(platform, platform.stream(stream), account, uri)


# Windows


def trailing_window(job: Job) -> Window:
    """What a run without given days reloads: the days that the platform restates, or back to the last load if that is
    longer."""
    settings = job.stream.settings
    end = job.today() - timedelta(days=1)
    ensure_schema(job.uri, [job.contract])
    with row_connection(job.uri) as connection:
        covered = connection.execute(
            "select max(window_end) from raw.load_ledger where platform = %s and stream = %s and account_id = %s "
            "and state in ('loaded', 'empty')",
            (job.contract.platform, job.contract.stream, job.account.account_id),
        ).fetchone()[0]
    start = end - timedelta(days=settings.trailing_days - 1)
    if covered is None:
        start = end - timedelta(days=settings.initial_days - 1)
    elif covered < start:
        start = covered
    return Window(min(start, end), end)


# Files


def load_file(job: Job, document: Any, window: Window | None = None) -> LoadResult:
    """Load one report that a person downloaded."""
    started_at = _now()
    with recorded_failure(job, window, document.name, started_at):
        day = window.end if window else job.today()
        extract = job.stream.read(document, job.account, day)
        _refuse_other_days(extract, window, document.name, exactly=True)
        return _load(
            job,
            [extract],
            extract.window or window,
            source=document.name,
            checksum=document.checksum,
            started_at=started_at,
            is_file=True,
        )


# Reports


def create_reports(job: Job, window: Window) -> UUID:
    """Ask for the reports of a window, resuming those that an earlier attempt asked for; returns the batch."""
    stream, batch_id = _report_stream(job), uuid4()
    with recorded_failure(job, window, None):
        ensure_schema(job.uri, [job.contract])
        windows = window.split(stream.settings.request_days)
        with RequestStore(job.uri) as store:
            _create_missing(job, stream, store, batch_id, windows)
    return batch_id


def _create_missing(job: Job, stream: ReportStream, store: RequestStore, batch_id: UUID, windows: list[Window]) -> None:
    client, account_id, fingerprint = job.client(), job.account.account_id, stream.fingerprint
    hours = stream.settings.resume_hours
    store.resume(batch_id, job.contract, account_id, fingerprint=fingerprint, windows=windows, hours=hours)
    found = store.of_batch(batch_id)
    # A report that was asked for earlier may have failed since, or be forgotten: such a one is asked for anew.
    store.mark(_check_all(job, stream, found, client))
    resumed = {request.window for request in store.of_batch(batch_id) if request.state != "failed"}
    if resumed:
        log.info("%s %s: %d reports resumed", job.contract.title, account_id, len(resumed))
    store.forget_failed(batch_id)

    def create(part: Window) -> None:
        report_id = stream.request(client, job.account, part)
        store.add(batch_id, job.contract, account_id, fingerprint=fingerprint, window=part, report_id=report_id)

    _in_threads(create, [part for part in windows if part not in resumed], stream.settings.threads)


def poll_reports(job: Job, batch_id: UUID, client: Any = None) -> bool:
    """Look at the unfinished reports of a batch; True when none is left to wait for."""
    stream = _report_stream(job)
    with recorded_failure(job, None, None), RequestStore(job.uri) as store:
        waiting = store.of_batch(batch_id, ["requested"])
        if not waiting:
            return True
        changed = _check_all(job, stream, waiting, client or job.client())
        store.mark(changed)
    return len(changed) == len(waiting)


def _check_all(
    job: Job, stream: ReportStream, requests: list[ReportRequest], client: Any
) -> list[tuple[UUID, str, str | None, str | None]]:
    """The changes of state of some reports."""

    def check(request: ReportRequest) -> tuple[UUID, str, str | None, str | None]:
        try:
            status = stream.check(client, request.report_id)
        except RequestRefused as error:
            if error.context.get("status") != 404:
                raise
            return (
                request.request_id,
                "failed",
                None,
                f"{job.platform.title} no longer knows report {request.report_id}",
            )
        return request.request_id, status.state, status.document_id, status.reason

    return [change for change in _in_threads(check, requests, stream.settings.threads) if change[1] != "requested"]


def wait_for_reports(
    job: Job, batch_id: UUID, seconds: float, pauses: Iterator[float], sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Poll until all reports are finished or the time is over; tells which."""
    deadline, client = time.monotonic() + seconds, job.client()
    while not poll_reports(job, batch_id, client):
        pause = next(pauses)
        if time.monotonic() + pause > deadline:
            return False
        sleep(pause)
    return True


def poll_pauses(longest: float = 60.0) -> Iterator[float]:
    """Seconds between polls: short at first (small reports are ready at once), then backing off."""
    pause = 0.2
    while True:
        yield pause
        pause = min(longest, pause * 1.6)


def load_reports(job: Job, batch_id: UUID) -> list[LoadResult]:
    """Download and load the finished reports of a batch, several to a transaction; those that failed are raised at the
    end."""
    with RequestStore(job.uri) as store:
        return _load_batch(job, store, store.of_batch(batch_id))


def _load_batch(job: Job, store: RequestStore, requests: list[ReportRequest]) -> list[LoadResult]:
    if waiting := [request for request in requests if request.state == "requested"]:
        raise NotReady(
            f"{len(waiting)} reports of {job.contract.title} for {job.account.account_id} are not finished yet"
        )
    ready = [request for request in requests if request.state in ("done", "empty")]
    client, size = job.client(), job.stream.settings.documents_per_load
    results = []
    for start in range(0, len(ready), size):
        results.append(_load_some(job, store, client, ready[start : start + size]))
    if failed := [request for request in requests if request.state == "failed"]:
        error = ReportFailed(
            f"{len(failed)} of {len(requests)} reports of {job.contract.title} for {job.account.account_id} failed: "
            f"{failed[0].error} ({failed[0].window}); their days keep what was known; the next run asks again"
        )
        _record(job, error, failed[0].window.union(failed[-1].window), None, None)
        raise error
    return results


def _load_some(job: Job, store: RequestStore, client: Any, requests: list[ReportRequest]) -> LoadResult:
    """One transaction for consecutive reports; a report without data empties its window."""
    stream, started_at = _report_stream(job), _now()
    window = requests[0].window.union(requests[-1].window)
    source = ",".join(request.report_id for request in requests)
    with recorded_failure(job, window, source, started_at), _given_up(store, requests):

        def fetch(request: ReportRequest) -> tuple[Extract, str]:
            if request.state == "empty" or not request.document_id:
                return _empty(job, request.window), "empty"
            document = stream.download(client, request.document_id)
            extract = stream.read(document, job.account, job.today())
            _refuse_other_days(extract, request.window, document.name)
            if extract.window is None:
                extract.window = request.window
            return extract, document.checksum

        fetched = _in_threads(fetch, requests, stream.settings.threads)
        digest = hashlib.sha256("".join(checksum for _, checksum in fetched).encode()).hexdigest()
        result = _load(
            job,
            [extract for extract, _ in fetched],
            window,
            source=source,
            checksum=f"sha256:{digest}",
            started_at=started_at,
        )
    store.mark([(request.request_id, "loaded", None, None) for request in requests])
    return result


@contextmanager
def _given_up(store: RequestStore, requests: list[ReportRequest]) -> Iterator[None]:
    """A report whose document can't be used is not resumed: the next run asks for a new one."""
    try:
        yield
    except TerminalError as error:
        store.mark([(request.request_id, "failed", None, error.message) for request in requests])
        raise


def _refuse_other_days(extract: Extract, window: Window | None, name: str, exactly: bool = False) -> None:
    """A document that states its days must not replace others than those that were asked for."""
    found = extract.window
    if window is None or found is None:
        return
    if (found != window) if exactly else (found.start < window.start or found.end > window.end):
        raise WrongDocument(
            f"{name} covers {found}, not {window}; nothing was changed; check the days that were asked for"
        )


def _empty(job: Job, window: Window) -> Extract:
    import pyarrow as pa

    names = {column.names[0]: pa.array([], pa.string()) for column in job.contract.columns if column.required}
    return Extract(pa.table(names), window=window)


# Sources that answer at once


def pull(job: Job) -> LoadResult:
    """Read a source's present state and load it."""
    stream, started_at = job.stream, _now()
    if not isinstance(stream, PullStream):
        raise ConfigurationError(f"{job.contract.title} is made of reports; create, wait and load them")
    day = job.today()
    with recorded_failure(job, Window(day, day), None, started_at):
        extract = stream.pull(job.account, day)
        source = f"{job.account.account_id} {day}"
        return _load(
            job, [extract], extract.window or Window(day, day), source=source, checksum=None, started_at=started_at
        )


# Shared


def _load(
    job: Job,
    extracts: list[Extract],
    window: Window | None,
    *,
    source: str | None,
    checksum: str | None,
    started_at: datetime,
    is_file: bool = False,
) -> LoadResult:
    from airflow_dags.assemble import assemble

    parsed, scopes, window = assemble(job.stream, extracts, window, source or "the document")
    # Where no scope is given, an extract is complete for its window.
    request = LoadRequest(
        contract=job.contract,
        account_id=job.account.account_id,
        window=window,
        scopes=tuple(scopes),
        source_document=source[:500] if source else None,
        checksum=checksum,
        profile=job.platform.profile(job.account, extracts[0] if extracts else None),
        is_file=is_file,
        started_at=started_at,
    )
    result = load_table(job.uri, parsed, request)
    log.info(
        "%s %s: %d rows loaded, %d unchanged, %d quarantined",
        job.contract.title,
        job.account.account_id,
        result.rows_loaded,
        result.rows_unchanged,
        result.rows_quarantined,
    )
    if result.new_columns:
        log.warning(
            "%s %s: unknown columns %s are kept in _extra",
            job.contract.title,
            job.account.account_id,
            ", ".join(result.new_columns),
        )
    return result


@contextmanager
def recorded_failure(
    job: Job, window: Window | None, source: str | None, started_at: datetime | None = None
) -> Iterator[None]:
    """Write what fails within into the ledger; errors that nobody foresaw become one line without their values."""
    try:
        yield
    except PipelineError as error:
        _record(job, error, window, source, started_at)
        raise
    except Exception as error:
        log.debug("%s failed unexpectedly", job.contract.title, exc_info=True)
        wrapped = TerminalError(
            f"{job.contract.title} for {job.account.account_id} failed unexpectedly ({type(error).__name__}); nothing "
            f"was changed"
        )
        _record(job, wrapped, window, source, started_at)
        raise wrapped from error


def _record(
    job: Job, error: PipelineError, window: Window | None, source: str | None, started_at: datetime | None
) -> None:
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


def _report_stream(job: Job) -> ReportStream:
    if not isinstance(job.stream, ReportStream):
        raise ConfigurationError(f"{job.contract.title} has no reports to ask for")
    return job.stream


def _in_threads(action: Callable[[T], R], items: list[T], threads: int) -> list[R]:
    """Map in a few threads, results in order; the first error is raised once the running calls are over."""
    if len(items) < 2 or threads < 2:
        return [action(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(threads, len(items))) as pool:
        futures = [pool.submit(action, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def _now() -> datetime:
    return datetime.now(timezone.utc)
