"""A running sandbox over the small business, on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.platforms import connections_of
from airflow_dags.sandbox.state import SandboxState
from tests.sandboxes import serving

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
    with serving(business) as sandbox:
        yield sandbox


@pytest.fixture
def connections(state: SandboxState) -> dict:
    return connections_of(state)
