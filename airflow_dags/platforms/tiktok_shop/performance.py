"""Shop performance by day, as TikTok's analytics counts it: sales at the time of payment, later cancelled ones
included, so it differs from the orders by definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.errors import NotReady, ServerUnavailable
from airflow_dags.platforms.tiktok_shop.base import TikTokStream, cells, column, mapping

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

PATH = "/analytics/202405/shop/performance"
MONEY = ("gmv", "refunds", "avg_order_value")

CONTRACT = Contract(
    platform="tiktok_shop",
    stream="shop_performance",
    mode="window",
    report_name="TikTok Shop's shop performance",
    window_column="date",
    unique=("date",),
    columns=(
        column("date", "day.start_date", kind="date", required=True, nullable=False),
        column("currency", "gmv.currency"),
        column("gmv", "gmv.amount", kind="numeric", required=True, nullable=False),
        column("orders", "day.orders", kind="integer", required=True),
        column("sku_orders", "day.sku_orders", kind="integer"),
        column("units_sold", "day.units_sold", kind="integer", required=True),
        column("buyers", "day.buyers", kind="integer"),
        column("product_impressions", "day.product_impressions", kind="bigint"),
        column("product_page_views", "day.product_page_views", kind="bigint", required=True),
        # Visitors of product pages; a day's own with one interval a day.
        column("visitors", "day.avg_product_page_visitors", kind="numeric"),
        column("refunds", "refunds.amount", kind="numeric"),
        column("cancellations_and_returns", "day.cancellations_and_returns", kind="integer"),
    ),
    ignored=frozenset(
        [
            *(f"day.{name}" for name in (*MONEY, "end_date")),
            *(
                f"day.{name}_breakdowns"
                for name in ("gmv", "buyer", "product_impression", "product_page_view", "avg_product_page_visitor")
            ),
            "avg_order_value.amount",
            "avg_order_value.currency",
            "refunds.currency",
        ]
    ),
)


class ShopPerformance(TikTokStream):
    contract = CONTRACT
    LIST = "intervals"
    OBJECT = ("start_date", "end_date", "gmv", "units_sold")

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        query = {
            "start_date_ge": str(window.start),
            "end_date_lt": str(window.end + timedelta(days=1)),
            "granularity": "1D",
            "currency": "LOCAL",
        }
        data = client.get("getShopPerformance", PATH, query)
        days = self.listed(data)
        if not isinstance(days, list):
            raise ServerUnavailable(f"TikTok Shop answered no {self.LIST} of its performance; nothing was changed")
        known = _available(data, window)
        extract = self.extract((day for day in days if _is_known(day, known)), account)
        extract.window = known
        return extract

    def listed(self, data: Mapping[str, Any]) -> Any:
        return mapping(data.get("performance")).get(self.LIST)

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        row = cells("day", value, CONTRACT)
        for name in MONEY:
            row |= cells(name, mapping(value).get(name), CONTRACT)
        yield row


def _available(data: Any, window: Window) -> Window:
    """The days that TikTok has counted; the others are there with zeros, which are not known to be none."""
    latest = data.get("latest_available_date")
    try:
        last = min(window.end, date.fromisoformat(str(latest))) if latest else window.end
    except ValueError:
        last = window.end
    if last < window.start:
        raise NotReady(
            f"TikTok Shop has counted its performance up to {latest} only; nothing was changed; {window} comes later"
        )
    return Window(window.start, last)


def _is_known(day: Any, known: Window) -> bool:
    """A day beyond what is counted is left out; one that can't be read as a day stays, to be set aside."""
    try:
        return date.fromisoformat(str(mapping(day).get("start_date"))) <= known.end
    except ValueError:
        return True
