"""Return orders as /v3/returns gives them: one for every refund, also for goods that the buyer keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder, ShopRefund
from airflow_dags.sandbox.state import iso
from airflow_dags.sandbox.walmart.orders import customer_order_id, dollars, purchase_order_id

REASONS = {
    "defective": "DEFECTIVE",
    "not as described": "NOT_AS_DESCRIBED",
    "no longer needed": "NO_LONGER_WANTED",
    "arrived late": "ARRIVED_LATE",
    "wrong item": "WRONG_ITEM",
    "changed mind": "NO_LONGER_WANTED",
}


def return_order_id(refund: ShopRefund) -> str:
    return str(103_700_000_000_000_000 + refund.number)


def returns_modified(
    business: Business, shop: Shop, start: datetime, end: datetime, revision: int
) -> list[tuple[ShopOrder, ShopRefund]]:
    """The refunds that were made in [start, end], oldest first."""
    found = [
        (order, refund)
        for order in business.shop_orders_updated(shop, start, _later(business, shop), revision)
        for refund in order.refunds
        if start <= refund.at <= end
    ]
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].number))


def _later(business: Business, shop: Shop) -> datetime:
    return shop.day_start(business.as_of) + timedelta(days=1)


def return_json(order: ShopOrder, refund: ShopRefund) -> dict[str, Any]:
    """One element of returnOrders."""
    opened = (refund.received_at - timedelta(days=2)) if refund.received_at else refund.at
    return {
        "returnOrderId": return_order_id(refund),
        "customerEmailId": f"{order.buyer:09d}@relay.walmart.com",
        "customerName": {"firstName": "Buyer", "lastName": f"{order.buyer:09d}"},
        "customerOrderId": customer_order_id(order),
        "refundMode": "POST_DELIVERY",
        "returnOrderDate": iso(opened),
        "returnType": "REFUND",
        "returnByDate": iso(opened + timedelta(days=30)),
        "totalRefundAmount": _money(refund.amount + refund.tax),
        "returnLineGroups": [
            {"groupNo": 1, "returnLines": [{"returnOrderLineNumber": 1}], "returnExpectedFlag": refund.is_return}
        ],
        "returnOrderLines": [_line_json(order, refund)],
        "returnChannel": {"channelName": "ONLINE"},
    }


def _line_json(order: ShopOrder, refund: ShopRefund) -> dict[str, Any]:
    line = next(line for line in order.lines if line.number == refund.line_number)
    return {
        "returnOrderLineNumber": 1,
        "salesOrderLineNumber": line.number,
        "returnReason": REASONS[refund.reason],
        "purchaseOrderId": purchase_order_id(order),
        "purchaseOrderLineNumber": line.number,
        "item": {"sku": line.sku.sku, "productName": line.sku.name},
        "charges": [_charge(line, refund)],
        "unitPrice": _money(_unit(refund.amount, refund.quantity)),
        "chargeTotals": list(_totals(refund)),
        "currentDeliveryStatus": "DELIVERED" if refund.is_return else "NOT_SHIPPED",
        "currentRefundStatus": "REFUND_COMPLETED",
        "quantity": {"unitOfMeasure": "EACH", "measurementValue": refund.quantity},
        "returnExpectedFlag": refund.is_return,
        "isKeepIt": not refund.is_return,
        "isFastReplacement": False,
        "refundedQty": refund.quantity,
        "rechargeableQty": 0,
        "refundChannel": "SELLER_AUTO_REFUND",
        "status": "COMPLETED",
        "statusTime": iso(refund.at.astimezone(UTC)),
    }


def _charge(line: ShopLine, refund: ShopRefund) -> dict[str, Any]:
    return {
        "chargeCategory": "PRODUCT",
        "chargeName": "ItemPrice",
        "chargePerUnit": _money(_unit(refund.amount, refund.quantity)),
        "isDiscount": False,
        "isBillable": True,
        "tax": [{"taxName": "Tax1", "taxPerUnit": _money(_unit(refund.tax, refund.quantity))}],
    }


def _totals(refund: ShopRefund) -> Iterator[dict[str, Any]]:
    """The line's totals; the amounts per unit above are rounded, these are not."""
    yield {"name": "lineUnitPrice", "value": _money(_unit(refund.amount, refund.quantity))}
    yield {"name": "lineProductTaxes", "value": _money(refund.tax)}
    yield {"name": "lineTotalTaxes", "value": _money(refund.tax)}
    yield {"name": "lineSubTotal", "value": _money(refund.amount)}
    yield {"name": "lineTotal", "value": _money(refund.amount + refund.tax)}


def _unit(cents: int, quantity: int) -> int:
    return round(cents / quantity)


def _money(cents: int) -> dict[str, Any]:
    return {"currencyAmount": dollars(cents), "currencyUnit": "USD"}
