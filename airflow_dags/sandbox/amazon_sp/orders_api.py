"""Orders 2026-01-01: searchOrders by last update, in pages; the data sets that were asked for and no others."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.amazon_sp.calls import invalid, operation
from airflow_dags.sandbox.amazon_sp.kinds import instant
from airflow_dags.sandbox.amazon_sp.pages import Answers
from airflow_dags.sandbox.amazon_sp.settlement import money
from airflow_dags.sandbox.business import fees
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID
from airflow_dags.sandbox.business.orders import DESTINATIONS
from airflow_dags.sandbox.business.proceeds import item_id
from airflow_dags.sandbox.business.records import CANCELLED, PENDING, SHIPPED, SHIPPING, Line, Order
from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.state import SandboxState, iso, now

DATA_SETS = {
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
}
STATUSES = {PENDING: "PENDING", SHIPPING: "UNSHIPPED", SHIPPED: "SHIPPED", CANCELLED: "CANCELLED"}
FILTERS = ("lastUpdatedAfter", "lastUpdatedBefore", "marketplaceIds", "includedData", "maxResultsPerPage")


def _money(cents: int) -> dict[str, str]:
    return {"amount": money(cents), "currencyCode": CURRENCY}


def _proceeds(order: Order, line: Line) -> dict[str, Any]:
    parts = {
        "ITEM": line.price or 0,
        "SHIPPING": fees.shipping(line, order.is_merchant_fulfilled),
        "TAX": fees.tax(line),
        "DISCOUNT": -line.promotion,
    }
    return {
        "proceedsTotal": _money(sum(parts.values())),
        "breakdowns": [{"type": name, "subtotal": _money(cents)} for name, cents in parts.items() if cents],
    }


def _item(order: Order, line: Line, number: int, included: set[str]) -> dict[str, Any]:
    is_cancelled = order.is_cancelled or line.is_cancelled
    answer: dict[str, Any] = {
        "orderItemId": item_id(order, number),
        "quantityOrdered": line.quantity,
        "product": {"asin": line.sku.asin, "title": line.sku.name, "sellerSku": line.sku.sku},
    }
    if line.price is not None and line.quantity:
        answer["product"]["price"] = {"unitPrice": _money(line.price // line.quantity)}
    if "PROCEEDS" in included and line.price is not None:
        answer["proceeds"] = _proceeds(order, line)
    if "PROMOTION" in included and line.promotion:
        answer["promotion"] = {"breakdowns": [{"promotionId": "PAWS-V2-SAVINGS"}]}
    if "CANCELLATION" in included and is_cancelled:
        answer["cancellation"] = {"cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "ChangedMind"}}
    if "FULFILLMENT" in included:
        shipped = line.quantity if order.status == SHIPPED and not is_cancelled else 0
        answer["fulfillment"] = {"quantityFulfilled": shipped, "quantityUnfulfilled": line.quantity - shipped}
    return answer


def order_answer(order: Order, included: set[str]) -> dict[str, Any]:
    """One order as the API shows it with the included data sets."""
    city, state, postal_code = DESTINATIONS[order.ship_to]
    answer: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": iso(order.purchased_at),
        "lastUpdatedTime": iso(order.updated_at),
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": MARKETPLACE_ID,
            "marketplaceName": "Amazon.com",
        },
        "orderItems": [_item(order, line, number, included) for number, line in enumerate(order.lines, start=1)],
    }
    if "RECIPIENT" in included:
        address = {"city": city, "stateOrRegion": state, "postalCode": postal_code, "countryCode": "US"}
        answer["recipient"] = {"deliveryAddress": address}
    if "PROCEEDS" in included and not order.is_cancelled:
        lines = [line for line in order.lines if line.price is not None]
        answer["proceeds"] = {
            "grandTotal": _money(
                sum(
                    (line.price or 0)
                    - line.promotion
                    + fees.tax(line)
                    + fees.shipping(line, order.is_merchant_fulfilled)
                    for line in lines
                )
            )
        }
    if "FULFILLMENT" in included:
        answer["fulfillment"] = {
            "fulfillmentStatus": STATUSES[order.status],
            "fulfilledBy": "MERCHANT" if order.is_merchant_fulfilled else "AMAZON",
            "fulfillmentServiceLevel": "STANDARD" if order.is_merchant_fulfilled else "EXPEDITED",
        }
    return answer


def _filters() -> tuple[dict[str, Any], int]:
    """The call's filters, checked, and where it goes on; a token must come with the filters that made it."""
    given = {name: request.args.get(name) for name in FILTERS}
    wrong = set(request.args) - {*FILTERS, "paginationToken"}
    if wrong:
        raise invalid(f"{', '.join(sorted(wrong))}: not a parameter that can be combined with lastUpdatedAfter")
    included = set(filter(None, (given["includedData"] or "").split(",")))
    if included - DATA_SETS:
        raise invalid(f"includedData {sorted(included - DATA_SETS)} is not valid")
    if given["marketplaceIds"] not in (None, MARKETPLACE_ID):
        raise invalid(f"marketplaceIds {given['marketplaceIds']!r}: the seller sells in {MARKETPLACE_ID} only")
    size = given["maxResultsPerPage"] or "100"
    if not size.isdigit() or not 1 <= int(size) <= 100:
        raise invalid("maxResultsPerPage must be between 1 and 100")
    latest = now() - timedelta(minutes=2)
    try:
        after = instant(given["lastUpdatedAfter"] or "")
        before = instant(given["lastUpdatedBefore"]) if given["lastUpdatedBefore"] else latest
    except ValueError:
        raise invalid("lastUpdatedAfter and lastUpdatedBefore must be ISO 8601 date times") from None
    if before > latest or before < after:
        raise invalid("lastUpdatedBefore must be after lastUpdatedAfter and at least two minutes ago")
    wanted = {"after": after, "before": before, "included": included, "size": int(size), "given": given}
    if "paginationToken" not in request.args:
        return wanted, 0
    try:
        token = json.loads(base64.urlsafe_b64decode(request.args["paginationToken"]))
        if token["given"] != given:
            raise invalid("paginationToken must come with the parameters of the call that gave it")
        return wanted, int(token["offset"])
    except (ValueError, KeyError, TypeError):
        raise invalid("paginationToken is not valid") from None


def add_routes(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/orders/2026-01-01/orders")
    @operation(state, "searchOrders")
    def search_orders(account_id: str) -> Response:
        wanted, offset = _filters()
        # Both ends are included.
        end = wanted["before"] + timedelta(microseconds=1)
        found = state.business.orders_updated(account_id, wanted["after"], end, state.revision)
        answers = Answers(found, lambda order: order_answer(order, wanted["included"]))
        page, following = page_of(state, Place("amazon_sp", "orders_api", account_id), answers, offset, wanted["size"])
        answer: dict[str, Any] = {"orders": page, "lastUpdatedBefore": iso(wanted["before"])}
        if following is not None:
            token = json.dumps({"given": wanted["given"], "offset": following}).encode()
            answer["pagination"] = {"nextToken": base64.urlsafe_b64encode(token).decode()}
        return jsonify(answer)
