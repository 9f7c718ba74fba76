"""Sandboxes and warehouses for the tests of platforms; the clock stands where the simulated business ends."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.ingest import Job
from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts
from tests.pipeline.conftest import Warehouse

from .support import AUTUMN, SPRING, accounts_in, jobs_of, serving

_businesses: dict[date, Any] = {}


@pytest.fixture(autouse=True)
def no_accounts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own connections must not leak into the tests."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_CONN_", "KPI_CONNECTIONS_FILE", "KPI_CONSOLIDATION_CURRENCY")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backing off and pacing are the HTTP client's own tests; here they only cost time."""
    monkeypatch.setattr("airflow_dags.http.HttpClient._pause_before_retry", lambda self, error, attempt: 0.01)
    monkeypatch.setattr("airflow_dags.http.TokenBucket.reserve", lambda self: 0.0)


def business_at(as_of: date) -> Any:
    pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: the platforms are NOT tested against it")
    from airflow_dags.sandbox.business import Business

    if as_of not in _businesses:
        _businesses[as_of] = Business(7, as_of, small=True)
    return _businesses[as_of]


@pytest.fixture(params=[AUTUMN], ids=str)
def as_of(request: pytest.FixtureRequest) -> date:
    """Tests that want the other clock change too parametrise this with BOTH."""
    return date(request.param.year, request.param.month, request.param.day)


BOTH = pytest.mark.parametrize("as_of", [AUTUMN, SPRING], ids=str)


@pytest.fixture
def business(as_of: date) -> Any:
    return business_at(as_of)


@pytest.fixture
def sandbox(business: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A sandbox of its own for every test, so that faults and the revision don't leak."""
    monkeypatch.setattr("airflow_dags.ingest.jobs.Job.today", lambda self: business.as_of)
    with serving(business) as state:
        yield state


@pytest.fixture(scope="session")
def pool(postgres_uri: str) -> Iterator[list[Warehouse]]:
    """Warehouses that no test is using: emptying one is quicker than creating one."""
    made: list[Warehouse] = []
    yield made
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        for warehouse in made:
            connection.execute(f"drop database {warehouse.uri.rpartition('/')[2]} with (force)")


def new_warehouse(postgres_uri: str) -> Warehouse:
    name = f"test_platforms_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    uri = f"{postgres_uri.rsplit('/', 1)[0]}/{name}"
    ensure_schema(uri, contracts())
    return Warehouse(uri)


def empty(warehouse: Warehouse) -> None:
    with psycopg.connect(warehouse.uri) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'raw'").fetchall()
        connection.execute("; ".join(f"delete from raw.{table}" for (table,) in rows))


@pytest.fixture
def make_warehouse(postgres_uri: str, pool: list[Warehouse]) -> Iterator[Callable[[], Warehouse]]:
    """Empty warehouses with all tables, as many as a test wants."""
    used: list[Warehouse] = []

    def make() -> Warehouse:
        used.append(pool.pop() if pool else new_warehouse(postgres_uri))
        return used[-1]

    yield make
    for warehouse in used:
        empty(warehouse)
        pool.append(warehouse)


@pytest.fixture
def warehouse(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return make_warehouse()


@pytest.fixture
def jobs(sandbox: Any, warehouse: Warehouse, tmp_path: Path) -> Callable[[str, str], list[Job]]:
    """The jobs of one stream, one for each of the sandbox's accounts."""

    def make(platform: str, stream: str) -> list[Job]:
        return jobs_of(platform, stream, accounts_in(sandbox, platform, tmp_path), warehouse.uri)

    return make
