"""Airflow DAG ``kpi_forecast``: after a build, at most once a day, forecasts the KPIs; nothing waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import DAG, AirflowSkipException, Param, task
from airflow_dags.dag_factory import values_asset

with DAG(
    dag_id="kpi_forecast",
    description="statsforecast: kpi.kpi_values -> kpi.kpi_forecast",
    schedule=[values_asset()],
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "kpi", "retries": 1, "retry_delay": timedelta(minutes=10)},
    tags=["kpi"],
    params={"force": Param(False, type="boolean", description="Forecast even if the last forecast is of today")},
) as dag:

    @task(execution_timeout=timedelta(hours=2))
    def forecast(**context: Any) -> dict[str, Any]:
        """One run; its summary, with the back-test's calibration, is the task's result."""
        from airflow_dags.forecast.run import forecast as make_forecast
        from airflow_dags.runs import airflow_errors, warehouse_uri_in_airflow

        with airflow_errors():
            summary = make_forecast(warehouse_uri_in_airflow(), only_if_due=not context["params"]["force"])
        if summary["state"] == "unchanged":
            raise AirflowSkipException(f"the last forecast is {summary['hours_old']} hours old")
        return summary

    forecast()
