"""Airflow DAG ``kpi_reports``: after each build, asks the plugin in Superset to make the reports that are due and to
send them. Each report of a window is made once, however often this runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import DAG, TriggerRule, task
from airflow_dags.dag_factory import values_asset

with DAG(
    dag_id="kpi_reports",
    description="Make and send the reports that are due through the plugin's API",
    schedule=[values_asset()],
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "kpi", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["kpi"],
) as dag:

    @task
    def make() -> dict[str, Any]:
        from airflow_dags.runs import airflow_errors
        from airflow_dags.superset import plugin_in_airflow

        with airflow_errors():
            return plugin_in_airflow().post("/api/v1/kpi/reports/run")

    # What an earlier run released and could not send is worth another attempt, whatever this run made.
    @task(trigger_rule=TriggerRule.ALL_DONE)
    def deliver() -> dict[str, Any]:
        from airflow_dags.runs import airflow_errors
        from airflow_dags.superset import plugin_in_airflow

        with airflow_errors():
            return plugin_in_airflow().post("/api/v1/kpi/alerts/deliver")

    make() >> deliver()
