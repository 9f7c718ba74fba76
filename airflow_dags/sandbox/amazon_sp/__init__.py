"""The simulated Selling Partner API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_dags.sandbox.amazon_sp.api import blueprint
from airflow_dags.sandbox.amazon_sp.kinds import modules
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.platforms import SandboxPlatform, Total
from airflow_dags.sandbox.state import SandboxState


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return state.credentials.amazon_sp_connections(state.base_url)


def _totals(business: Business, revision: int) -> Iterable[Total]:
    for module in modules():
        if totals := getattr(module, "totals", None):
            yield from totals(business, revision)


PLATFORM = SandboxPlatform("amazon_sp", blueprint, _connections, _totals)
