"""Airflow DAG ``kpi_uploads``: loads the files that people put into the folder KPI_UPLOAD_DIR."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import DAG, AirflowSkipException, daily, task
from airflow_dags.dag_factory import CRON_ZONE, upload_asset

# Without a folder to watch there is nothing to run for.
CRON = os.environ.get("KPI_UPLOAD_CRON", "*/5 * * * *") if os.environ.get("KPI_UPLOAD_DIR") else "none"

with DAG(
    dag_id="kpi_uploads",
    description="Loads report files from the watched folder; each whole or not at all",
    schedule=None if CRON == "none" else daily(CRON, CRON_ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "kpi", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["kpi", "ingest"],
) as dag:

    @task(outlets=[upload_asset()])
    def load() -> list[dict[str, Any]]:
        """One result a file; a refused file is told in its result and in the ledger, and fails nothing else."""
        from airflow_dags import runs
        from airflow_dags.uploads.folder import UploadFolder
        from airflow_dags.uploads.process import process

        with runs.airflow_errors():
            folder, uri = UploadFolder.of_environment(), runs.warehouse_uri_in_airflow()
            results = process(folder, uri, runs.account_in_airflow, runs.account_ids_in_airflow)
        if not any(result["state"] == "loaded" for result in results):
            raise AirflowSkipException(f"nothing was loaded; {len(results)} files were refused")
        return [{name: result.get(name) for name in ("file", "state", "load_id", "reason")} for result in results]

    load()
