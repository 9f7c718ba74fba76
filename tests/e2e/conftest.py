"""The running demo, as the end-to-end tests see it: addresses and passwords from the file that `make demo` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import demo.airflow
import demo.superset
from demo.http import JsonClient

Connections = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def connections() -> Connections:
    path = os.environ.get("KPI_DEMO_CONNECTIONS")
    if not path:
        pytest.skip("the demo isn't running: KPI_DEMO_CONNECTIONS is not set (make test sets it)")
    return json.loads(Path(path).read_text())


@pytest.fixture(scope="session")
def demo_folder(connections: Connections) -> Path:
    return Path(os.environ["KPI_DEMO_CONNECTIONS"]).parent


@pytest.fixture(scope="session")
def sandbox(connections: Connections) -> JsonClient:
    return JsonClient(connections["sandbox"]["url"])


@pytest.fixture(scope="session")
def superset(connections: Connections) -> Callable[[str], JsonClient]:
    """Log in to Superset's API as one of the demo's users, CSRF token included."""

    def login(user: str) -> JsonClient:
        entry = connections["superset" if user == "admin" else f"superset_{user}"]
        return demo.superset.log_in(entry["url"], user, entry["password"])

    return login


@pytest.fixture(scope="session")
def airflow(connections: Connections) -> JsonClient:
    """Airflow's REST API as admin."""
    entry = connections["airflow"]
    return demo.airflow.log_in(entry["url"], entry["user"], entry["password"])
