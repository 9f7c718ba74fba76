"""Builds a platform's ingest DAG from its folder: plan, then for every account and group of streams create, wait, load
(reports) or load (what answers at once); then one Asset.

Each account and group is a mapped task group of its own, so that one that fails leaves the others alone; within it a
stream that fails leaves the other streams alone. Only ids travel between tasks. A DAG's cron is its platform's
``schedule`` (settings.yml) or KPI_INGEST_CRON; "none" leaves it to be triggered.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import (
    DAG,
    AirflowFailException,
    AirflowSkipException,
    Asset,
    Param,
    TriggerRule,
    daily,
    task,
    task_group,
)
from airflow_dags.operators import LABEL, WaitForReports, label
from airflow_dags.streams import Platform, ReportStream

DEFAULT_CRON = "30 9 * * *"
CRON_ZONE = "UTC"
DEFAULT_ARGS = {
    "owner": "kpi",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
}


def raw_asset(platform: str) -> Any:
    """Updated whenever a run loaded something of the platform."""
    return Asset(f"kpi_raw_{platform}")


def upload_asset() -> Any:
    """Updated whenever a file of the watched folder was loaded."""
    return Asset("kpi_raw_uploads")


def values_asset() -> Any:
    """Updated whenever the KPI layer was built."""
    return Asset("kpi_values")


def ingest_dag(platform: Platform) -> DAG:
    """The DAG ``kpi_ingest_<platform>``."""
    cron = os.environ.get("KPI_INGEST_CRON") or str(platform.settings.get("schedule") or DEFAULT_CRON)
    with DAG(
        dag_id=f"kpi_ingest_{platform.name}",
        description=f"Loads {platform.title} into the warehouse",
        schedule=None if cron == "none" else daily(cron, CRON_ZONE),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULT_ARGS,
        tags=["kpi", "ingest"],
        params={
            "from": Param(
                None, type=["null", "string"], description="First day, YYYY-MM-DD; empty: the trailing window"
            ),
            "to": Param(None, type=["null", "string"], description="Last day, inclusive; empty: yesterday"),
            "accounts": Param([], type="array", description="Account ids; empty: all"),
            "streams": Param([], type="array", description="Streams; empty: all"),
            "from_by_stream": Param({}, type="object", description="First day of single streams, in place of `from`"),
        },
    ) as dag:
        _tasks(platform)
    return dag


def _tasks(platform: Platform) -> None:
    name = platform.name
    has_reports = any(isinstance(stream, ReportStream) for stream in platform.streams.values())
    has_pulls = not all(isinstance(stream, ReportStream) for stream in platform.streams.values())

    @task
    def plan(**context: Any) -> list[dict[str, Any]]:
        from airflow_dags import runs

        with runs.airflow_errors():
            jobs = runs.plan(name, context["params"])
        if not jobs:
            raise AirflowSkipException(f"there is no connection of type {name}; add one for each account")
        return jobs

    planned = plan()
    loads = []
    if has_reports:
        jobs = _some(name, planned, True) if has_pulls else planned
        loads.append(_report_group(name).expand(job=jobs))
    if has_pulls:
        jobs = _some(name, planned, False) if has_reports else planned
        loads.append(_pull_task(name).expand(job=jobs))

    @task(outlets=[raw_asset(name)], trigger_rule=TriggerRule.ALL_DONE, retries=0)
    def publish(jobs: Any, *loaded: Any) -> None:
        """Say that there is something new; nothing loaded at all is a failure of the run, one account's is not."""
        finished = sum(len(list(part or [])) for part in loaded)
        if not finished:
            if not jobs:
                raise AirflowSkipException("nothing was planned")
            raise AirflowFailException(
                "no account and stream could be loaded; the ledger (raw.load_ledger) has the reasons"
            )

    publish(planned, *loads)


def _some(name: str, planned: Any, are_reports: bool) -> Any:
    @task(task_id="reports" if are_reports else "pulls")
    def choose(jobs: list[dict[str, str]]) -> list[dict[str, str]]:
        from airflow_dags.runs import reports_only

        return reports_only(name, list(jobs), are_reports)

    return choose(planned)


def _report_group(name: str) -> Any:
    @task_group(group_id="report")
    def report(job: Any) -> Any:
        @task(map_index_template=LABEL, multiple_outputs=False)
        def create(job: dict[str, Any], **context: Any) -> dict[str, Any]:
            from airflow_dags import runs

            label(name, job)
            with runs.airflow_errors():
                return runs.create_group(name, job, context)

        # What is finished is loaded even if waiting for the rest was in vain.
        @task(map_index_template=LABEL, trigger_rule=TriggerRule.ALL_DONE)
        def load(job: dict[str, Any], created: Any, **context: Any) -> list[str]:
            from airflow_dags import runs

            label(name, job)
            if not created:
                raise AirflowFailException("no report could be asked for; the ledger (raw.load_ledger) has the reasons")
            with runs.airflow_errors():
                return _kept(context, *runs.load_group(name, job, created))

        created = create(job)
        wait = WaitForReports(task_id="wait", platform=name, job=job, created=created, map_index_template=LABEL)
        loaded = load(job, created)  # type: ignore[arg-type]
        wait >> loaded
        return loaded

    return report


def _pull_task(name: str) -> Any:
    @task(map_index_template=LABEL)
    def load(job: dict[str, Any], **context: Any) -> list[str]:
        from airflow_dags import runs

        label(name, job)
        with runs.airflow_errors():
            return _kept(context, *runs.pull_group(name, job, context))

    return load


def _kept(context: Any, loads: list[str], errors: Any) -> list[str]:
    """The loads; with errors they are handed on before these are raised, so that the run knows that there is something
    new although the task fails."""
    from airflow_dags.groups import raise_together

    if errors and loads:
        context["ti"].xcom_push(key="return_value", value=loads)
    raise_together(errors)
    return loads
