"""Databases for the tests of the SQL: one hand-made business built once, and empty ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg2
import pytest

from tests.sql.dbt_project import run_dbt
from tests.sql.raw_rows import Warehouse
from tests.sql.worlds import WORLDS
from tests.sql.worlds.core import AS_OF


def _database(server: str) -> Iterator[str]:
    name = f"test_sql_{secrets.token_hex(6)}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
    yield server.rsplit("/", 1)[0] + f"/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
    connection.close()


@pytest.fixture(scope="module")
def module_database(postgres_uri: str) -> Iterator[str]:
    """A new, empty database for the tests of one module."""
    yield from _database(postgres_uri)


@pytest.fixture(scope="session")
def world(postgres_uri: str) -> Iterator[Warehouse]:
    """The small worlds of all domains, built with its tests, with targets. Tests read it, or leave it as it was."""
    for uri in _database(postgres_uri):
        warehouse = Warehouse(uri)
        warehouse.create_raw_tables()
        for domain in WORLDS:
            domain.fill(warehouse)
        run_dbt(uri, "build", variables=AS_OF)
        for domain in WORLDS:
            if hasattr(domain, "set_targets"):
                domain.set_targets(warehouse)
        # What has a target is paced; the build came before the targets.
        run_dbt(uri, "run", "--select", "entity_pace", variables=AS_OF)
        yield warehouse
        warehouse.close()
