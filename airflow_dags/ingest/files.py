"""Load one report that a person downloaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow_dags.contracts import Window
from airflow_dags.ingest.jobs import Job
from airflow_dags.ingest.loading import built_as_known, checksum_of, load, now, recorded_failure, refuse_other_days
from airflow_dags.loader import LoadResult


def load_file(job: Job, document: Any, window: Window | None = None, known_at: datetime | None = None) -> LoadResult:
    """Load a document; ``known_at`` is when it was downloaded from the platform (None: it is known now)."""
    started_at = now()
    with recorded_failure(job, window, document.name, started_at):
        day = window.end if window else job.today()
        with built_as_known(job, document.name):
            extract = job.stream.read(document, job.account, day)
        if known_at is not None:
            extract.known_at = known_at
        refuse_other_days(extract, window, document.name, exactly=True)
        days = extract.window or window
        if days is None and job.is_snapshot:
            days = Window(day, day)
        return load(
            job,
            [extract],
            days,
            source=document.name,
            checksum=checksum_of(document, extract),
            started_at=started_at,
            is_file=True,
        )
