"""Sources that answer at once: read the wanted days part by part, each part one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from airflow_dags.contracts import Extract, Window
from airflow_dags.errors import ConfigurationError
from airflow_dags.ingest.jobs import Job, trailing_window
from airflow_dags.ingest.loading import built_as_known, empty_extract, load, now, recorded_failure, refuse_other_days
from airflow_dags.loader import LoadResult
from airflow_dags.requests_store import RequestStore
from airflow_dags.streams import PullStream


def pull(job: Job, window: Window | None = None, batch_id: UUID | None = None) -> list[LoadResult]:
    """Read and load the days of ``window`` (None: the trailing window; a snapshot is always today's).

    With a ``batch_id`` the parts that were loaded are remembered under it, so that a retry with the same id reads only
    those that are missing.
    """
    if not isinstance(job.stream, PullStream):
        raise ConfigurationError(f"{job.contract.title} is made of reports; create, wait and load them")
    with recorded_failure(job, window, None):
        parts = parts_of(job, window or trailing_window(job))
        done = _loaded(job, batch_id)
        client = job.client()
    results = []
    for part in parts:
        if part not in done:
            results.append(pull_part(job, client, part))
            _remember(job, batch_id, part)
    return results


def parts_of(job: Job, window: Window) -> list[Window]:
    """The windows that are read one by one; a snapshot can be had of today only."""
    if job.is_snapshot:
        return [Window(job.today(), job.today())]
    return window.split(job.stream.settings.request_days)


def pull_part(job: Job, client: Any, part: Window) -> LoadResult:
    """Read one window and load it in one transaction."""
    stream, started_at = job.stream, now()
    assert isinstance(stream, PullStream)  # noqa: S101 (for the type checker; `pull` refuses others)
    with recorded_failure(job, part, None, started_at):
        with built_as_known(job, f"{job.title} {part}"):
            extracts = _extracts(stream.pull(client, job.account, part))
        for extract in extracts:
            refuse_other_days(extract, part, job.title)
            extract.window = extract.window or part
            # It is as old as the first question was, however long the answer took.
            extract.known_at = extract.known_at or started_at
        source = f"{job.account.account_id} {part}"
        return load(
            job,
            extracts or [empty_extract(job, part)],
            part,
            source=source,
            checksum=None,
            started_at=started_at,
        )


def _extracts(answer: Extract | Iterable[Extract]) -> list[Extract]:
    return [answer] if isinstance(answer, Extract) else list(answer)


def _loaded(job: Job, batch_id: UUID | None) -> set[Window]:
    if batch_id is None:
        return set()
    with RequestStore(job.uri) as store:
        loaded = store.of_batch(batch_id, ["loaded"])
    # A run that is repeated a day later wants the days anew.
    oldest = now() - timedelta(hours=job.stream.settings.resume_hours)
    return {request.window for request in loaded if request.requested_at > oldest}


def _remember(job: Job, batch_id: UUID | None, part: Window) -> None:
    if batch_id is None:
        return
    with RequestStore(job.uri) as store:
        store.add_loaded(batch_id, job.contract, job.account.account_id, window=part)
