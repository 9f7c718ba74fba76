"""What the tests of all platforms share: sandboxes at two dates, warehouses made from a template, and whole loads."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from airflow_dags import ingest
from airflow_dags.accounts import Account, account_of
from airflow_dags.contracts import Window
from airflow_dags.ingest import Job, job_of
from airflow_dags.loader import LoadResult
from airflow_dags.registry import platform_of, platforms
from airflow_dags.streams import ListedReportStream, Platform, PullStream, Stream

ALL = list(platforms().values())
STREAMS = [(platform, stream) for platform in ALL for stream in platform.streams.values()]


def every(*streams: tuple[Platform, Stream]) -> Any:
    """A test of each of these streams, under the platform's and the stream's name."""
    ids = [f"{platform.name}-{stream.name}" for platform, stream in streams]
    return pytest.mark.parametrize(("platform", "stream"), streams, ids=ids)


every_platform = pytest.mark.parametrize("platform", ALL, ids=lambda platform: str(getattr(platform, "name", "")))
every_stream = every(*STREAMS)
# Can a person download the stream's report? Those without a name are the API's only.
every_file = every(*[(p, s) for p, s in STREAMS if s.contract.report_name])
every_windowed = every(*[(p, s) for p, s in STREAMS if s.contract.mode != "snapshot"])

# The two months up to these days hold the autumn's and the spring's clock change.
AUTUMN, SPRING = date(2026, 11, 23), date(2026, 4, 5)


def serving(business: Any) -> AbstractContextManager[Any]:
    """A sandbox whose reports are done on the first poll; its state."""
    from airflow_dags.sandbox.state import Options
    from tests import sandboxes

    return sandboxes.serving(business, Options(polls=1))


def accounts_in(state: Any, platform: str, folder: Path) -> list[Account]:
    """The sandbox's accounts of a platform, with their real credentials."""
    from airflow_dags.sandbox.platforms import connections_of

    connections = connections_of(state)
    if platform == "erp" and not any(c.get("conn_type") == "erp" for c in connections.values()):
        from airflow_dags.sandbox.erp import erp_connections, write_erp_files

        write_erp_files(state.business, folder, state.revision)
        connections = erp_connections(None, str(folder))
    found = [account_of({**fields, "conn_id": name}) for name, fields in connections.items()]
    return [account for account in found if account.platform == platform]


def whole_window(business: Any, stream: Stream) -> Window:
    """All days of the business; a feed of changes also has what was written down after the last day ended."""
    is_feed = stream.contract.mode == "changes" or isinstance(stream, ListedReportStream)
    return Window(business.first_day, business.as_of if is_feed else business.last_day)


def short_window(business: Any, stream: Stream) -> Window:
    """A week at least, one request's days if that is longer."""
    window = whole_window(business, stream)
    if isinstance(stream, ListedReportStream):
        return window
    days = max(7, min(31, stream.settings.request_days))
    return Window(max(window.start, window.end - timedelta(days=days - 1)), window.end)


def run(job: Job, window: Window) -> list[LoadResult]:
    """One whole cycle with the real client."""
    if isinstance(job.stream, PullStream):
        return ingest.pull(job, window)
    batch = ingest.create_reports(job, window)
    assert ingest.wait_for_reports(job, batch, 60, iter([0.0] * 1000))
    return ingest.load_reports(job, batch)


def jobs_of(platform: str, stream: str, accounts: list[Account], uri: str) -> list[Job]:
    return [job_of(platform_of(platform), stream, account, uri) for account in accounts]


def with_uri(job: Job, uri: str) -> Job:
    return replace(job, uri=uri)
