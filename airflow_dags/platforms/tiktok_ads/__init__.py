"""TikTok Ads: ad groups by day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.tiktok_ads.ad_groups import AdGroups
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)
TIME_ZONE = "America/Los_Angeles"


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.tiktok_ads.client import Advertiser

    return Advertiser(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    """The shop that is advertised, as this connection knows it: both connections describe one account."""
    from airflow_dags.loader import AccountProfile

    return AccountProfile(
        account_id=account.account_id,
        platform="tiktok_shop",
        account_name=account.get("account_name"),
        currency=account.get("currency"),
        time_zone=account.get("time_zone"),
    )


PLATFORM = Platform(
    name="tiktok_ads",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={"ad_groups": AdGroups(stream_settings(SETTINGS, "ad_groups"))},
    connect=_connect,
    profile=_profile,
    time_zone=lambda account: str(account.get("time_zone", TIME_ZONE)),
)
