"""Days later the platforms restate their figures: the regular DAG runs replace what changed, down the whole chain."""

from __future__ import annotations

import time

import psycopg
import pytest

from demo.airflow import ALERTS_DAG, BUILD_DAG, INGEST_DAGS
from demo.http import JsonClient
from tests.e2e.truth import judged_since, truth
from tests.sql.truth import breach_differences, differences_from_truth

RAW = (
    "amazon_sp__orders",
    "amazon_sp__sales_and_traffic",
    "amazon_ads__sp_campaigns",
    "amazon_ads__sp_advertised_product",
)


def run_dags(airflow: JsonClient, *dags: str, seconds: float = 900) -> None:
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


def raw_rows(uri: str) -> dict[str, tuple[int, str]]:
    """Each raw table's number of rows and a digest of its contents, apart from when and by which load they came."""
    found = {}
    with psycopg.connect(uri) as warehouse:
        for table in RAW:
            query = f"""
                select count(*), md5(coalesce(string_agg(line, e'\\n' order by line), ''))
                from (
                    select (to_jsonb(t) - '_load_id' - '_loaded_at' - '_known_at')::text as line from raw.{table} as t
                ) as lines
            """
            found[table] = warehouse.execute(query).fetchone()
    return found


def test_a_second_run_over_the_same_window_leaves_the_same_rows(airflow: JsonClient, connections: dict) -> None:
    uri = connections["warehouse"]["url"]
    first = raw_rows(uri)
    assert all(rows > 0 for rows, _ in first.values())
    run_dags(airflow, *INGEST_DAGS)
    assert raw_rows(uri) == first


@pytest.mark.timeout(1500)  # every platform's DAG twice, and a build after each
def test_restated_days_replace_the_old_ones_through_the_chain(
    airflow: JsonClient, sandbox: JsonClient, connections: dict
) -> None:
    uri = connections["warehouse"]["url"]
    first = raw_rows(uri)
    none_more = dict.fromkeys((BUILD_DAG, ALERTS_DAG), 0)
    wait_for_chain(airflow, none_more)  # what the run before set off
    one_more = {dag: runs + 1 for dag, runs in count_runs(all_runs(airflow)).items()}
    sandbox.call("POST", "/sandbox/advance")
    run_dags(airflow, *INGEST_DAGS)
    wait_for_chain(airflow, one_more)
    second = raw_rows(uri)
    assert all(second[table] != first[table] for table in RAW)
    assert differences_from_truth(uri, truth(sandbox), judged_since(sandbox)) == []
    assert breach_differences(uri, sandbox.call("GET", "/sandbox/truth/breaches")) == []
