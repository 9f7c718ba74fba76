"""``kpi build``: runs dbt on an empty warehouse too, tells its first failure in one line, and knows when nothing is
new."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from airflow_dags.build import build
from airflow_dags.cli import main
from airflow_dags.dbt_connections import kept_connections
from airflow_dags.errors import BuildFailed, ConfigurationError

from .conftest import Warehouse
from .samples import order, orders_file

PROJECT = """
name: tiny
version: "1.0.0"
config-version: 2
profile: tiny
model-paths: ["models"]
"""
PROFILE = """
tiny:
  target: warehouse
  outputs:
    warehouse:
      type: postgres
      host: "{{ env_var('KPI_DBT_HOST') }}"
      port: "{{ env_var('KPI_DBT_PORT') | as_number }}"
      user: "{{ env_var('KPI_DBT_USER') }}"
      password: "{{ env_var('KPI_DBT_PASSWORD') }}"
      dbname: "{{ env_var('KPI_DBT_DBNAME') }}"
      schema: marts
      threads: 1
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sql"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models" / "order_count.sql").write_text("select count(*) as orders from raw.amazon_sp__orders")
    monkeypatch.setenv("KPI_SQL_DIR", str(folder))
    monkeypatch.delenv("KPI_STATE_DIR", raising=False)
    return folder


def test_it_builds_skips_and_fails_as_it_says(
    fresh_database: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse(fresh_database)
    monkeypatch.setenv("KPI_WAREHOUSE_URI", warehouse.uri)
    assert main(["build"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["state"], answer["results"]) == ("done", {"success": 1})
    assert warehouse.value("select orders from marts.order_count") == 0

    assert build(warehouse.uri, only_if_needed=True)["state"] == "unchanged"
    warehouse.load("amazon_sp", "orders", orders_file([order()]))
    assert build(warehouse.uri, only_if_needed=True)["state"] == "done"
    assert warehouse.value("select orders from marts.order_count") == 1

    (project / "models" / "order_count.sql").write_text("select no_such_column from raw.amazon_sp__orders")
    with pytest.raises(
        BuildFailed, match=r"the build failed: order_count: .*no_such_column.* keeps its last state"
    ) as caught:
        build(warehouse.uri, only_if_needed=True)
    assert "\n" not in caught.value.message
    assert warehouse.value("select orders from marts.order_count") == 1
    # A failed build is no build: the next one runs even if nothing new was loaded.
    with pytest.raises(BuildFailed):
        build(warehouse.uri, only_if_needed=True)
    assert [row["state"] for row in warehouse.rows("select state from raw.builds order by started_at")] == [
        "done",
        "done",
        "failed",
        "failed",
    ]
    # dbt leaves nothing in the project's folder.
    assert sorted(path.name for path in project.iterdir()) == ["dbt_project.yml", "models", "profiles.yml"]


def test_a_missing_project_is_one_clear_line(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KPI_SQL_DIR", str(tmp_path))
    with pytest.raises(ConfigurationError, match="was not found; set KPI_SQL_DIR"):
        build(warehouse.uri)


def test_one_connection_serves_all_nodes_and_each_finds_it_as_new(fresh_database: str, project: Path) -> None:
    hooks = "['create temp table left_over (n int)', \"set work_mem = '77MB'\", 'select pg_advisory_lock(4711)']"
    (project / "models" / "first.sql").write_text(
        f"{{{{ config(materialized='table', post_hook={hooks}) }}}} select pg_backend_pid() as pid"
    )
    (project / "models" / "second.sql").write_text(
        "{{ config(materialized='table') }} select pid = pg_backend_pid() as is_the_same, "
        "current_setting('work_mem') as memory, to_regclass('pg_temp.left_over') as left_over, "
        "(select count(*) from pg_locks where locktype = 'advisory' and objid = 4711) as locks "
        "from {{ ref('first') }}"
    )
    warehouse = Warehouse(fresh_database)
    assert build(warehouse.uri)["results"] == {"success": 3}
    [found] = warehouse.rows("select * from marts.second")
    usual = warehouse.value("select current_setting('work_mem')")
    assert found == {"is_the_same": True, "memory": usual, "left_over": None, "locks": 0}


def test_a_connection_that_the_server_ended_is_not_taken_again(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg2
    from dbt.adapters.postgres.connections import PostgresConnectionManager as Manager

    opened: list[object] = []
    monkeypatch.setattr(Manager, "open", opened.append)

    def done_with() -> SimpleNamespace:
        """A connection as dbt has it, that a node is done with."""
        given = SimpleNamespace(
            state="open", handle=psycopg2.connect(fresh_database), credentials=SimpleNamespace(role=None)
        )
        Manager._close_handle(given)
        return given

    with kept_connections():
        kept = done_with()
        taken = SimpleNamespace(state="init", handle=None)
        Manager.open(taken)
        assert (taken.handle, taken.state, opened) == (kept.handle, "open", [])
        ended = done_with()
        Warehouse(fresh_database).value("select pg_terminate_backend(%s)", ended.handle.info.backend_pid)
        wanting = SimpleNamespace(state="init", handle=None)
        Manager.open(wanting)
        assert opened == [wanting]
    assert ended.handle.closed
