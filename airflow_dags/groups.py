"""The streams of one account that share a task: one after the other, each with a failure of its own.

Pure of Airflow. What fails is in the ledger already; the error that is raised at the end tells whether a retry helps.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from airflow_dags.errors import PipelineError, TerminalError, TransientError
from airflow_dags.ingest.jobs import Job
from airflow_dags.ingest.loading import recorded_failure
from airflow_dags.ingest.reports import load_reports, poll_pauses, poll_reports
from airflow_dags.loader import LoadResult

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Outcome(Generic[T]):
    """What the streams of a group came to: results and errors by stream."""

    results: dict[str, T] = field(default_factory=dict)
    errors: dict[str, PipelineError] = field(default_factory=dict)

    @property
    def is_worth_a_retry(self) -> bool:
        return any(error.is_transient for error in self.errors.values())

    def raise_errors(self) -> None:
        """Raise one error for all that failed: a transient one if one of them is."""
        raise_together(self.errors)


def each_stream(jobs: list[Job], action: Callable[[Job], T]) -> Outcome[T]:
    """Do ``action`` for every stream; one that fails doesn't keep the others from it."""
    outcome: Outcome[T] = Outcome()
    for job in jobs:
        try:
            with recorded_failure(job, None, None):
                outcome.results[job.stream.name] = action(job)
        except PipelineError as error:
            log.warning("%s: %s", job.title, error.message)
            outcome.errors[job.stream.name] = error
    return outcome


def raise_together(errors: Mapping[str, PipelineError]) -> None:
    """One error for several: its line names each stream and its reason."""
    if not errors:
        return
    if len(errors) == 1:
        raise next(iter(errors.values()))
    kind = TransientError if any(error.is_transient for error in errors.values()) else TerminalError
    reasons = "; ".join(f"{stream}: {error.message}" for stream, error in errors.items())
    raise kind(f"{len(errors)} streams failed: {reasons}")


class Batches:
    """The reports of a group's streams that are waited for together, and then loaded."""

    def __init__(self, jobs: list[Job], batches: Mapping[str, str]) -> None:
        self.jobs = [job for job in jobs if job.stream.name in batches]
        self._batches = {stream: UUID(batch) for stream, batch in batches.items()}
        self._waiting = list(self.jobs)
        self._clients: dict[str, Any] = {}

    def poll(self) -> bool:
        """Look at what isn't finished; True when nothing is left to wait for. A stream that can't be looked at is not
        waited for either: loading tells why."""
        outcome = each_stream(self._waiting, self._poll)
        self._waiting = [job for job in self._waiting if outcome.results.get(job.stream.name) is False]
        return not self._waiting

    def _poll(self, job: Job) -> bool:
        if job.stream.name not in self._clients:
            self._clients[job.stream.name] = job.client()
        return poll_reports(job, self._batches[job.stream.name], self._clients[job.stream.name])

    def wait(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
        """Poll until nothing is left to wait for or the time is over; tells which."""
        deadline = time.monotonic() + seconds
        for pause in poll_pauses():
            if self.poll():
                return True
            if time.monotonic() + pause > deadline:
                break
            sleep(pause)
        return False

    def load(self) -> Outcome[list[LoadResult]]:
        """Load what is finished, of every stream."""
        return each_stream(self.jobs, self._load)

    def _load(self, job: Job) -> list[LoadResult]:
        batch_id = self._batches[job.stream.name]
        poll_reports(job, batch_id)
        return load_reports(job, batch_id)
