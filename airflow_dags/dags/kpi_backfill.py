"""Airflow DAG ``kpi_backfill``: loads the missing history of a platform's accounts, newest first; triggered by hand.

Killed, paused or run again it goes on where it was: raw.backfills and `kpi backfill --status` tell how far it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import DAG, AirflowSkipException, Param, TriggerRule, task
from airflow_dags.dag_factory import raw_asset
from airflow_dags.operators import LABEL, FillHistory
from airflow_dags.registry import platforms

with DAG(
    dag_id="kpi_backfill",
    description="Loads the missing history of a platform",
    schedule=None,
    catchup=False,
    max_active_runs=4,
    default_args={"owner": "kpi", "retries": 5, "retry_delay": timedelta(minutes=5), "retry_exponential_backoff": True},
    tags=["kpi", "ingest"],
    params={
        "platform": Param(next(iter(platforms())), type="string", enum=list(platforms())),
        "accounts": Param([], type="array", description="Account ids; empty: all"),
        "streams": Param([], type="array", description="Streams; empty: all"),
        "months": Param(24, type="integer", minimum=1, description="How far back"),
        "from": Param(None, type=["null", "string"], description="First day, YYYY-MM-DD, instead of months"),
        "to": Param(None, type=["null", "string"], description="Last day, inclusive; empty: yesterday"),
    },
) as dag:

    @task
    def plan(**context: Any) -> list[dict[str, Any]]:
        from airflow_dags import runs

        platform = context["params"]["platform"]
        with runs.airflow_errors():
            jobs = runs.plan(platform, context["params"])
        if not jobs:
            raise AirflowSkipException(f"there is no connection of type {platform}; add one for each account")
        return [{**job, "platform": platform} for job in jobs]

    @task(outlets=[raw_asset(name) for name in platforms()], trigger_rule=TriggerRule.ALL_DONE)
    def publish() -> None:
        """Say that there is something new; the build looks for itself whether there is."""

    filled = FillHistory.partial(task_id="fill", map_index_template=LABEL).expand(job=plan())
    filled >> publish()
