"""The simulated Walmart Marketplace API."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.platforms import SandboxPlatform
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.walmart.api import blueprint
from airflow_dags.sandbox.walmart.auth import PLATFORM as NAME
from airflow_dags.sandbox.walmart.auth import client_id, client_secret
from airflow_dags.sandbox.walmart.truth import totals


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{NAME}_{shop.account_id}": {
            "conn_type": NAME,
            "password": client_secret(state, shop.account_id),
            "extra": {
                "account_id": shop.account_id,
                "account_name": shop.name,
                "client_id": client_id(state, shop.account_id),
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                "endpoint": f"{state.base_url}/{NAME}",
            },
        }
        for shop in state.business.shops_of(NAME)
    }


PLATFORM = SandboxPlatform(NAME, blueprint, _connections, totals)
