"""``kpi build``: runs dbt on an empty warehouse too, tells its first failure in one line, and knows when nothing is
new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_dags.build import build
from airflow_dags.cli import main
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
