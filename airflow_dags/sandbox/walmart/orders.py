"""Purchase orders as /v3/orders gives them: nested lines, amounts in dollars, dates as milliseconds since 1970."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder
from airflow_dags.sandbox.business.walmart_money import is_wfs

SELLER, WFS = "SellerFulfilled", "WFSFulfilled"
NODES = {SELLER: "100009", WFS: "300001"}
STATUS = {"shipped": "Shipped", "delivered": "Delivered", "cancelled": "Cancelled"}
REFUND_REASONS = {
    "defective": "DefectiveItem",
    "not as described": "ItemNotAsAdvertised",
    "no longer needed": "CustomerChangedMind",
    "arrived late": "ItemNotReceivedByCustomer",
    "wrong item": "IncorrectItemReceived",
    "changed mind": "CustomerChangedMind",
}


def purchase_order_id(order: ShopOrder) -> str:
    return str(1_790_000_000_000 + order.number)


def customer_order_id(order: ShopOrder) -> str:
    return str(200_010_000_000_000 + order.number)


def millis(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def dollars(cents: int) -> float:
    return cents / 100


def orders_modified(
    business: Business, shop: Shop, start: datetime, end: datetime, *, created_from: datetime, revision: int
) -> list[ShopOrder]:
    """Orders last modified in [start, end] that were created at ``created_from`` or later, oldest change first."""
    found = business.shop_orders_updated(shop, start, end + timedelta(microseconds=1), revision)
    return [order for order in found if order.purchased_at >= created_from]


def ship_node_type(business: Business, order: ShopOrder) -> str:
    return WFS if is_wfs(business, order) else SELLER


def order_json(business: Business, order: ShopOrder) -> dict[str, Any]:
    """One element of list.elements.order."""
    city, state, postal_code, _ = order.destination
    node = ship_node_type(business, order)
    return {
        "purchaseOrderId": purchase_order_id(order),
        "customerOrderId": customer_order_id(order),
        "customerEmailId": f"{order.buyer:09d}@relay.walmart.com",
        "orderType": "REGULAR",
        "orderDate": millis(order.purchased_at),
        "shippingInfo": {
            "phone": "3155550100",
            "estimatedDeliveryDate": millis(order.deliver_by),
            "estimatedShipDate": millis(order.ship_by),
            "methodCode": "Standard",
            "postalAddress": {
                "name": f"Buyer {order.buyer:09d}",
                "address1": "1 Example Street",
                "city": city,
                "state": state,
                "postalCode": postal_code,
                "country": "USA",
                "addressType": "RESIDENTIAL",
            },
        },
        "orderLines": {"orderLine": [_line_json(order, line, node) for line in order.lines]},
        "shipNode": {"type": node, "name": "Harbor Bayonne" if node == SELLER else "WFS", "id": NODES[node]},
    }


def _status(order: ShopOrder) -> tuple[str, datetime]:
    """The lines' status and since when they have it; what is open is acknowledged within four hours."""
    moment = order.delivered_at or order.shipped_at
    if order.status in STATUS:
        return STATUS[order.status], moment or order.updated_at
    return ("Acknowledged" if order.number % 4 else "Created"), order.updated_at


def _line_json(order: ShopOrder, line: ShopLine, node: str) -> dict[str, Any]:
    status, since = _status(order)
    quantity = {"unitOfMeasurement": "EACH", "amount": str(line.quantity)}
    state: dict[str, Any] = {"status": status, "statusQuantity": quantity}
    if order.is_cancelled:
        buyer = "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"
        state["cancellationReason"] = buyer if order.cancelled_by == "buyer" else "SELLER_CANCEL_OUT_OF_STOCK"
    elif order.shipped_at:
        state["trackingInfo"] = {
            "shipDateTime": millis(order.shipped_at),
            "carrierName": {"carrier": "FedEx"},
            "methodCode": "Standard",
            "trackingNumber": f"7856{order.number:08d}" if order.has_tracking else "",
        }
    found: dict[str, Any] = {
        "lineNumber": str(line.number),
        "item": {"productName": line.sku.name, "sku": line.sku.sku, "condition": "New"},
        "charges": {"charge": _charges(order, line)},
        "orderLineQuantity": quantity,
        "statusDate": millis(since),
        "orderLineStatuses": {"orderLineStatus": [state]},
        "fulfillment": {
            "fulfillmentOption": "S2H",
            "shipMethod": "STANDARD",
            "pickUpDateTime": millis(order.ship_by),
        },
    }
    if refund := _refund(order, line):
        found["refund"] = refund
    return found


def _charges(order: ShopOrder, line: ShopLine) -> list[dict[str, Any]]:
    """What the line costs as a whole; a cancelled line shows zeros, as Walmart's example does."""
    factor = 0 if order.is_cancelled else 1
    charges = [("PRODUCT", "ItemPrice", line.price - line.discount, line.tax)]
    if line.number == 1 and order.shipping:
        charges.append(("SHIPPING", "Shipping", order.shipping, 0))
    return [
        {
            "chargeType": kind,
            "chargeName": name,
            "chargeAmount": {"currency": "USD", "amount": dollars(cents * factor)},
            "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": dollars(tax * factor)}},
        }
        for kind, name, cents, tax in charges
    ]


def _refund(order: ShopOrder, line: ShopLine) -> dict[str, Any] | None:
    refunds = [refund for refund in order.refunds if refund.line_number == line.number]
    if not refunds:
        return None
    charges = [
        {
            "refundReason": REFUND_REASONS[refund.reason],
            "charge": {
                "chargeType": "PRODUCT",
                "chargeName": "ItemPrice",
                "chargeAmount": {"currency": "USD", "amount": dollars(-refund.amount)},
                "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": dollars(-refund.tax)}},
            },
        }
        for refund in refunds
    ]
    return {"refundId": str(refunds[0].number), "refundCharges": {"refundCharge": charges}}
