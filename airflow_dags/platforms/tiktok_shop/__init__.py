"""TikTok Shop (US): orders, products, statements and their transactions, returns, shop performance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.tiktok_shop.base import CURRENCY, TIME_ZONE, TikTokStream
from airflow_dags.platforms.tiktok_shop.finance import Statements, StatementTransactions
from airflow_dags.platforms.tiktok_shop.orders import Orders
from airflow_dags.platforms.tiktok_shop.performance import ShopPerformance
from airflow_dags.platforms.tiktok_shop.products import Products
from airflow_dags.platforms.tiktok_shop.returns import Returns
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)
STREAMS: tuple[type[TikTokStream], ...] = (
    Orders,
    Products,
    Statements,
    StatementTransactions,
    Returns,
    ShopPerformance,
)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.tiktok_shop.client import TikTokShop

    return TikTokShop(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    from airflow_dags.loader import AccountProfile

    return AccountProfile(
        account_id=account.account_id,
        platform="tiktok_shop",
        account_name=account.get("account_name"),
        currency=account.get("currency", CURRENCY),
        time_zone=account.get("time_zone", TIME_ZONE),
    )


PLATFORM = Platform(
    name="tiktok_shop",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={stream.contract.stream: stream(stream_settings(SETTINGS, stream.contract.stream)) for stream in STREAMS},
    connect=_connect,
    profile=_profile,
    time_zone=lambda account: str(account.get("time_zone", TIME_ZONE)),
)
