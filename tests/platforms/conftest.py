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
def template(postgres_uri: str) -> Iterator[str]:
    """The name of a database with all tables, that warehouses are copied from."""
    name = f"test_platforms_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    ensure_schema(f"{postgres_uri.rsplit('/', 1)[0]}/{name}", contracts())
    yield name
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def make_warehouse(postgres_uri: str, template: str) -> Iterator[Callable[[], Warehouse]]:
    """New warehouses, as many as a test wants."""
    made: list[str] = []

    def make() -> Warehouse:
        made.append(f"{template}_{len(made)}_{secrets.token_hex(3)}")
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(f"create database {made[-1]} template {template}")
        return Warehouse(f"{postgres_uri.rsplit('/', 1)[0]}/{made[-1]}")

    yield make
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def warehouse(make_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return make_warehouse()


@pytest.fixture
def jobs(sandbox: Any, warehouse: Warehouse, tmp_path: Path) -> Callable[[str, str], list[Job]]:
    """The jobs of one stream, one for each of the sandbox's accounts."""

    def make(platform: str, stream: str) -> list[Job]:
        return jobs_of(platform, stream, accounts_in(sandbox, platform, tmp_path), warehouse.uri)

    return make
