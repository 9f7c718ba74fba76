"""Airflow DAG ``kpi_build``: builds the KPI layer when a platform was loaded, and once a day; skips if nothing is
new."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import DAG, AirflowSkipException, Param, any_of, on_assets_or_daily, task
from airflow_dags.dag_factory import CRON_ZONE, raw_asset, upload_asset, values_asset
from airflow_dags.registry import platforms

CRON = os.environ.get("KPI_BUILD_CRON", "30 10 * * *")
RAW = [*(raw_asset(name) for name in platforms()), upload_asset()]

with DAG(
    dag_id="kpi_build",
    description="dbt: raw -> staging -> marts -> kpi",
    schedule=any_of(RAW) if CRON == "none" else on_assets_or_daily(RAW, CRON, CRON_ZONE),
    catchup=False,
    max_active_runs=1,
    # A build may meet a platform of which one stream is loaded and the next not yet: its reconciliation fails once.
    default_args={
        "owner": "kpi",
        "retries": 4,
        "retry_delay": timedelta(seconds=45),
        "retry_exponential_backoff": True,
    },
    tags=["kpi"],
    params={"force": Param(False, type="boolean", description="Build even if nothing was loaded since the last build")},
) as dag:

    @task(outlets=[values_asset()])
    def build(**context: Any) -> dict[str, Any]:
        """One dbt run; its summary is the task's result."""
        from airflow_dags.build import build as build_layer
        from airflow_dags.runs import airflow_errors, warehouse_uri_in_airflow

        with airflow_errors():
            summary = build_layer(warehouse_uri_in_airflow(), only_if_needed=not context["params"]["force"])
        if summary["state"] == "unchanged":
            raise AirflowSkipException("nothing was loaded since the last build")
        return summary

    build()
