"""What the DAGs' tasks do, apart from Airflow's decorators: plan a run, choose its window, make a job of a
connection."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow_dags.accounts import Account, airflow_account, airflow_connection_ids
from airflow_dags.contracts import Window
from airflow_dags.errors import ConfigurationError, PipelineError
from airflow_dags.ingest import Job, job_of, trailing_window
from airflow_dags.registry import platform_of
from airflow_dags.streams import ReportStream
from airflow_dags.warehouse import warehouse_uri

WAREHOUSE_CONNECTION = "kpi_warehouse"


@contextmanager
def airflow_errors() -> Iterator[None]:
    """Errors in Airflow's words: terminal ones end the task without retries; only the one line is told."""
    from airflow_dags.airflow_compat import AirflowFailException

    try:
        yield
    except PipelineError as error:
        if error.is_transient:
            raise type(error)(error.message) from None
        raise AirflowFailException(error.message) from None


def warehouse_uri_in_airflow() -> str:
    """KPI_WAREHOUSE_URI, or else the Airflow connection ``kpi_warehouse``."""
    if os.environ.get("KPI_WAREHOUSE_URI"):
        return warehouse_uri()
    from airflow_dags.airflow_compat import get_connection

    try:
        uri = str(get_connection(WAREHOUSE_CONNECTION).get_uri())
    except Exception:
        raise ConfigurationError(
            f"neither KPI_WAREHOUSE_URI nor the connection {WAREHOUSE_CONNECTION} says where the warehouse is"
        ) from None
    return "postgresql://" + uri.split("://", 1)[1].split("?", 1)[0]


def job_in_airflow(platform: str, stream: str, conn_id: str) -> Job:
    account = airflow_account(conn_id)
    if account.platform != platform:
        raise ConfigurationError(
            f"connection {conn_id} is of type {account.platform}, not {platform}; nothing was changed"
        )
    return job_of(platform_of(platform), stream, account, warehouse_uri_in_airflow())


def account_in_airflow(platform: str, account_id: str) -> Account:
    """The account with its connection's settings; one that has no connection is known by its name only."""
    for conn_id in airflow_connection_ids(platform):
        if conn_id.removeprefix(f"{platform}_") == account_id:
            return airflow_account(conn_id)
    return Account(platform, account_id)


def account_ids_in_airflow(platform: str) -> list[str]:
    """The ids of the platform's accounts that have a connection."""
    return [conn_id.removeprefix(f"{platform}_") for conn_id in airflow_connection_ids(platform)]


def plan(platform: str, params: Mapping[str, Any]) -> list[dict[str, str]]:
    """All (connection, stream) pairs of the platform's accounts, or those that the run names; ids only."""
    chosen = platform_of(platform)
    wanted_streams = params.get("streams") or list(chosen.streams)
    for stream in wanted_streams:
        chosen.stream(stream)
    wanted_accounts = set(params.get("accounts") or [])
    jobs = []
    for conn_id in airflow_connection_ids(platform):
        account_id = conn_id.removeprefix(f"{platform}_")
        if wanted_accounts and not wanted_accounts & {account_id, conn_id}:
            continue
        jobs += [{"conn_id": conn_id, "stream": stream} for stream in wanted_streams]
    return jobs


def reports_only(platform: str, jobs: list[dict[str, str]], wanted: bool) -> list[dict[str, str]]:
    """The jobs of streams that are made of reports, or the others."""
    streams = platform_of(platform).streams
    return [job for job in jobs if isinstance(streams[job["stream"]], ReportStream) == wanted]


def window_of_run(job: Job, params: Mapping[str, Any], dag_run: Any) -> Window:
    """The days of a run: those that it was given, a backfill's interval, or the trailing window."""
    if params.get("from") or params.get("to"):
        end = _day(params.get("to")) or job.today() - timedelta(days=1)
        start = _day(params.get("from")) or end
        if end < start:
            raise ConfigurationError(f"the run's days end ({end}) before they start ({start})")
        return Window(start, end)
    if "backfill" in str(getattr(dag_run, "run_type", "")):
        zone = ZoneInfo(job.platform.time_zone(job.account))
        start = dag_run.data_interval_start.astimezone(zone).date()
        end = dag_run.data_interval_end.astimezone(zone).date() - timedelta(days=1)
        return Window(min(start, end), end)
    return trailing_window(job)


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ConfigurationError(f"{value!r} is not a day (YYYY-MM-DD)") from None
