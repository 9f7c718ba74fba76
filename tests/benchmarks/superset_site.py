"""A Superset with the plugin on databases of its own, for the benchmarks that ask the plugin."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.plugin import conftest, contract


@contextmanager
def site(business: str) -> Iterator[tuple[Any, str]]:
    """The app with tests' users and a warehouse that ``business`` (SQL) fills, and the warehouse's URI as its owner.

    Needs KPI_TEST_POSTGRES_URI; its databases are dropped at the end.
    """
    uri = os.environ["KPI_TEST_POSTGRES_URI"]
    warehouse = f"kpi_bench_wh_{secrets.token_hex(4)}"
    conftest.run_sql(uri, f'create database "{warehouse}"')
    try:
        warehouse_uri = conftest.at_database(uri, warehouse)
        conftest.run_sql(warehouse_uri, contract.DDL)
        conftest.run_sql(warehouse_uri, business)
        with site_on(warehouse_uri) as app:
            yield app, warehouse_uri
    finally:
        conftest.run_sql(uri, f'drop database if exists "{warehouse}" with (force)')


@contextmanager
def site_on(warehouse_uri: str, settings: str = "") -> Iterator[Any]:
    """The app with tests' users on a warehouse that is there already; ``settings`` go into superset_config.py.

    Needs KPI_TEST_POSTGRES_URI; its metadata database is dropped at the end.
    """
    uri = os.environ["KPI_TEST_POSTGRES_URI"]
    folder = Path(tempfile.mkdtemp(prefix="kpi_bench_"))
    metadata = f"kpi_bench_meta_{secrets.token_hex(4)}"
    conftest._make_template(uri, folder)
    conftest.run_sql(uri, f'create database "{metadata}" template "{conftest.TEMPLATE}"')
    try:
        yield _app(conftest.at_database(uri, metadata), warehouse_uri, folder, settings)
    finally:
        conftest.run_sql(uri, f'drop database if exists "{metadata}" with (force)')


def _app(metadata_uri: str, warehouse_uri: str, folder: Path, settings: str) -> Any:
    config = folder / "superset_config.py"
    text = conftest.BASE_CONFIG.format(metadata_uri=metadata_uri, home=str(folder)) + settings
    config.write_text(text + conftest.PLUGIN_CONFIG.format(publisher_uri=warehouse_uri))
    os.environ["SUPERSET_CONFIG_PATH"], os.environ["SUPERSET_HOME"] = str(config), str(folder)
    from superset.app import create_app

    from superset_kpi_plugin.cli import kpi

    app = create_app()
    result = app.test_cli_runner().invoke(kpi, ["upgrade"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        conftest._add_people_and_database(warehouse_uri)
    return app


def timed(work: Callable[[], Any]) -> float:
    """Seconds that ``work`` takes by the clock."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
