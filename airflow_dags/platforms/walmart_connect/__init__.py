"""Walmart Connect: Sponsored Search by day and item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.walmart_connect.ads import Ads
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

SETTINGS = read_settings(Path(__file__).parent)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.walmart_connect.client import Advertiser

    return Advertiser(account, platform)


PLATFORM = Platform(
    name="walmart_connect",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={"ads": Ads(stream_settings(SETTINGS, "ads"))},
    connect=_connect,
    time_zone=lambda account: str(account.get("time_zone", SETTINGS["time_zone"])),
)
