"""Fixtures that every test shares: a real PostgreSQL server and fresh databases on it."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The superuser's URI of a running server: KPI_TEST_POSTGRES_URI, or an embedded one that stays up between runs."""
    given = os.environ.get("KPI_TEST_POSTGRES_URI")
    if given:
        yield given
        return
    from demo.postgres import Postgres

    server = Postgres(ROOT / ".test" / "unit", durable=False)
    was_running = server.is_running()
    yield server.start()
    if not was_running:
        server.stop()


@pytest.fixture
def fresh_database(postgres_uri: str) -> Iterator[str]:
    """The URI of a new, empty database that is dropped after the test."""
    import psycopg2

    name = f"test_{secrets.token_hex(6)}"
    connection = psycopg2.connect(postgres_uri)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
    yield postgres_uri.rsplit("/", 1)[0] + f"/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
    connection.close()
