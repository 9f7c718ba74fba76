"""Walmart Marketplace: orders, returns, stock, settlements and seller performance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.walmart.inventory import Inventory, WfsInventory
from airflow_dags.platforms.walmart.orders import Orders
from airflow_dags.platforms.walmart.performance import Performance
from airflow_dags.platforms.walmart.recon import Recon
from airflow_dags.platforms.walmart.returns import Returns
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.walmart.client import Marketplace

    return Marketplace(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    """The account as its connection describes it; Walmart's US marketplace where that says nothing."""
    from airflow_dags.loader import AccountProfile

    return AccountProfile(
        account_id=account.account_id,
        platform="walmart",
        account_name=account.get("account_name"),
        marketplace_id=SETTINGS["marketplace_id"],
        currency=account.get("currency") or SETTINGS["currency"],
        time_zone=_time_zone(account),
    )


def _time_zone(account: Account) -> str:
    return str(account.get("time_zone", SETTINGS["time_zone"]))


PLATFORM = Platform(
    name="walmart",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        "orders": Orders(stream_settings(SETTINGS, "orders"), _time_zone),
        "returns": Returns(stream_settings(SETTINGS, "returns"), _time_zone),
        "inventory": Inventory(stream_settings(SETTINGS, "inventory")),
        "wfs_inventory": WfsInventory(stream_settings(SETTINGS, "wfs_inventory")),
        "recon": Recon(stream_settings(SETTINGS, "recon")),
        "performance": Performance(stream_settings(SETTINGS, "performance")),
    },
    connect=_connect,
    profile=_profile,
    time_zone=_time_zone,
)
