"""The DAGs: they import quickly and without network, have the tasks they should, and two runs leave the rows of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.registry import platforms
from airflow_dags.streams import ReportStream

from .conftest import Warehouse

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "airflow_dags" / "dags"
LIST_DAGS = """
import json, socket, sys, time
from airflow.dag_processing.dagbag import DagBag
def refuse(*arguments, **options):
    raise AssertionError("network at import")
socket.socket.connect = refuse
bag = DagBag(dag_folder=sys.argv[1], collect_dags=True)
dags = {
    dag_id: {"tasks": sorted(dag.task_ids), "schedule": type(dag.timetable).__name__, "params": sorted(dag.params)}
    for dag_id, dag in bag.dags.items()
}
seconds = {str(stat.file): stat.duration.total_seconds() for stat in bag.dagbag_stats}
print(json.dumps({"dags": dags, "errors": bag.import_errors, "seconds": seconds}))
"""


def airflow_environment(home: Path, **more: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KPI_"))}
    return {
        **inherited,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONPATH": str(ROOT),
        **more,
    }


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = airflow_environment(tmp_path_factory.mktemp("airflow"))
    found = subprocess.run(
        [sys.executable, "-c", LIST_DAGS, str(DAGS)], env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]
    return dict(json.loads(found.stdout.splitlines()[-1]))


def test_every_dag_imports_without_network(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    ingest = {f"kpi_ingest_{name}" for name in platforms()}
    assert ingest | {"kpi_alerts", "kpi_backfill", "kpi_build", "kpi_forecast"} <= set(bag["dags"])
    assert {name for name in bag["dags"] if name.startswith("kpi_ingest_")} == ingest


def test_importing_a_dag_file_takes_under_a_second(bag: dict[str, Any]) -> None:
    assert len(bag["seconds"]) == len(list(DAGS.glob("*.py")))
    assert {file: seconds for file, seconds in bag["seconds"].items() if seconds >= 1} == {}


@pytest.mark.parametrize("name", platforms())
def test_ingest_dags_have_the_steps_of_their_streams(bag: dict[str, Any], name: str) -> None:
    kinds = {isinstance(stream, ReportStream) for stream in platforms()[name].streams.values()}
    steps = {"plan", "publish"}
    steps |= {"report.create", "report.wait", "report.load"} if True in kinds else set()
    steps |= {"load"} if False in kinds else set()
    steps |= {"reports", "pulls"} if len(kinds) == 2 else set()
    dag = bag["dags"][f"kpi_ingest_{name}"]
    assert dag["tasks"] == sorted(steps)
    assert dag["params"] == ["accounts", "from", "from_by_stream", "streams", "to"]


def test_the_build_follows_assets_and_the_clock_and_the_others_follow_the_build(bag: dict[str, Any]) -> None:
    assert bag["dags"]["kpi_build"]["schedule"] == "AssetOrTimeSchedule"
    assert bag["dags"]["kpi_alerts"]["schedule"] == "AssetTriggeredTimetable"
    assert bag["dags"]["kpi_alerts"]["tasks"] == ["deliver", "evaluate"]
    assert bag["dags"]["kpi_reports"]["schedule"] == "AssetTriggeredTimetable"
    assert bag["dags"]["kpi_reports"]["tasks"] == ["deliver", "make"]
    assert bag["dags"]["kpi_forecast"]["schedule"] == "AssetTriggeredTimetable"
    assert bag["dags"]["kpi_forecast"]["tasks"] == ["forecast"]


class Airflow:
    """Airflow's own way to run a DAG in one process, on a database of its own."""

    def __init__(self, home: Path, database: str, **environment: str) -> None:
        address = database.replace("postgresql://", "postgresql+psycopg2://")
        self.home = home
        self.environment = airflow_environment(home, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=address, **environment)
        self.database = database

    def run(self, *arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        told = result.stdout + result.stderr
        assert result.returncode == 0, told[-3000:]
        return told

    def test(self, dag_id: str, **conf: Any) -> str:
        return self.run("dags", "test", dag_id, "-c", json.dumps(conf))

    def states(self) -> dict[str, list[str]]:
        with psycopg.connect(self.database) as connection:
            rows = connection.execute("select dag_id, state from dag_run order by id").fetchall()
        found: dict[str, list[str]] = {}
        for dag_id, state in rows:
            found.setdefault(dag_id, []).append(state)
        return found

    def stored(self) -> str:
        """All that Airflow remembers of the runs: XCom, rendered templates, logs in files."""
        with psycopg.connect(self.database) as connection:
            tables = ("xcom", "rendered_task_instance_fields", "log", "task_instance")
            rows = [connection.execute(f"select t::text from {table} as t").fetchall() for table in tables]
        logs = "".join(path.read_text(errors="replace") for path in (self.home / "logs").rglob("*.log"))
        return str(rows) + logs


@pytest.fixture
def airflow(tmp_path: Path, sandbox: Any, warehouse: Warehouse, postgres_uri: str) -> Iterator[Airflow]:
    """An Airflow whose accounts are two of the sandbox's sellers, one of them with a wrong secret."""
    from airflow_dags.sandbox.platforms import connections_of

    connections = connections_of(sandbox)
    broken = {**connections["amazon_ads_harbor_us"], "password": "canary-wrong-secret"}
    given = {"amazon_ads_aurora_us": connections["amazon_ads_aurora_us"], "amazon_ads_harbor_us": broken}
    variables = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(connection) for name, connection in given.items()}
    name = f"test_airflow_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    database = f"{postgres_uri.rsplit('/', 1)[0]}/{name}"
    made = Airflow(tmp_path / "airflow", database, KPI_WAREHOUSE_URI=warehouse.uri, **variables)
    made.run("db", "migrate")
    yield made
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def test_the_backfill_dag_loads_history_and_tells_of_the_account_that_failed(
    airflow: Airflow, warehouse: Warehouse
) -> None:
    conf = {"platform": "amazon_ads", "streams": ["sp_campaigns"], "from": "2026-09-10", "to": "2026-11-02"}
    airflow.test("kpi_backfill", **conf)
    assert main_status(warehouse) == [("aurora_us", 100.0, "2026-09-10"), ("harbor_us", 0.0, None)]
    assert "login was refused" in warehouse.value("select max(error) from raw.backfills where state = 'failed'")


def main_status(warehouse: Warehouse) -> list[tuple[str, float, str | None]]:
    from airflow_dags.backfill_store import progress

    found = progress(warehouse.uri)
    return [(one.account_id, one.percent, str(one.oldest_day) if one.oldest_day else None) for one in found]


def test_two_dag_runs_leave_the_rows_of_one_and_a_failing_account_stops_no_other(
    airflow: Airflow, sandbox: Any, warehouse: Warehouse
) -> None:
    streams = ("sp_campaigns", "sp_advertised_product")
    days = {"from": "2026-10-01", "to": "2026-11-02", "streams": list(streams)}
    told = airflow.test("kpi_ingest_amazon_ads", **days)
    tables = ("amazon_ads__sp_campaigns", "amazon_ads__sp_advertised_product")
    first = {table: warehouse.table(table) for table in tables}
    assert all(first.values())
    told += airflow.test("kpi_ingest_amazon_ads", **days)
    assert {table: warehouse.table(table) for table in tables} == first
    assert airflow.states() == {"kpi_ingest_amazon_ads": ["success", "success"]}
    ledger = {(row["account_id"], row["stream"], row["state"]) for row in warehouse.ledger()}
    assert ledger == {("aurora_us", s, "loaded") for s in streams} | {("harbor_us", s, "failed") for s in streams}
    assert all("login was refused" in row["error"] for row in warehouse.ledger() if row["state"] == "failed")
    from airflow_dags.sandbox.platforms import connections_of

    connections = connections_of(sandbox)
    # A new account is one connection and nothing else.
    airflow.environment["AIRFLOW_CONN_AMAZON_ADS_CASCADE_US"] = json.dumps(connections["amazon_ads_cascade_us"])
    told += airflow.test("kpi_ingest_amazon_ads", **days, accounts=["cascade_us"])
    assert [row["state"] for row in warehouse.ledger() if row["account_id"] == "cascade_us"] == ["loaded", "loaded"]
    secrets = [connections[f"amazon_ads_{account}"]["extra"]["refresh_token"] for account in ("aurora_us", "harbor_us")]
    secrets += [connections["amazon_ads_aurora_us"]["password"], "canary-wrong-secret", "Bearer Atza", "Atza|"]
    kept = told + airflow.stored()
    assert [secret for secret in secrets if secret in kept] == []
