"""What the DAGs' tasks do, apart from Airflow's decorators: plan a run, choose its window, make a job of a
connection."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from airflow_dags import backfill
from airflow_dags.accounts import Account, airflow_account, airflow_connection_ids
from airflow_dags.contracts import Window
from airflow_dags.errors import ConfigurationError, PipelineError, TerminalError
from airflow_dags.groups import Batches, Outcome, each_stream, raise_together
from airflow_dags.ingest import Job, create_reports, job_of, pull, trailing_window, within_history
from airflow_dags.loader import LoadResult
from airflow_dags.registry import platform_of
from airflow_dags.streams import Platform, ReportStream
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


def jobs_in_airflow(platform: str, job: Mapping[str, Any]) -> list[Job]:
    """The jobs of a mapped task: its streams of its connection, which is read once."""
    account = airflow_account(job["conn_id"])
    if account.platform != platform:
        raise ConfigurationError(
            f"connection {job['conn_id']} is of type {account.platform}, not {platform}; nothing was changed"
        )
    uri = warehouse_uri_in_airflow()
    jobs = [job_of(platform_of(platform), stream, account, uri) for stream in job["streams"]]
    return [one for one in jobs if one.stream.is_offered(account)]


def account_in_airflow(platform: str, account_id: str) -> Account:
    """The account with its connection's settings; one that has no connection is known by its name only."""
    for conn_id in airflow_connection_ids(platform):
        if conn_id.removeprefix(f"{platform}_") == account_id:
            return airflow_account(conn_id)
    return Account(platform, account_id)


def account_ids_in_airflow(platform: str) -> list[str]:
    """The ids of the platform's accounts that have a connection."""
    return [conn_id.removeprefix(f"{platform}_") for conn_id in airflow_connection_ids(platform)]


def batches_in_airflow(platform: str, conn_id: str, batches: Mapping[str, str]) -> Batches:
    """The reports that a mapped task asked for."""
    return Batches(jobs_in_airflow(platform, {"conn_id": conn_id, "streams": list(batches)}), batches)


def create_group(platform: str, job: Mapping[str, Any], context: Any) -> dict[str, dict[str, str]]:
    """Ask for the reports of a group: batches by stream, and the reasons of the streams that failed for good.

    A failure that a retry may heal is raised while retries are left; then the other streams go on without it.
    """

    def create(one: Job) -> str | None:
        window = window_of_run(one, context["params"], context["dag_run"])
        return str(create_reports(one, window)) if window else None

    outcome = each_stream(jobs_in_airflow(platform, job), create)
    if not outcome.results or (outcome.is_worth_a_retry and has_retries_left(context)):
        outcome.raise_errors()
    batches = {stream: batch for stream, batch in outcome.results.items() if batch}
    return {"batches": batches, "failed": {stream: error.message for stream, error in outcome.errors.items()}}


def load_group(platform: str, job: Mapping[str, Any], created: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Load the finished reports of a group: the loads, and the errors of the streams that failed here or before."""
    outcome = batches_in_airflow(platform, job["conn_id"], created["batches"]).load()
    errors = {stream: TerminalError(reason) for stream, reason in created["failed"].items()}
    return _loads(outcome), {**errors, **outcome.errors}


def pull_group(platform: str, job: Mapping[str, Any], context: Any) -> tuple[list[str], dict[str, Any]]:
    """Read and load the streams of a group that answer at once; a retry reads only what is missing."""
    dag_run = context["dag_run"]

    def read(one: Job) -> list[LoadResult]:
        window = window_of_run(one, context["params"], dag_run)
        return pull(one, window, batch_of(dag_run.run_id, one)) if window else []

    outcome = each_stream(jobs_in_airflow(platform, job), read)
    return _loads(outcome), outcome.errors


def fill_group(
    platform: str, job: Mapping[str, Any], params: Mapping[str, Any], seconds: float
) -> tuple[list[dict[str, Any]], datetime | None]:
    """Load missing history of a group's streams: what each came to, and when to go on (None: nothing is left). Raises
    what failed, once every stream had its turn."""
    start, end, months = _day(params.get("from")), _day(params.get("to")), int(params.get("months") or backfill.MONTHS)

    def fill(one: Job) -> tuple[dict[str, Any], backfill.Result]:
        window = backfill.wanted_window(one, start, end, months)
        result = backfill.run(one, window, seconds=seconds)
        return backfill.as_dict(one, window, result), result

    outcome = each_stream(jobs_in_airflow(platform, job), fill)
    resumes = [result.resumes_at for _, result in outcome.results.values() if result.resumes_at]
    if not resumes:
        errors = {stream: result.errors[-1] for stream, (_, result) in outcome.results.items() if result.errors}
        raise_together({**outcome.errors, **errors})
    return [told for told, _ in outcome.results.values()], min(resumes, default=None)


def _loads(outcome: Outcome[list[LoadResult]]) -> list[str]:
    return [str(result.load_id) for results in outcome.results.values() for result in results]


def has_retries_left(context: Any) -> bool:
    """Whether the running task would be tried again if it failed now."""
    instance = context["ti"]
    return int(instance.try_number) <= int(instance.max_tries)


def plan(platform: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the run's mapped tasks are for: a connection, a group and the group's streams; ids only.

    Streams that are made of reports and those that are read in one go never share a task.
    """
    chosen = platform_of(platform)
    wanted = set(params.get("streams") or chosen.streams)
    for stream in wanted:
        chosen.stream(stream)
    wanted_accounts = set(params.get("accounts") or [])
    jobs = []
    for conn_id in airflow_connection_ids(platform):
        account_id = conn_id.removeprefix(f"{platform}_")
        if wanted_accounts and not wanted_accounts & {account_id, conn_id}:
            continue
        for group, streams in chosen.groups.items():
            for are_reports in (True, False):
                names = [n for n in streams if n in wanted and is_report(chosen, n) == are_reports]
                if names:
                    jobs.append({"conn_id": conn_id, "group": group, "streams": names})
    return jobs


def is_report(platform: Platform, stream: str) -> bool:
    return isinstance(platform.streams[stream], ReportStream)


def reports_only(platform: str, jobs: list[dict[str, Any]], wanted: bool) -> list[dict[str, Any]]:
    """The jobs whose streams are made of reports, or the others."""
    chosen = platform_of(platform)
    return [job for job in jobs if is_report(chosen, job["streams"][0]) == wanted]


def batch_of(run_id: str, job: Job) -> UUID:
    """The batch of one run, stream and account: a retry of the run's task finds what it did."""
    return uuid5(NAMESPACE_URL, f"{run_id}/{job.platform.name}/{job.account.account_id}/{job.stream.name}")


def window_of_run(job: Job, params: Mapping[str, Any], dag_run: Any) -> Window | None:
    """The days of a run: those that it was given, a backfill's interval, or the trailing window; None where the
    platform no longer answers for any of them."""
    if params.get("from") or params.get("to"):
        end = _day(params.get("to")) or job.last_day()
        own = (params.get("from_by_stream") or {}).get(job.stream.name)
        start = _day(own) or _day(params.get("from")) or end
        if end < start:
            raise ConfigurationError(f"the run's days end ({end}) before they start ({start})")
        return within_history(job, Window(start, end))
    if "backfill" in str(getattr(dag_run, "run_type", "")):
        zone = ZoneInfo(job.platform.time_zone(job.account))
        start = dag_run.data_interval_start.astimezone(zone).date()
        end = dag_run.data_interval_end.astimezone(zone).date() - timedelta(days=1)
        return within_history(job, Window(min(start, end), end))
    return trailing_window(job)


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ConfigurationError(f"{value!r} is not a day (YYYY-MM-DD)") from None
