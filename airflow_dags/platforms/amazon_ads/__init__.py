"""Amazon Ads: Sponsored Products, Brands and Display, targets, search terms and budgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.amazon_ads.budgets import Budgets
from airflow_dags.platforms.amazon_ads.other_reports import OTHER_CONTRACTS
from airflow_dags.platforms.amazon_ads.reports import ADVERTISED_PRODUCT, CAMPAIGNS, AdsReport
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

SETTINGS = read_settings(Path(__file__).parent)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.amazon_ads.client import Advertiser

    return Advertiser(account, platform)


PLATFORM = Platform(
    name="amazon_ads",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        **{
            contract.stream: AdsReport(contract, stream_settings(SETTINGS, contract.stream))
            for contract in (CAMPAIGNS, ADVERTISED_PRODUCT, *OTHER_CONTRACTS)
        },
        "budgets": Budgets(stream_settings(SETTINGS, "budgets"), SETTINGS["campaign_lists"]),
    },
    connect=_connect,
    time_zone=lambda account: str(account.get("time_zone", "America/Los_Angeles")),
)
