"""Return orders: one row a return order line, with what was refunded for it.

A return order is listed whole as it is at that moment, so its rows are replaced together and the later fetch wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.walmart.cells import day_start, field_names, identity, inner, items, table_of, unknown
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

PATH = "/v3/returns"
LIMIT = "200"

# What Walmart publishes of a return order and of its lines; what else comes is news.
ORDER_FIELDS = field_names(
    "returnOrderId customerEmailId returnType replacementCustomerOrderId customerName customerOrderId returnOrderDate "
    "returnByDate refundMode totalRefundAmount returnLineGroups returnOrderLines returnChannel"
)
LINE_FIELDS = field_names(
    "returnOrderLineNumber salesOrderLineNumber sellerOrderId returnReason purchaseOrderId purchaseOrderLineNumber "
    "exceptionItemType isReturnForException rechargeReason returnCancellationReason item charges unitPrice "
    "itemReturnSettings chargeTotals cancellableQty quantity returnExpectedFlag isFastReplacement isKeepIt lastItem "
    "refundedQty rechargeableQty refundChannel returnTrackingDetail status statusTime currentDeliveryStatus "
    "currentRefundStatus currentTrackingStatuses refundChannels"
)


def _column(name: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    return Column(name, kind, required, nullable)  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="walmart",
    stream="returns",
    mode="changes",
    report_name="Walmart returns (the API's JSON, or a table with these columns)",
    key=("return_order_id",),
    unique=("return_order_id", "return_line_number"),
    owned=("return_order_id",),
    seller_ids=("sku",),
    columns=(
        _column("return_order_id", required=True, nullable=False),
        _column("return_line_number", "integer", required=True, nullable=False),
        _column("customer_order_id"),
        _column("purchase_order_id", required=True),
        _column("purchase_order_line", "integer"),
        _column("return_ordered_at", "timestamp"),
        _column("return_type"),
        _column("refund_mode"),
        _column("return_channel"),
        _column("sku", required=True),
        _column("product_name"),
        _column("return_reason"),
        _column("quantity", "integer"),
        _column("refunded_quantity", "integer"),
        # The line's totals; amounts per unit are rounded by Walmart and not kept.
        _column("refund_amount", "numeric", required=True),
        _column("refund_tax_amount", "numeric"),
        _column("refund_total", "numeric"),
        _column("currency"),
        _column("status"),
        _column("status_at", "timestamp", required=True),
        _column("refund_status"),
        _column("delivery_status"),
        _column("refund_channel"),
        _column("is_return_expected", "boolean"),
        _column("is_keep_it", "boolean"),
    ),
)


class Returns(PullStream):
    """Returns by their last change."""

    def __init__(self, settings: StreamSettings, time_zone: Any) -> None:
        self.contract, self.settings, self._time_zone = CONTRACT, settings, time_zone

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        known_at = datetime.now(timezone.utc)
        zone = ZoneInfo(self._time_zone(account))
        return _extract(list(self._returns(client, window, zone)), known_at)

    def _returns(self, client: Any, window: Window, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
        what, seen = f"{client.title}: returns", set()

        def key(order: dict[str, Any]) -> Any:
            return identity(order, "returnOrderId", what)

        # For sellers without WFS Walmart answers the same list to both.
        for is_wfs in ("N", "Y"):
            query = {
                "limit": LIMIT,
                "isWFSEnabled": is_wfs,
                "returnLastModifiedStartDate": day_start(window.start, zone),
                "returnLastModifiedEndDate": day_start(window.end + timedelta(days=1), zone),
            }

            def fetch(cursor: str | None, query: dict[str, str] = query) -> Page:
                path, params = (PATH, query) if cursor is None else (f"{PATH}{cursor}", None)
                found = client.get_json("returns", path, params)
                meta = inner(found, "meta") or {}
                count = str(meta.get("totalCount", ""))
                return Page(
                    items(inner(found, "returnOrders")),
                    meta.get("nextCursor"),
                    int(count) if count.isdigit() else None,
                )

            for order in follow(fetch, what, key=key):
                if key(order) not in seen:
                    seen.add(key(order))
                    yield order

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_json

        if document.plain().lstrip()[:1] == b"{":
            return _extract(items(inner(read_json(document), "returnOrders")), None)
        return super().read(document, account, day)


def _extract(orders: list[dict[str, Any]], known_at: datetime | None) -> Extract:
    rows = [row for order in orders for row in rows_of_return(order)]
    return Extract(table_of(rows, CONTRACT), known_at=known_at)


def rows_of_return(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one return order of the API."""
    whole = {
        "return_order_id": order.get("returnOrderId"),
        "customer_order_id": order.get("customerOrderId"),
        "return_ordered_at": order.get("returnOrderDate"),
        "return_type": order.get("returnType"),
        "refund_mode": order.get("refundMode"),
        "return_channel": inner(order, "returnChannel", "channelName"),
        **unknown(order, ORDER_FIELDS, "returnOrder"),
    }
    for line in items(order.get("returnOrderLines")):
        totals = {entry.get("name"): entry.get("value") for entry in items(line.get("chargeTotals"))}
        yield {
            **whole,
            "return_line_number": line.get("returnOrderLineNumber"),
            "purchase_order_id": line.get("purchaseOrderId"),
            "purchase_order_line": line.get("purchaseOrderLineNumber"),
            "sku": inner(line, "item", "sku"),
            "product_name": inner(line, "item", "productName"),
            "return_reason": line.get("returnReason"),
            "quantity": inner(line, "quantity", "measurementValue"),
            "refunded_quantity": line.get("refundedQty"),
            "refund_amount": inner(totals.get("lineSubTotal"), "currencyAmount"),
            "refund_tax_amount": inner(totals.get("lineTotalTaxes"), "currencyAmount"),
            "refund_total": inner(totals.get("lineTotal"), "currencyAmount"),
            "currency": inner(totals.get("lineTotal"), "currencyUnit"),
            "status": line.get("status"),
            "status_at": line.get("statusTime"),
            "refund_status": line.get("currentRefundStatus"),
            "delivery_status": line.get("currentDeliveryStatus"),
            "refund_channel": line.get("refundChannel"),
            "is_return_expected": line.get("returnExpectedFlag"),
            "is_keep_it": line.get("isKeepIt"),
            **unknown(line, LINE_FIELDS, "returnOrderLine"),
        }
