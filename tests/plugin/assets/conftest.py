"""A warehouse with 14 months of sample rows, connected to the tests' Superset, with the dashboards installed on it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.assets import source as files
from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.source import Source
from tests.plugin.conftest import at_database, run_sql

DATABASE = "KPI sample warehouse"
SAMPLES = [
    Path(__file__).parent / name for name in ("sample_contract.sql", "sample_money.sql", "sample_operations.sql")
]


@pytest.fixture(scope="session")
def sample_uri(postgres_uri: str) -> Iterator[str]:
    """URI of the sample warehouse, as its owner."""
    name = f"kpi_tests_sample_{secrets.token_hex(6)}"
    run_sql(postgres_uri, f'create database "{name}"')
    uri = at_database(postgres_uri, name)
    for sample in SAMPLES:
        run_sql(uri, sample.read_text(encoding="utf-8"))
    yield uri
    run_sql(postgres_uri, f'drop database if exists "{name}" with (force)')


@pytest.fixture(scope="session")
def source() -> Source:
    """The repository's dashboards, in every language."""
    return load()


@pytest.fixture
def overview(monkeypatch: pytest.MonkeyPatch) -> Source:
    """The plugin reduced to the dashboard KPI overview and its datasets in both languages, for tests of installing."""
    whole = files.load()
    board = whole.dashboards["kpi_overview"]
    texts = json.dumps([board.config, *board.charts.values()])
    others = ("kpi_daily_account", "kpi_daily_ad_group", "kpi_daily_sku")
    datasets = {key: one for key, one in whole.datasets.items() if key in others or one["uuid"] in texts}
    small = Source(datasets, {board.key: board}, whole.texts)
    monkeypatch.setattr(files, "load", lambda folder=None: small)
    return load()


@pytest.fixture(scope="session")
def connected(app: Any, sample_uri: str) -> str:
    """The name of Superset's connection to the sample warehouse."""
    with app.app_context():
        from superset.extensions import db
        from superset.models.core import Database

        database = Database(database_name=DATABASE, expose_in_sqllab=True)
        database.set_sqlalchemy_uri(sample_uri)
        db.session.add(database)
        db.session.commit()
    return DATABASE


@pytest.fixture
def installed(app: Any, connected: str) -> Any:
    """Installs the dashboards; the plan of the latest installation."""
    from superset_kpi_plugin.assets import install

    with app.app_context():
        return install(connected)


@pytest.fixture(scope="session")
def installed_once(app: Any, connected: str) -> None:
    """The dashboards, installed at least once; for tests that only look at them."""
    from superset_kpi_plugin.assets import install

    with app.app_context():
        install(connected)


@pytest.fixture
def models(app_context: Any) -> Any:
    """Superset's models and session, by name."""
    from types import SimpleNamespace

    from superset.connectors.sqla.models import SqlaTable, SqlMetric, TableColumn
    from superset.extensions import db
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    return SimpleNamespace(
        db=db,
        Dataset=SqlaTable,
        Metric=SqlMetric,
        Column=TableColumn,
        Database=Database,
        Dashboard=Dashboard,
        Chart=Slice,
    )
