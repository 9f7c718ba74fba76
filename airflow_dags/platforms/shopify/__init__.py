"""Shopify: orders, refunds, products and stock of a shop, and its visitors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.shopify import inventory, orders, products
from airflow_dags.platforms.shopify.refunds import Refunds
from airflow_dags.platforms.shopify.sessions import Sessions
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.shopify.client import AdminApi

    return AdminApi(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    """The shop as its connection describes it."""
    from airflow_dags.loader import AccountProfile

    return AccountProfile(
        account_id=account.account_id,
        platform="shopify",
        account_name=account.get("account_name"),
        marketplace_id=account.get("shop"),
        currency=account.get("currency") or SETTINGS["currency"],
        time_zone=_time_zone(account),
    )


def _time_zone(account: Account) -> str:
    return str(account.get("time_zone", SETTINGS["time_zone"]))


def _stream_settings(stream: str) -> Any:
    return stream_settings(SETTINGS, stream)


PLATFORM = Platform(
    name="shopify",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        "orders": orders.Orders(orders.CONTRACT, _stream_settings("orders"), _time_zone),
        "refunds": Refunds(_stream_settings("refunds"), _time_zone),
        "products": products.Products(products.CONTRACT, _stream_settings("products"), _time_zone),
        "inventory_levels": inventory.InventoryLevels(
            inventory.CONTRACT, _stream_settings("inventory_levels"), _time_zone
        ),
        "sessions": Sessions(_stream_settings("sessions")),
    },
    connect=_connect,
    profile=_profile,
    time_zone=_time_zone,
)
