"""Reports: ask for those of a window (or list those that the platform made), wait, download and load them.

What was asked for is in raw.report_requests before anybody waits for it, so whoever comes next resumes it.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from airflow_dags.contracts import Extract, Window
from airflow_dags.errors import ConfigurationError, NotReady, ReportFailed, RequestRefused, TerminalError
from airflow_dags.ingest.jobs import Job
from airflow_dags.ingest.loading import (
    Checksum,
    built_as_known,
    checksum_of,
    empty_extract,
    in_threads,
    load,
    now,
    record,
    recorded_failure,
)
from airflow_dags.ingest.loading import refuse_other_days as _refuse_other_days
from airflow_dags.loader import LoadResult, ensure_schema
from airflow_dags.requests_store import ReportRequest, RequestStore, StateChange
from airflow_dags.streams import ListedReportStream, ReportStream
from airflow_dags.warehouse import row_connection

log = logging.getLogger(__name__)
# Documents that were made within this time are loaded together; older ones apart, because what one transaction holds
# is known as of its oldest document.
SAME_TIME = timedelta(hours=1)
DOUBT = "it ended without data although its days have some; it was asked for once more"


def create_reports(job: Job, window: Window) -> UUID:
    """Ask for the reports of a window, resuming those that an earlier attempt asked for; returns the batch."""
    return ask_for(job, windows_of(job, window), window)


def ask_for(job: Job, windows: list[Window], window: Window | None = None) -> UUID:
    """Ask for (or list) the reports of several windows; ``window`` is what the ledger says if that fails."""
    stream, batch_id = _report_stream(job), uuid4()
    with recorded_failure(job, window, None):
        ensure_schema(job.uri, [job.contract])
        with RequestStore(job.uri) as store:
            if isinstance(stream, ListedReportStream):
                for part in windows:
                    _remember_listed(job, stream, store, batch_id, part)
            else:
                _create_missing(job, stream, store, batch_id, windows)
    return batch_id


def windows_of(job: Job, window: Window) -> list[Window]:
    """The windows that are asked for one by one; a snapshot can be had of today only."""
    if job.is_snapshot:
        return [Window(job.today(), job.today())]
    return window.split(job.stream.settings.request_days)


def _create_missing(job: Job, stream: ReportStream, store: RequestStore, batch_id: UUID, windows: list[Window]) -> None:
    client, account_id, fingerprint = job.client(), job.account.account_id, stream.fingerprint
    hours = stream.settings.resume_hours
    store.resume(batch_id, job.contract, account_id, fingerprint=fingerprint, windows=windows, hours=hours)
    found = store.of_batch(batch_id)
    # A report that was asked for earlier may have failed since, or be forgotten: such a one is asked for anew.
    _look_at(job, stream, store, batch_id, [request for request in found if request.state != "loaded"], client)
    resumed = {request.window for request in store.of_batch(batch_id) if request.state != "failed"}
    if resumed:
        log.info("%s: %d reports resumed", job.title, len(resumed))
    store.forget_failed(batch_id)

    def create(part: Window) -> None:
        report_id = stream.request(client, job.account, part)
        store.add(batch_id, job.contract, account_id, fingerprint=fingerprint, window=part, report_id=report_id)

    in_threads(create, [part for part in windows if part not in resumed], stream.settings.threads)


def _remember_listed(job: Job, stream: ListedReportStream, store: RequestStore, batch_id: UUID, window: Window) -> None:
    """Take the listed reports that were not loaded yet into the batch, each once."""
    listed = {report.report_id: report for report in stream.list_reports(job.client(), job.account, window)}
    added = store.add_listed(batch_id, job.contract, job.account.account_id, stream.fingerprint, list(listed.values()))
    log.info("%s: %d reports listed, %d of them new", job.title, len(listed), added)


def poll_reports(job: Job, batch_id: UUID, client: Any = None) -> bool:
    """Look at the unfinished reports of a batch; True when none is left to wait for."""
    stream = _report_stream(job)
    with recorded_failure(job, None, None), RequestStore(job.uri) as store:
        waiting = store.of_batch(batch_id, ["requested"])
        if not waiting:
            return True
        changed = _look_at(job, stream, store, batch_id, waiting, client or job.client())
    return changed == len(waiting)


def _look_at(  # noqa: PLR0917
    job: Job, stream: ReportStream, store: RequestStore, batch_id: UUID, requests: list[ReportRequest], client: Any
) -> int:
    """Write down the new states of some reports; returns how many there are.

    A report that ends without data although its days have some is not believed at once: platforms cancel reports for
    other reasons too, and its days would be emptied. It is asked for once more.
    """
    known = {request.request_id: request for request in requests}
    certain = []
    for change in _check_all(job, stream, requests, client):
        request = known[change.request_id]
        if change.state == "empty" and _has_rows(job, request.window) and not _was_doubted(job, stream, store, request):
            report_id = stream.request(client, job.account, request.window)
            store.put_aside(request.request_id, DOUBT)
            store.add(
                batch_id,
                job.contract,
                job.account.account_id,
                fingerprint=stream.fingerprint,
                window=request.window,
                report_id=report_id,
            )
        else:
            certain.append(change)
    store.mark(certain)
    return len(certain)


def _was_doubted(job: Job, stream: ReportStream, store: RequestStore, request: ReportRequest) -> bool:
    where = (job.contract, job.account.account_id, stream.fingerprint, request.window)
    return store.was_put_aside(*where, reason=DOUBT, hours=stream.settings.resume_hours)


def _has_rows(job: Job, window: Window) -> bool:
    """Whether the warehouse has rows of these days; a feed's days are those on which something changed."""
    contract = job.contract
    column = contract.window_column or contract.version
    if column is None:
        return False
    with row_connection(job.uri) as connection:
        found = connection.execute(
            f"select exists (select from raw.{contract.table} where _account_id = %s and {column} >= %s "  # noqa: S608
            f"and {column} < %s)",
            (job.account.account_id, window.start, window.end + timedelta(days=1)),
        ).fetchone()
    return bool(found and found[0])


def _check_all(job: Job, stream: ReportStream, requests: list[ReportRequest], client: Any) -> list[StateChange]:
    """The changes of state of some reports."""

    def check(request: ReportRequest) -> StateChange:
        try:
            status = stream.check(client, request.report_id)
        except RequestRefused as error:
            if error.context.get("status") != 404:
                raise
            forgotten = f"{job.platform.title} no longer knows report {request.report_id}"
            return StateChange(request.request_id, "failed", error=forgotten)
        return StateChange(request.request_id, status.state, status.document_id, status.reason, status.known_at)

    return [change for change in in_threads(check, requests, stream.settings.threads) if change.state != "requested"]


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
    """Download and load the finished reports of a batch, several to a transaction; those that failed, or that are not
    finished, are raised at the end."""
    with RequestStore(job.uri) as store:
        return _load_batch(job, store, store.of_batch(batch_id))


def _load_batch(job: Job, store: RequestStore, requests: list[ReportRequest]) -> list[LoadResult]:
    ready = [request for request in requests if request.state in ("done", "empty")]
    results: list[LoadResult] = []
    if ready:
        client = job.client()
        results = [_load_some(job, store, client, some) for some in _together(job, ready)]
    if failed := [request for request in requests if request.state == "failed"]:
        error = ReportFailed(
            f"{len(failed)} of {len(requests)} reports of {job.title} failed: {failed[0].error} "
            f"({failed[0].window}); their days keep what was known; the next run asks again"
        )
        record(job, error, failed[0].window.union(failed[-1].window))
        raise error
    if waiting := [request for request in requests if request.state == "requested"]:
        raise NotReady(f"{len(waiting)} reports of {job.title} are not finished yet; a retry resumes them")
    return results


def _together(job: Job, ready: list[ReportRequest]) -> list[list[ReportRequest]]:
    """Cut the finished reports into those that one transaction takes."""
    size = 1 if isinstance(job.stream, ListedReportStream) else job.stream.settings.documents_per_load
    parts: list[list[ReportRequest]] = []
    for request in ready:
        if parts and len(parts[-1]) < size and abs(request.as_of - parts[-1][0].as_of) < SAME_TIME:
            parts[-1].append(request)
        else:
            parts.append([request])
    return parts


def _load_some(job: Job, store: RequestStore, client: Any, requests: list[ReportRequest]) -> LoadResult:
    """One transaction for consecutive reports; a report without data empties its window."""
    stream, started_at = _report_stream(job), now()
    window = requests[0].window
    for request in requests[1:]:
        window = window.union(request.window)
    source = ",".join(request.report_id for request in requests)
    with recorded_failure(job, window, source, started_at), _given_up(store, requests):

        def fetch(request: ReportRequest) -> tuple[Extract, Checksum]:
            if request.state == "empty":
                extract = empty_extract(job, request.window)
                checksum: Checksum = "empty"
            else:
                document = stream.download(client, request.document_id or request.report_id)
                with built_as_known(job, document.name):
                    extract = stream.read(document, job.account, request.window.end)
                _refuse_other_days(extract, request.window, document.name)
                checksum = checksum_of(document, extract)
            extract.window = extract.window or request.window
            extract.known_at = extract.known_at or request.as_of
            return extract, checksum

        fetched = in_threads(fetch, requests, stream.settings.threads)

        def joint() -> str:
            parts = [checksum() if callable(checksum) else checksum for _, checksum in fetched]
            return f"sha256:{hashlib.sha256(''.join(parts).encode()).hexdigest()}"

        result = load(
            job,
            [extract for extract, _ in fetched],
            window,
            source=source,
            checksum=joint if any(callable(checksum) for _, checksum in fetched) else joint(),
            started_at=started_at,
        )
    store.mark([StateChange(request.request_id, "loaded") for request in requests])
    return result


@contextmanager
def _given_up(store: RequestStore, requests: list[ReportRequest]) -> Iterator[None]:
    """A report whose document can't be used is not resumed: the next run asks for a new one."""
    try:
        yield
    except TerminalError as error:
        store.mark([StateChange(request.request_id, "failed", error=error.message) for request in requests])
        raise


def _report_stream(job: Job) -> ReportStream:
    if not isinstance(job.stream, ReportStream):
        raise ConfigurationError(f"{job.contract.title} has no reports to ask for")
    return job.stream
