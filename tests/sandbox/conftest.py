"""A running sandbox over the small business, on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.platforms import connections_of
from airflow_dags.sandbox.server import make_sandbox_server
from airflow_dags.sandbox.state import Options, SandboxState

AS_OF = date(2026, 11, 3)  # the day after a weekend in which the clock was set back (1 November)
MATERIAL = Path(__file__).resolve().parents[3] / "shared" / "material"


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder with the platforms' published schemas and examples; tests that need it say when it isn't there."""
    if not MATERIAL.is_dir():
        pytest.skip(f"the published schemas are not at {MATERIAL}: the answers are NOT checked against them")
    return MATERIAL


@pytest.fixture(scope="session")
def business() -> Business:
    return Business(7, AS_OF, small=True)


@pytest.fixture
def state(business: Business) -> Iterator[SandboxState]:
    """A fresh server for each test, on the same records: faults, limits and revision don't leak."""
    sandbox = SandboxState(business, Options())
    server = make_sandbox_server(sandbox)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield sandbox
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def connections(state: SandboxState) -> dict:
    return connections_of(state)
