"""The running demo, as the end-to-end tests see it: addresses and passwords from the file that `make demo` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

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
        client = JsonClient(entry["url"])
        body = {"username": user, "password": entry["password"], "provider": "db", "refresh": False}
        token = client.call("POST", "/api/v1/security/login", body)["access_token"]
        client.headers |= {"Authorization": f"Bearer {token}", "Referer": entry["url"]}
        client.headers["X-CSRFToken"] = client.call("GET", "/api/v1/security/csrf_token/")["result"]
        return client

    return login


@pytest.fixture(scope="session")
def airflow(connections: Connections) -> JsonClient:
    """Airflow's REST API as admin."""
    entry = connections["airflow"]
    client = JsonClient(entry["url"])
    credentials = {"username": entry["user"], "password": entry["password"]}
    client.headers["Authorization"] = f"Bearer {client.call('POST', '/auth/token', credentials)['access_token']}"
    return client
