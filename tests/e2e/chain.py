"""Airflow's runs in the demo: trigger DAGs, and wait until what they set off has ended."""

from __future__ import annotations

import time
from typing import Any

from demo.airflow import ALERTS_DAG, BUILD_DAG
from demo.http import JsonClient


def run_dags(airflow: JsonClient, *dags: str, seconds: float = 900, conf: dict[str, Any] | None = None) -> None:
    """Trigger DAGs as their schedule would, or with ``conf``, and wait until they have ended well."""
    body = {"logical_date": None, "conf": conf or {}}
    runs = {dag: airflow.call("POST", f"/api/v2/dags/{dag}/dagRuns", body)["dag_run_id"] for dag in dags}
    deadline = time.monotonic() + seconds
    for dag, run in runs.items():
        while (state := airflow.call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]) != "success":
            assert state != "failed", f"{dag} failed"
            assert time.monotonic() < deadline, f"{dag} is still {state}"
            time.sleep(1)


def wait_for_chain(airflow: JsonClient, wanted: dict[str, int], seconds: float = 900) -> None:
    """Wait until nothing is left to run, all ended well, and build and alerts have run as often as ``wanted``."""
    deadline, quiet = time.monotonic() + seconds, 0
    while True:
        runs = all_runs(airflow)
        counts = count_runs(runs)
        busy = [run["dag_id"] for run in runs if run["state"] in ("queued", "running")]
        is_done = not busy and all(counts[dag] >= wanted[dag] for dag in (BUILD_DAG, ALERTS_DAG))
        quiet = quiet + 1 if is_done else 0
        if quiet == 4:  # the next run of a chain is queued a moment after the one before has ended
            assert {run["state"] for run in runs} == {"success"}
            return
        assert time.monotonic() < deadline, f"still busy: {busy}; runs: {counts}, wanted: {wanted}"
        time.sleep(1)


def all_runs(airflow: JsonClient) -> list[dict]:
    return airflow.call("GET", "/api/v2/dags/~/dagRuns?limit=500")["dag_runs"]


def count_runs(runs: list[dict]) -> dict[str, int]:
    return {dag: sum(run["dag_id"] == dag for run in runs) for dag in (BUILD_DAG, ALERTS_DAG)}


def none_more() -> dict[str, int]:
    """What to wait for where nothing new is expected."""
    return dict.fromkeys((BUILD_DAG, ALERTS_DAG), 0)
