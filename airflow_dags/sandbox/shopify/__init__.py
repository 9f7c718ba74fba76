"""The simulated Shopify Admin API of two shops."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.platforms import SandboxPlatform
from airflow_dags.sandbox.shopify.api import blueprint
from airflow_dags.sandbox.shopify.auth import PLATFORM as NAME
from airflow_dags.sandbox.shopify.auth import client_id, client_secret, domain
from airflow_dags.sandbox.shopify.truth import totals
from airflow_dags.sandbox.state import SandboxState


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{NAME}_{shop.account_id}": {
            "conn_type": NAME,
            "password": client_secret(state, shop.account_id),
            "extra": {
                "account_id": shop.account_id,
                "account_name": shop.name,
                "shop": domain(shop),
                "client_id": client_id(state, shop.account_id),
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                "endpoint": f"{state.base_url}/{NAME}",
            },
        }
        for shop in state.business.shops_of(NAME)
    }


PLATFORM = SandboxPlatform(NAME, blueprint, _connections, totals)
