"""Orders 2026-01-01 (searchOrders): one row an order item; a change feed, so the newer state of an order wins.

The fresh path beside the bulk report `orders`: it answers within minutes of a change, but with few requests a day, so
it reads the last days only. Both tables know an order by the same id and by its last update: whoever joins them takes
the newer of the two. Money is in the row's currency, `discount_proceeds` as Amazon signs it. Buyers and addresses are
not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import ServerUnavailable
from airflow_dags.platforms.amazon_sp.reports import SpStream
from airflow_dags.streams import PullStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="amazon_sp",
    stream="orders_api",
    mode="changes",
    key=("order_id",),
    version="last_updated_at",
    unique=("order_id", "order_item_id"),
    owned=("order_id",),
    seller_ids=("sku",),
    columns=(
        Column("order_id", required=True, nullable=False),
        Column("order_item_id", required=True, nullable=False),
        Column("merchant_order_id"),
        Column("created_at", "timestamp", required=True, nullable=False),
        Column("last_updated_at", "timestamp", required=True, nullable=False),
        Column("channel_name"),
        Column("marketplace_id"),
        Column("marketplace_name"),
        Column("programs"),
        Column("fulfillment_status", required=True, nullable=False),
        Column("fulfilled_by"),
        Column("fulfillment_service_level"),
        Column("sku", required=True),
        Column("asin"),
        Column("title"),
        Column("quantity_ordered", "integer", required=True, nullable=False),
        Column("quantity_fulfilled", "integer"),
        Column("quantity_unfulfilled", "integer"),
        Column("unit_price", "numeric"),
        Column("item_proceeds", "numeric"),
        Column("shipping_proceeds", "numeric"),
        Column("gift_wrap_proceeds", "numeric"),
        Column("cod_fee_proceeds", "numeric"),
        Column("tax_proceeds", "numeric"),
        Column("discount_proceeds", "numeric"),
        Column("other_proceeds", "numeric"),
        Column("proceeds_total", "numeric"),
        Column("currency"),
        Column("cancelled_by"),
        Column("cancel_reason"),
        Column("promotion_ids"),
    ),
)
INCLUDED = ("PROCEEDS", "PROMOTION", "CANCELLATION", "FULFILLMENT")
# Amazon answers for instants that are at least two minutes ago.
_FRESHEST = timedelta(minutes=3)
_ORDER = {
    "orderId",
    "orderAliases",
    "createdTime",
    "lastUpdatedTime",
    "programs",
    "associatedOrders",
    "salesChannel",
    "buyer",
    "recipient",
    "proceeds",
    "payment",
    "tax",
    "fulfillment",
    "orderItems",
    "packages",
    "fulfillmentOrders",
}


class OrdersApi(SpStream, PullStream):
    contract = CONTRACT

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        zone = ZoneInfo(self.time_zone(account))
        latest = datetime.now(timezone.utc) - _FRESHEST
        after = datetime.combine(window.start, time(), zone).astimezone(timezone.utc)
        before = min(datetime.combine(window.end + timedelta(days=1), time(), zone).astimezone(timezone.utc), latest)
        rows: list[dict[str, Any]] = []
        if after < before:
            filters = {
                "lastUpdatedAfter": _instant(after),
                "lastUpdatedBefore": _instant(before),
                "marketplaceIds": [self.marketplace_id(account)],
                "includedData": list(INCLUDED),
                "maxResultsPerPage": 100,
            }
            for order in _orders(client, filters):
                rows += rows_of(order)
        unknown = sorted({name for row in rows for name in row} - set(CONTRACT.by_name))
        return Extract(table_of_rows(rows, [column.name for column in CONTRACT.columns] + unknown))


def _orders(client: Any, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from airflow_dags.paging import Page, follow

    def fetch(token: str | None) -> Page:
        given = {**filters, **({"paginationToken": token} if token else {})}
        answer = client.call("Orders", "searchOrders", lambda api: api.search_orders(**given))
        found = answer.payload.get("orders")
        if not isinstance(found, list):
            raise ServerUnavailable(f"amazon_sp/{client.account.account_id}: searchOrders answered no list")
        return Page(found, answer.next_token)

    # An order that changed while the list was read comes again, in its newer state: both are kept, the newer wins.
    return follow(fetch, "searchOrders", key=lambda order: (order.get("orderId"), order.get("lastUpdatedTime")))


def rows_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The order's items under the contract's names."""
    channel, fulfillment = _part(order, "salesChannel"), _part(order, "fulfillment")
    aliases = {one.get("aliasType"): one.get("aliasId") for one in order.get("orderAliases") or []}
    shared = {
        "order_id": order.get("orderId"),
        "merchant_order_id": aliases.get("SELLER_ORDER_ID"),
        "created_at": order.get("createdTime"),
        "last_updated_at": order.get("lastUpdatedTime"),
        "channel_name": channel.get("channelName"),
        "marketplace_id": channel.get("marketplaceId"),
        "marketplace_name": channel.get("marketplaceName"),
        "programs": ",".join(order.get("programs") or []) or None,
        "fulfillment_status": fulfillment.get("fulfillmentStatus"),
        "fulfilled_by": fulfillment.get("fulfilledBy"),
        "fulfillment_service_level": fulfillment.get("fulfillmentServiceLevel"),
        **{name: value for name, value in order.items() if name not in _ORDER},
    }
    return [{**shared, **_item(item)} for item in order.get("orderItems") or []]


def _item(item: dict[str, Any]) -> dict[str, Any]:
    product, fulfillment = _part(item, "product"), _part(item, "fulfillment")
    proceeds = _part(item, "proceeds")
    unit_price = _part(_part(product, "price"), "unitPrice")
    total = _part(proceeds, "proceedsTotal")
    execution = _part(_part(item, "cancellation"), "cancellationExecution")
    promotions = [one.get("promotionId") for one in _part(item, "promotion").get("breakdowns") or []]
    parts = {
        f"{str(one.get('type')).lower()}_proceeds": _part(one, "subtotal").get("amount")
        for one in proceeds.get("breakdowns") or []
    }
    return {
        "order_item_id": item.get("orderItemId"),
        "sku": product.get("sellerSku"),
        "asin": product.get("asin"),
        "title": product.get("title"),
        "quantity_ordered": item.get("quantityOrdered"),
        "quantity_fulfilled": fulfillment.get("quantityFulfilled"),
        "quantity_unfulfilled": fulfillment.get("quantityUnfulfilled"),
        "unit_price": unit_price.get("amount"),
        "proceeds_total": total.get("amount"),
        "currency": total.get("currencyCode") or unit_price.get("currencyCode"),
        "cancelled_by": execution.get("cancelledBy"),
        "cancel_reason": execution.get("cancelReason"),
        "promotion_ids": ",".join(filter(None, promotions)) or None,
        **parts,
    }


def _part(owner: dict[str, Any], name: str) -> dict[str, Any]:
    return owner.get(name) or {}


def _instant(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
