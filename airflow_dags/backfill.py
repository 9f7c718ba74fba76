"""Loads history: all windows of a stream and account that are missing, newest first, resumable at any moment.

The days are cut by a calendar grid of the stream's longest window, so that a run on another day asks for the same
windows, and only for those that are not done. A window's reports are in raw.report_requests, its state in
raw.backfills: whoever is cut off is resumed by whoever comes next. Where the platform wants patience for longer than a
client waits, the run ends as paused, not as failed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from airflow_dags.backfill_store import BackfillStore
from airflow_dags.contracts import Window
from airflow_dags.errors import (
    ConfigurationError,
    LoginRefused,
    NotReady,
    PipelineError,
    RequestRefused,
    Throttled,
    WarehouseUnavailable,
)
from airflow_dags.ingest.jobs import Job, within_history
from airflow_dags.ingest.loading import not_recorded, record
from airflow_dags.ingest.pulls import pull_part
from airflow_dags.ingest.reports import ask_for, load_reports, poll_pauses, wait_for_reports
from airflow_dags.loader import LoadResult, ensure_schema
from airflow_dags.streams import PullStream

log = logging.getLogger(__name__)
MONTHS = 24
PAUSE_SECONDS = 900.0
REPORT_SECONDS = 3 * 3600.0
# After so many windows in a row that fail, the older ones are left for another run.
FAILURES_IN_A_ROW = 3
Told = Callable[["Job", LoadResult], None]


@dataclass
class Result:
    """What one run came to: ``state`` is done, paused (go on at ``resumes_at``), failed or skipped."""

    state: str = "done"
    loads: list[LoadResult] = field(default_factory=list)
    errors: list[PipelineError] = field(default_factory=list)
    resumes_at: datetime | None = None
    reason: str | None = None


def wanted_window(job: Job, start: date | None, end: date | None, months: int = MONTHS) -> Window | None:
    """The days that are wanted: the given ones, or so many months up to the last complete day; never older than the
    platform answers for. None: a snapshot has no history, or all of it is too old."""
    if job.is_snapshot:
        return None
    last = end or job.last_day()
    first = start or _months_before(last, months)
    if last < first:
        raise ConfigurationError(f"the days end ({last}) before they start ({first})")
    return within_history(job, Window(first, last))


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def grid(window: Window, days: int) -> list[Window]:
    """Cut a window at days that don't depend on where it starts; newest first."""
    parts, end = [], window.end
    while end >= window.start:
        start = max(window.start, date.fromordinal(end.toordinal() // days * days or 1))
        parts.append(Window(start, end))
        end = start - timedelta(days=1)
    return parts


def plan(job: Job, window: Window, store: BackfillStore) -> list[Window]:
    """Write down the windows that are missing and return those of ``window`` that this run is to fill, newest first."""
    store.finish_loaded()
    known = store.windows()
    done = [part for part, state in known if state == "done"]
    reach = within_history(job, Window(date.min, job.today()))
    lost = [part for part, state in known if state != "done" and reach and part.end < reach.start]
    store.mark(lost, "unreachable", f"older than the {job.stream.settings.history_days} days that the platform keeps")
    missing = [part for cell in grid(window, job.stream.settings.request_days) for part in _without(cell, done)]
    # A window that was planned with other ends (the first and last of the grid move with the days) gives way.
    stale = [
        part
        for part, state in known
        if state in ("planned", "asked", "failed")
        and part not in missing
        and any(part.start <= other.end and other.start <= part.end for other in missing)
    ]
    store.forget(stale)
    store.add(missing)
    return missing


def _without(cell: Window, done: list[Window]) -> list[Window]:
    """The days of ``cell`` that no window in ``done`` has, as one window or none: a request costs the same for fewer
    days."""
    days = {cell.start + timedelta(days=n) for n in range((cell.end - cell.start).days + 1)}
    for part in done:
        if part.start <= cell.end and cell.start <= part.end:
            days -= {part.start + timedelta(days=n) for n in range((part.end - part.start).days + 1)}
    return [Window(min(days), max(days))] if days else []


def run(job: Job, window: Window | None, tell: Told | None = None, seconds: float | None = None) -> Result:
    """Fill what is missing of ``window``; stops as paused after ``seconds`` (None: no limit) or when throttled long."""
    if window is None:
        return Result("skipped", reason="a snapshot has no history, or the platform no longer answers for these days")
    ensure_schema(job.uri, [job.contract])
    deadline = time.monotonic() + seconds if seconds else None
    with BackfillStore(job.uri, job.contract, job.account.account_id) as store:
        if not store.lock():
            return Result("skipped", reason="another backfill of this stream and account is running")
        missing = plan(job, window, store)
        result, in_a_row = Result(), 0
        refused: list[list[Window]] = []
        log.info("%s: %d windows of %s are missing", job.title, len(missing), window)
        for some in _chunks(job, missing):
            if deadline and time.monotonic() > deadline:
                return _paused(result, 0, "the time of this run is over")
            error = _fill(job, store, some, result, tell)
            if isinstance(error, Throttled | NotReady):
                store.mark(_unfinished(store, some), "asked", error.message)
                return _paused(result, getattr(error, "retry_after", None) or PAUSE_SECONDS, error.message)
            in_a_row = in_a_row + 1 if error else 0
            refused = [*refused, some] if isinstance(error, RequestRefused) else []
            if error and (isinstance(error, _STOPS) or in_a_row >= FAILURES_IN_A_ROW):
                break
            done = sum(1 for part, state in store.windows("done") if _overlaps(part, window))
            log.info("%s: %d windows done, back to %s", job.title, done, some[-1].start)
        if refused and len(refused) == len(result.errors) and store.windows("done"):
            return _out_of_reach(job, store, refused[0][0], missing, result)
        for refusal in (error for error in result.errors if isinstance(error, RequestRefused)):
            record(job, refusal, window)
    result.state = "failed" if result.errors else "done"
    return result


def _out_of_reach(job: Job, store: BackfillStore, newest: Window, missing: list[Window], result: Result) -> Result:
    """The oldest windows, and only these, were refused: the platform doesn't answer for days that old. The next run
    asks once more."""
    reason = f"{job.platform.title} refuses days before {newest.end + timedelta(days=1)}: {result.errors[-1].message}"
    store.mark([part for part in missing if part.end <= newest.end], "unreachable", reason)
    return Result("done", loads=result.loads, reason=reason)


# What fails for one window fails for all.
_STOPS = (LoginRefused, ConfigurationError, WarehouseUnavailable)


def _overlaps(part: Window, window: Window) -> bool:
    return part.start <= window.end and window.start <= part.end


def _chunks(job: Job, missing: list[Window]) -> Iterator[list[Window]]:
    """Windows that are asked for together: as many reports as one transaction takes, or one part of a pull."""
    size = 1 if isinstance(job.stream, PullStream) else max(1, job.stream.settings.documents_per_load)
    for start in range(0, len(missing), size):
        yield missing[start : start + size]


def _fill(
    job: Job, store: BackfillStore, windows: list[Window], result: Result, tell: Told | None
) -> PipelineError | None:
    """Ask, wait, load and mark; the error, which is written down already, or None."""
    store.mark(windows, "asked")
    loads: list[LoadResult] = []
    error: PipelineError | None = None
    try:
        with not_recorded(RequestRefused):
            loads = _load(job, windows)
        store.mark(windows, "done")
    except (Throttled, NotReady) as patience:
        error = patience
    except PipelineError as failure:
        error = failure
        if not isinstance(failure, RequestRefused):
            record(job, failure, Window(windows[-1].start, windows[0].end))
        if not isinstance(failure, WarehouseUnavailable):
            store.mark(_unfinished(store, windows), "failed", failure.message)
        result.errors.append(failure)
    for load in loads:
        result.loads.append(load)
        if tell:
            tell(job, load)
    return error


def _unfinished(store: BackfillStore, windows: list[Window]) -> list[Window]:
    """Of some windows, those whose rows did not arrive."""
    store.finish_loaded()
    done = {part for part, _ in store.windows("done")}
    return [window for window in windows if window not in done]


def _load(job: Job, windows: list[Window]) -> list[LoadResult]:
    if isinstance(job.stream, PullStream):
        client = job.client()
        return [pull_part(job, client, window) for window in windows]
    batch_id = ask_for(job, windows)
    if not wait_for_reports(job, batch_id, REPORT_SECONDS, poll_pauses()):
        raise NotReady(f"the reports of {job.title} are not finished after three hours; the next run resumes them")
    return load_reports(job, batch_id)


def _paused(result: Result, seconds: float, reason: str) -> Result:
    result.state, result.reason = "paused", reason
    result.resumes_at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return result


def as_dict(job: Job, window: Window | None, result: Result) -> dict[str, Any]:
    """The run in plain values, for the command line and for Airflow."""
    return {
        "platform": job.platform.name,
        "account": job.account.account_id,
        "stream": job.stream.name,
        "state": result.state,
        "window": [str(window.start), str(window.end)] if window else None,
        "loads": len(result.loads),
        "rows_loaded": sum(load.rows_loaded for load in result.loads),
        "resumes_at": result.resumes_at.isoformat(timespec="seconds") if result.resumes_at else None,
        "reason": result.reason or (result.errors[-1].message if result.errors else None),
    }
