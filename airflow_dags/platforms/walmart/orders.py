"""Purchase orders: one row an order line.

An order is listed whole, as it is at that moment, and its payload has no instant of its last change (a line's
statusDate doesn't move when the line is refunded). So an order's rows are replaced together and the later fetch wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.walmart.cells import (
    day_start,
    day_text,
    field_names,
    identity,
    inner,
    instant_of,
    instant_text,
    items,
    table_of,
    total,
    unknown,
)
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

PATH = "/v3/orders"
# Without shipNodeType Walmart lists what the seller ships, and leaves WFS orders out.
NODE_TYPES = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")
LIMIT = "200"
AVAILABLE_DAYS = 180  # orders that were created longer ago are not listed

# What Walmart publishes of an order and of its lines; what else comes is news.
ORDER_FIELDS = field_names(
    "purchaseOrderId customerOrderId sellerOrderId customerEmailId orderType originalCustomerOrderID orderDate buyerId "
    "mart isGuest shippingInfo orderLines paymentTypes orderSummary pickupPersons shipNode"
)
LINE_FIELDS = field_names(
    "lineNumber item charges orderLineQuantity statusDate orderLineStatuses returnOrderId refund refunds isFullRefund "
    "originalCarrierMethod referenceLineId fulfillment serialNumbers intentToCancel configId sellerOrderId"
)


def _column(name: str, kind: str = "text", source: str = "", required: bool = False) -> Column:
    """A column under its own name, and under that of Seller Center's export; required ones are never empty."""
    sources = (name, source) if source else (name,)
    return Column(name, kind, required, not required, sources)  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="walmart",
    stream="orders",
    mode="changes",
    report_name="Walmart orders (API, or Seller Center's export of orders)",
    key=("purchase_order_id",),
    unique=("purchase_order_id", "line_number"),
    owned=("purchase_order_id",),
    seller_ids=("sku",),
    columns=(
        _column("purchase_order_id", source="PO#", required=True),
        _column("line_number", "integer", "Line#", required=True),
        _column("customer_order_id", source="Order#"),
        _column("order_date", "date", "Order Date", required=True),
        _column("ordered_at", "timestamp"),
        _column("sku", source="SKU", required=True),
        _column("product_name", source="Item Description"),
        _column("status", source="Status", required=True),
        _column("status_at", "timestamp"),
        _column("quantity", "integer", "Qty", required=True),
        _column("currency"),
        # The whole line's, after the seller's discounts; a cancelled line shows zero.
        _column("product_amount", "numeric", "Item Cost", required=True),
        _column("shipping_amount", "numeric", "Shipping Cost"),
        _column("tax_amount", "numeric", "Tax"),
        # Signed as Walmart signs it: negative.
        _column("refund_amount", "numeric"),
        _column("refund_tax_amount", "numeric"),
        _column("ship_node_type", source="Fulfillment Entity"),
        _column("ship_node_id"),
        _column("method_code", source="Shipping Method"),
        _column("estimated_ship_at", "timestamp"),
        _column("estimated_delivery_at", "timestamp"),
        _column("shipped_at", "timestamp"),
        _column("carrier", source="Carrier"),
        _column("tracking_number", source="Tracking Number"),
        _column("cancellation_reason"),
        _column("order_type"),
        _column("ship_to_state", source="State"),
    ),
    # Where the buyer lives, and columns of the export that no figure needs.
    ignored=frozenset(
        [
            "Ship By",
            "Delivery Date",
            "Customer Name",
            "Customer Shipping Address",
            "Customer Phone Number",
            "Ship to Address 1",
            "Ship to Address 2",
            "City",
            "Zip",
            "Segment",
            "FLIDS",
            "UPC",
            "Shipping Tier",
            "Shipping SLA",
            "Shipping Config Source",
            "Update Status",
            "Update Qty",
            "Tracking Url",
            "Seller Order NO",
            "Replacement Order",
            "Original Customer Order Id",
        ]
    ),
)


class Orders(PullStream):
    """Orders by their last change; all lines of an order come with it."""

    def __init__(self, settings: StreamSettings, time_zone: Any) -> None:
        self.contract, self.settings, self._time_zone = CONTRACT, settings, time_zone

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        known_at = datetime.now(timezone.utc)
        zone = ZoneInfo(self._time_zone(account))
        rows = [row for order in self._orders(client, window, zone) for row in rows_of_order(order, zone)]
        return Extract(table_of(rows, CONTRACT), known_at=known_at)

    def _orders(self, client: Any, window: Window, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
        what = f"{client.title}: orders"
        for node_type in NODE_TYPES:
            query = {
                "limit": LIMIT,
                "shipNodeType": node_type,
                # Without it only orders of the last 7 days are listed, whatever was changed since.
                "createdStartDate": day_start(window.start - timedelta(days=AVAILABLE_DAYS), zone),
                "lastModifiedStartDate": day_start(window.start, zone),
                "lastModifiedEndDate": day_start(window.end + timedelta(days=1), zone),
            }

            def fetch(cursor: str | None, query: dict[str, str] = query) -> Page:
                # The cursor is the whole query string of the next page.
                path, params = (PATH, query) if cursor is None else (f"{PATH}{cursor}", None)
                found = inner(client.get_json("orders", path, params), "list")
                meta = inner(found, "meta") or {}
                return Page(items(inner(found, "elements", "order")), meta.get("nextCursor"), _count(meta))

            yield from follow(fetch, what, key=lambda order: identity(order, "purchaseOrderId", what))

    def read(self, document: Document, account: Account, day: date) -> Extract:
        """Seller Center's export: its days are MM/DD/YYYY."""
        import pyarrow as pa

        from airflow_dags.contracts import normalise
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        for position, name in enumerate(table.column_names):
            if normalise(name) in ("order_date",):
                days = [day_text(cell) for cell in table.column(position).to_pylist()]
                table = table.set_column(position, name, pa.array(days, pa.string()))
        return Extract(table, broken=broken)


def _count(meta: dict[str, Any]) -> int | None:
    text = str(meta.get("totalCount", ""))
    return int(text) if text.isdigit() else None


def rows_of_order(order: dict[str, Any], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """The rows of one order of the API."""
    ordered = instant_of(order.get("orderDate"))
    whole = {
        "purchase_order_id": order.get("purchaseOrderId"),
        "customer_order_id": order.get("customerOrderId"),
        "order_date": str(ordered.astimezone(zone).date()) if ordered else None,
        "ordered_at": instant_text(order.get("orderDate")),
        "order_type": order.get("orderType"),
        "ship_node_type": inner(order, "shipNode", "type"),
        "ship_node_id": inner(order, "shipNode", "id"),
        "method_code": inner(order, "shippingInfo", "methodCode"),
        "estimated_ship_at": instant_text(inner(order, "shippingInfo", "estimatedShipDate")),
        "estimated_delivery_at": instant_text(inner(order, "shippingInfo", "estimatedDeliveryDate")),
        "ship_to_state": inner(order, "shippingInfo", "postalAddress", "state"),
        **unknown(order, ORDER_FIELDS, "order"),
    }
    for line in items(inner(order, "orderLines", "orderLine")):
        yield {**whole, **_line(line)}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    charges = items(inner(line, "charges", "charge"))
    # A line that was split has several statuses; the last one is the furthest.
    states = items(inner(line, "orderLineStatuses", "orderLineStatus"))
    state = states[-1] if states else {}
    refunds = _refund_charges(line)
    return {
        "line_number": line.get("lineNumber"),
        "sku": inner(line, "item", "sku"),
        "product_name": inner(line, "item", "productName"),
        "status": state.get("status"),
        "status_at": instant_text(line.get("statusDate")),
        "quantity": inner(line, "orderLineQuantity", "amount"),
        "currency": next((inner(charge, "chargeAmount", "currency") for charge in charges), None),
        "product_amount": _amount(charges, "PRODUCT"),
        "shipping_amount": _amount(charges, "SHIPPING"),
        "tax_amount": total(inner(charge, "tax", "taxAmount", "amount") for charge in charges),
        "refund_amount": total(inner(charge, "chargeAmount", "amount") for charge in refunds),
        "refund_tax_amount": total(inner(charge, "tax", "taxAmount", "amount") for charge in refunds),
        "shipped_at": instant_text(inner(state, "trackingInfo", "shipDateTime")),
        "carrier": inner(state, "trackingInfo", "carrierName", "carrier"),
        "tracking_number": inner(state, "trackingInfo", "trackingNumber"),
        "cancellation_reason": state.get("cancellationReason"),
        **unknown(line, LINE_FIELDS, "orderLine"),
    }


def _amount(charges: list[dict[str, Any]], kind: str) -> str | None:
    return total(inner(charge, "chargeAmount", "amount") for charge in charges if charge.get("chargeType") == kind)


def _refund_charges(line: dict[str, Any]) -> list[dict[str, Any]]:
    """The charges of the line's refunds; Walmart names one refund ``refund`` or a list of them ``refunds``."""
    refunds = items(line.get("refund")) + items(inner(line, "refunds", "refund"))
    return [
        charge
        for refund in refunds
        for entry in items(inner(refund, "refundCharges", "refundCharge"))
        if isinstance(charge := entry.get("charge"), dict)
    ]
