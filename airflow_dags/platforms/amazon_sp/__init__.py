"""Amazon's Selling Partner API: orders, sales and traffic, money, stock, service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.amazon_sp.economics import Economics
from airflow_dags.platforms.amazon_sp.feedback import Feedback
from airflow_dags.platforms.amazon_sp.finances import Finances
from airflow_dags.platforms.amazon_sp.inventory import StockAndAge
from airflow_dags.platforms.amazon_sp.ledger import LedgerDetail, LedgerSummary
from airflow_dags.platforms.amazon_sp.orders import Orders
from airflow_dags.platforms.amazon_sp.orders_api import OrdersApi
from airflow_dags.platforms.amazon_sp.performance import AccountHealth
from airflow_dags.platforms.amazon_sp.rank import Rank
from airflow_dags.platforms.amazon_sp.returns import Returns, SellerReturns
from airflow_dags.platforms.amazon_sp.sales_and_traffic import SalesAndTraffic
from airflow_dags.platforms.amazon_sp.settlement import Settlements
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)
# Each is made of its settings and of the platform's facts.
STREAMS: tuple[Any, ...] = (
    Orders,
    OrdersApi,
    SalesAndTraffic,
    Settlements,
    Finances,
    Economics,
    Returns,
    SellerReturns,
    StockAndAge,
    LedgerSummary,
    LedgerDetail,
    AccountHealth,
    Feedback,
    Rank,
)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.amazon_sp.client import SellingPartner

    return SellingPartner(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    """The account as its connection describes it; gaps are filled by its marketplace, or by that of the document."""
    from airflow_dags.loader import AccountProfile

    marketplace_id = account.get("marketplace_id")
    if marketplace_id is None and extract is not None and extract.marketplace_ids:
        marketplace_id = extract.marketplace_ids[0]
    marketplace = SETTINGS["marketplaces"].get(marketplace_id or "", {})
    return AccountProfile(
        account_id=account.account_id,
        platform="amazon",
        account_name=account.get("account_name"),
        marketplace_id=marketplace_id,
        currency=account.get("currency") or marketplace.get("currency") or (extract.currency if extract else None),
        time_zone=account.get("time_zone") or marketplace.get("time_zone"),
    )


def _time_zone(account: Account) -> str:
    marketplace_id = account.get("marketplace_id", SETTINGS["default_marketplace"])
    marketplace = SETTINGS["marketplaces"].get(marketplace_id, {})
    return str(account.get("time_zone") or marketplace.get("time_zone") or "UTC")


PLATFORM = Platform(
    name="amazon_sp",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        stream.contract.stream: stream(stream_settings(SETTINGS, stream.contract.stream), SETTINGS)
        for stream in STREAMS
    },
    connect=_connect,
    profile=_profile,
    time_zone=_time_zone,
)
