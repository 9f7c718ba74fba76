"""Refunds and returns of a random business: before their orders, after them, and of orders that nobody knows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.oracle.business_commerce import ORDERS
from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row


def fill(found: Business) -> None:
    for account in found.of("amazon_sp"):
        _amazon(found, account)
    for account in found.of("shopify"):
        _shopify(found, account)
    for account in found.of("walmart"):
        _walmart(found, account)
    for account in found.of("tiktok_shop"):
        _tiktok(found, account)


def _line(found: Business, account: Account) -> tuple[Any, ...]:
    """An order and SKU that were sold, or an order that nobody knows."""
    lines = found.kept(ORDERS, account)
    if lines and found.make.chance(0.85):
        return found.make.one(lines)
    return (found.make.big_serial(), found.sku(), None)


def _amazon(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(0, 10)):
        order, sku = _line(found, account)[:2]
        day = make.day()
        rows.append(
            {
                "return_day": day,
                "returned_at": make.instant(day, account.time_zone or "UTC"),
                "order_id": str(order),
                "sku": sku,
                "quantity": make.whole(0, 2),
                "detailed_disposition": make.one(("SELLABLE", "DAMAGED", None)),
                "reason": "DEFECTIVE",
                "license_plate_number": f"LPN{make.serial()}",
            }
        )
    found.load("amazon_sp__returns", account, rows)
    rows = []
    for _ in range(make.whole(0, 5)):
        order, sku = _line(found, account)[:2]
        rows.append(
            {
                "return_request_date": make.day(),
                "order_id": str(order),
                "order_item_id": str(make.serial()),
                "merchant_sku": sku,
                "return_quantity": make.whole(0, 2),
                "return_request_status": make.one(("Approved", "Completed", "Denied", "canceled", "Pending", None)),
                "currency": account.currency,
                "refunded_amount": make.unkind(),
            }
        )
    found.load("amazon_sp__seller_returns", account, rows)


def _shopify(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(0, 10)):
        order, sku, line = _line(found, account)
        refund, day = make.big_serial(), make.day()
        for kind in make.one((("line",), ("line", "shipping"), ("line", "line", "adjustment"), ("adjustment",))):
            of_line = kind == "line"
            rows.append(
                {
                    "refund_id": refund,
                    "kind": kind,
                    "refund_line_id": make.big_serial(),
                    "order_id": order,
                    "refunded_at": make.instant(day, account.time_zone or "UTC"),
                    "updated_at": make.instant(day, account.time_zone or "UTC"),
                    "currency": account.currency,
                    "line_id": line if of_line else None,
                    "sku": sku if of_line else None,
                    "quantity": make.whole(0, 2) if of_line else None,
                    "amount": make.unkind(),
                    "restock_type": make.one(("RETURN", "return", "NO_RESTOCK", "CANCEL", None)) if of_line else None,
                    "return_id": make.one((None, None, make.big_serial())) if of_line else None,
                }
            )
    found.load("shopify__refunds", account, rows)


def _walmart(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(0, 9)):
        order, sku = _line(found, account)[:2]
        at = make.instant(make.day(), account.time_zone or "UTC")
        later = make.instant(make.day(), account.time_zone or "UTC")
        rows.append(
            {
                "return_order_id": f"{make.name}-R{make.serial()}",
                "return_line_number": 1,
                "purchase_order_id": str(order),
                "customer_order_id": f"C{order}",
                "return_ordered_at": at,
                "status_at": make.one((None, later)),
                "sku": sku if make.chance(0.95) else None,
                "quantity": make.count(0, 2),
                "refunded_quantity": make.count(0, 2),
                "refund_amount": make.unkind(),
                "currency": make.one((account.currency, None)),
                "status": make.one(("COMPLETED", "INITIATED", "CANCELLED", None)),
                "is_return_expected": make.one((True, True, False, None)),
                "is_keep_it": make.one((False, False, True, None)),
            }
        )
    found.load("walmart__returns", account, rows)


def _tiktok(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    states = (
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "RETURN_OR_REFUND_REQUEST_PENDING",
        "REPLACEMENT_REQUEST_COMPLETE",
    )
    for _ in range(make.whole(0, 9)):
        order, sku = _line(found, account)[:2]
        at = make.instant(make.day(), account.time_zone or "UTC")
        rows.append(
            {
                "return_id": f"{make.name}-TR{make.serial()}",
                "return_line_item_id": str(make.serial()),
                "order_id": str(order),
                "return_type": make.one(("REFUND", "RETURN_AND_REFUND", "REPLACEMENT", None)),
                "return_status": make.one(states),
                "created_at": make.one((None, make.instant(make.day(), account.time_zone or "UTC"))),
                "updated_at": at,
                "seller_sku": sku,
                "currency": make.one((account.currency, None)),
                "refund_total": make.money(0, 60),
                "refund_subtotal": make.one((None, Decimal(0), make.money(0, 50), make.money(0, 50))),
            }
        )
    found.load("tiktok_shop__returns", account, rows)
