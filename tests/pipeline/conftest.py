"""A warehouse of its own for every test, jobs that load into it, and a sandbox that speaks the platforms' protocols."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.ingest import Job, job_of, load_file
from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platform_of

AS_OF = date(2026, 11, 3)


@pytest.fixture(autouse=True)
def no_accounts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own connections must not leak into the tests."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_CONN_", "KPI_CONNECTIONS_FILE")):
            monkeypatch.delenv(name)


class Warehouse:
    """A fresh database with short ways to load into it and to look at it."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._connection: psycopg.Connection[dict[str, Any]] | None = None

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """What a query finds; also after the server has ended the connection of an earlier one."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.uri, row_factory=dict_row, autocommit=True, prepare_threshold=None)
        return self._connection.execute(query, parameters or None).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        return next(iter(self.rows(query, *parameters)[0].values()))

    def table(self, name: str) -> list[str]:
        """A table's rows as text without the technical columns, sorted: two equal states give two equal lists."""
        technical = "- '_load_id' - '_loaded_at' - '_known_at'"
        found = self.rows(f"select (to_jsonb(t) {technical})::text as row from raw.{name} as t order by 1")
        return [row["row"] for row in found]

    def ledger(self) -> list[dict[str, Any]]:
        return self.rows("select * from raw.load_ledger order by finished_at, load_id")

    def job(self, platform: str, stream: str, account: str = "aurora_us", **settings: Any) -> Job:
        return job_of(platform_of(platform), stream, Account(platform, account, settings=settings), self.uri)

    def load(self, platform: str, stream: str, content: bytes, account: str = "aurora_us", **options: Any) -> Any:
        window = options.pop("window", None)
        job = self.job(platform, stream, account, **options)
        return load_file(job, Document("report", content), window)


@pytest.fixture
def warehouse(fresh_database: str) -> Warehouse:
    ensure_schema(fresh_database, contracts())
    return Warehouse(fresh_database)


@pytest.fixture(scope="session")
def business() -> Any:
    pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: the clients are NOT tested against it")
    from airflow_dags.sandbox.business import Business

    return Business(7, AS_OF, small=True)


@pytest.fixture
def sandbox(business: Any) -> Iterator[Any]:
    """A sandbox of its own for every test, so that faults and the revision don't leak."""
    from tests.sandboxes import serving

    with serving(business) as state:
        yield state


@pytest.fixture
def sandbox_job(sandbox: Any, warehouse: Warehouse) -> Callable[..., Job]:
    """A job whose account is one of the sandbox's, with its real credentials."""
    from airflow_dags.accounts import account_of
    from airflow_dags.sandbox.platforms import connections_of

    connections = connections_of(sandbox)

    def job(platform: str, stream: str, account: str = "aurora_us", **changes: Any) -> Job:
        conn_id = f"{platform}_{account}"
        connection = {**connections[conn_id], "conn_id": conn_id, **changes}
        return job_of(platform_of(platform), stream, account_of(connection), warehouse.uri)

    return job
