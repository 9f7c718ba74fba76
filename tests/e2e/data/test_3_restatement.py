"""Days later the platforms restate their figures: the regular DAG runs replace what changed, down the whole chain."""

from __future__ import annotations

import time

import psycopg
import pytest

from demo.airflow import ALERTS_DAG, BUILD_DAG, INGEST_DAGS
from demo.http import JsonClient
from tests.sql.truth import breach_differences, differences_from_truth

RAW = (
    "amazon_sp__orders",
    "amazon_sp__sales_and_traffic",
    "amazon_ads__sp_campaigns",
    "amazon_ads__sp_advertised_product",
)


def run_dags(airflow: JsonClient, *dags: str, seconds: float = 240) -> None:
    """Trigger DAGs as their schedule would, and wait until they and what their assets set off have ended well."""
    runs = {
        dag: airflow.call("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"] for dag in dags
    }
    deadline = time.monotonic() + seconds
    for dag, run in runs.items():
        while (state := airflow.call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]) != "success":
            assert state != "failed", f"{dag} failed"
            assert time.monotonic() < deadline, f"{dag} is still {state}"
            time.sleep(1)


def wait_for_chain(airflow: JsonClient, since: dict[str, int], seconds: float = 240) -> None:
    """Wait until the build and the alerts DAG have run after the loads, and nothing is left to run."""
    deadline = time.monotonic() + seconds
    while True:
        runs = airflow.call("GET", "/api/v2/dags/~/dagRuns?limit=500")["dag_runs"]
        counts = count_runs(runs)
        busy = [run["dag_id"] for run in runs if run["state"] in ("queued", "running")]
        if not busy and all(counts[dag] > since[dag] for dag in (BUILD_DAG, ALERTS_DAG)):
            assert {run["state"] for run in runs} == {"success"}
            return
        assert time.monotonic() < deadline, f"still busy: {busy}; runs: {counts}, before: {since}"
        time.sleep(1)


def count_runs(runs: list[dict]) -> dict[str, int]:
    return {dag: sum(run["dag_id"] == dag for run in runs) for dag in (BUILD_DAG, ALERTS_DAG)}


def raw_rows(uri: str) -> dict[str, tuple[int, str]]:
    """Each raw table's number of rows and a digest of its contents, apart from when and by which load they came."""
    found = {}
    with psycopg.connect(uri) as warehouse:
        for table in RAW:
            query = f"""
                select count(*), md5(coalesce(string_agg(line, e'\\n' order by line), ''))
                from (select (to_jsonb(t) - '_load_id' - '_loaded_at')::text as line from raw.{table} as t) as lines
            """
            found[table] = warehouse.execute(query).fetchone()
    return found


@pytest.fixture(scope="module")
def before(airflow: JsonClient) -> dict[str, int]:
    return count_runs(airflow.call("GET", "/api/v2/dags/~/dagRuns?limit=500")["dag_runs"])


def test_a_second_run_over_the_same_window_leaves_the_same_rows(airflow: JsonClient, connections: dict) -> None:
    uri = connections["warehouse"]["url"]
    first = raw_rows(uri)
    assert all(rows > 0 for rows, _ in first.values())
    run_dags(airflow, *INGEST_DAGS)
    assert raw_rows(uri) == first


def test_restated_days_replace_the_old_ones_through_the_chain(
    airflow: JsonClient, sandbox: JsonClient, connections: dict, before: dict[str, int]
) -> None:
    uri = connections["warehouse"]["url"]
    first = raw_rows(uri)
    wait_for_quiet(airflow)
    since = count_runs(airflow.call("GET", "/api/v2/dags/~/dagRuns?limit=500")["dag_runs"])
    sandbox.call("POST", "/sandbox/advance")
    run_dags(airflow, *INGEST_DAGS)
    wait_for_chain(airflow, since)
    second = raw_rows(uri)
    assert all(second[table] != first[table] for table in RAW)
    assert differences_from_truth(uri, sandbox.call("GET", "/sandbox/truth/values?revision=1", seconds=180)) == []
    assert breach_differences(uri, sandbox.call("GET", "/sandbox/truth/breaches")) == []


def wait_for_quiet(airflow: JsonClient, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        runs = airflow.call("GET", "/api/v2/dags/~/dagRuns?limit=500")["dag_runs"]
        if not [run for run in runs if run["state"] in ("queued", "running")]:
            return
        assert time.monotonic() < deadline
        time.sleep(1)
