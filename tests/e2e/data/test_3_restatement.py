"""Days later the platforms restate their figures: the regular DAG runs replace what changed, down the whole chain."""

from __future__ import annotations

import psycopg
import pytest

from demo.airflow import INGEST_DAGS
from demo.http import JsonClient
from tests.e2e.chain import all_runs, count_runs, none_more, run_dags, wait_for_chain
from tests.e2e.truth import judged_since, truth_after_regular_runs
from tests.sql.truth import breach_differences, differences_from_truth

RAW = (
    "amazon_sp__orders",
    "amazon_sp__sales_and_traffic",
    "amazon_ads__sp_campaigns",
    "amazon_ads__sp_advertised_product",
)


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
    run_dags(airflow, *(dag for dag in INGEST_DAGS if "amazon" in dag))  # whose tables are compared
    assert raw_rows(uri) == first


@pytest.mark.timeout(2400)  # every platform's DAG twice, and a build after each
def test_restated_days_replace_the_old_ones_through_the_chain(
    airflow: JsonClient, sandbox: JsonClient, connections: dict
) -> None:
    uri = connections["warehouse"]["url"]
    first = raw_rows(uri)
    wait_for_chain(airflow, none_more())  # what the run before set off
    one_more = {dag: runs + 1 for dag, runs in count_runs(all_runs(airflow)).items()}
    sandbox.call("POST", "/sandbox/advance", seconds=900)  # the ERP is written anew
    run_dags(airflow, *INGEST_DAGS)
    wait_for_chain(airflow, one_more)
    second = raw_rows(uri)
    assert all(second[table] != first[table] for table in RAW)
    assert differences_from_truth(uri, truth_after_regular_runs(sandbox), judged_since(sandbox)) == []
    assert breach_differences(uri, sandbox.call("GET", "/sandbox/truth/breaches")) == []
