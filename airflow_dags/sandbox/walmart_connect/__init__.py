"""The simulated Walmart Connect API (Sponsored Search)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.walmart_ads import walmart_ads
from airflow_dags.sandbox.platforms import SandboxPlatform, Total
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.walmart_connect import auth
from airflow_dags.sandbox.walmart_connect.api import blueprint


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{auth.PLATFORM}_{shop.account_id}": {
            "conn_type": auth.PLATFORM,
            "password": auth.bearer_token(state, shop.account_id),
            "extra": {
                "account_id": shop.account_id,
                "account_name": shop.name,
                "advertiser_id": str(auth.advertiser_id(shop)),
                "consumer_id": auth.consumer_id(state, shop.account_id),
                "private_key": auth.private_key_pem(state, shop.account_id),
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                "endpoint": f"{state.base_url}/{auth.PLATFORM}",
            },
        }
        for shop in state.business.shops_of("walmart")
    }


def _totals(business: Business, revision: int) -> Iterator[Total]:
    """By the day of the click: what was spent, what was sold within 14 days, and the clicks."""
    for shop in business.shops_of("walmart"):
        for day in business.days():
            rows = walmart_ads(business, shop, day, revision)
            if rows:
                account_id = shop.account_id
                yield Total("ads", account_id, day, "cost", Decimal(sum(row.cost for row in rows)) / 100)
                yield Total("ads", account_id, day, "sales_14days", Decimal(sum(row.sales_14d for row in rows)) / 100)
                yield Total("ads", account_id, day, "clicks", Decimal(sum(row.clicks for row in rows)))


PLATFORM = SandboxPlatform(auth.PLATFORM, blueprint, _connections, _totals)
