"""The simulated TikTok Business API (ads)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.tiktok_ads import ads_of_day
from airflow_dags.sandbox.platforms import SandboxPlatform, Total
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.tiktok_ads.api import PLATFORM as NAME
from airflow_dags.sandbox.tiktok_ads.api import SHOPS, access_token, advertiser_id, blueprint


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{NAME}_{shop.account_id}": {
            "conn_type": NAME,
            "password": access_token(state, shop.account_id),
            "extra": {
                "account_id": shop.account_id,
                "account_name": shop.name,
                "advertiser_id": advertiser_id(state, shop.account_id),
                "currency": shop.currency,
                "time_zone": shop.time_zone,
                "endpoint": f"{state.base_url}/{NAME}",
            },
        }
        for shop in state.business.shops_of(SHOPS)
    }


def _totals(business: Business, revision: int) -> Iterator[Total]:
    """By the shop's day: what was spent, what the shop sold through it, clicks, impressions and orders."""
    for shop in business.shops_of(SHOPS):
        for day in business.days():
            rows = ads_of_day(business, shop, day, revision)
            money = {"cost": sum(row.cost for row in rows), "sales": sum(row.sales for row in rows)}
            counts = {
                "clicks": sum(row.clicks for row in rows),
                "impressions": sum(row.impressions for row in rows),
                "orders": sum(row.orders for row in rows),
            }
            for measure, cents in money.items():
                yield Total("ad_groups", shop.account_id, day, measure, Decimal(cents).scaleb(-2))
            for measure, count in counts.items():
                yield Total("ad_groups", shop.account_id, day, measure, Decimal(count))


PLATFORM = SandboxPlatform(NAME, blueprint, _connections, _totals)
