"""The simulated TikTok Shop Open API."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.platforms import SandboxPlatform
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.tiktok_shop.api import blueprint
from airflow_dags.sandbox.tiktok_shop.auth import PLATFORM as NAME
from airflow_dags.sandbox.tiktok_shop.auth import app_key, app_secret, refresh_token, shop_cipher
from airflow_dags.sandbox.tiktok_shop.totals import totals


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{NAME}_{shop.account_id}": {
            "conn_type": NAME,
            "password": app_secret(state),
            "extra": {
                "account_id": shop.account_id,
                "account_name": shop.name,
                "app_key": app_key(state),
                "shop_cipher": shop_cipher(state, shop.account_id),
                "refresh_token": refresh_token(state, shop.account_id),
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                "endpoint": f"{state.base_url}/{NAME}",
                "login_endpoint": f"{state.base_url}/{NAME}",
            },
        }
        for shop in state.business.shops_of(NAME)
    }


PLATFORM = SandboxPlatform(NAME, blueprint, _connections, totals)
