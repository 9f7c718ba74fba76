"""What the seller's customers paid and got back on Amazon: every sold line and every refund with its fees.

What an account paid never changes: an order that the restatement cancels or shrinks after it shipped stays a sale, and
is a refund beside it. Whole cents, by the marketplace day of the order and of the refund.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from airflow_dags.sandbox.business import fees
from airflow_dags.sandbox.business.calendar import add_months, marketplace_day, month_start
from airflow_dags.sandbox.business.catalogue import Sku, stable_number
from airflow_dags.sandbox.business.records import SHIPPED, Line, Order
from airflow_dags.sandbox.business.returns import customer_refunds

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

T = TypeVar("T")
STORAGE_DAY = 10


@dataclass(frozen=True, slots=True)
class Sale:
    """One sold line, with what Amazon charges for it; ``posted_at`` is when it shipped (None: not yet)."""

    order: Order
    line: Line
    line_number: int
    posted_at: datetime | None
    principal: int
    promotion: int
    shipping: int
    tax: int
    referral_fee: int
    fulfilment_fee: int

    @property
    def day(self) -> date:
        return self.order.day


@dataclass(frozen=True, slots=True)
class Refund:
    """Money back for units of one line; ``referral_fee`` is given back to the seller, ``refund_fee`` kept of it."""

    order: Order
    line: Line
    line_number: int
    quantity: int
    refunded_at: datetime
    principal: int
    promotion: int
    tax: int
    referral_fee: int
    refund_fee: int

    @property
    def day(self) -> date:
        return marketplace_day(self.refunded_at)


def item_id(order: Order, line_number: int) -> str:
    """Amazon's number of an order's line, 14 digits."""
    return str(10**13 + stable_number(order.order_id, line_number, "item") % (9 * 10**13))


def sales(business: Business, account_id: str, revision: int) -> list[Sale]:
    """Every sold line of the account, by order day; an order that shipped stays a sale whatever happens to it later."""
    return kept(business, ("sales", account_id, revision), lambda: list(_sales(business, account_id, revision)))


def refunds(business: Business, account_id: str, revision: int) -> list[Refund]:
    """Every refund of the account, oldest first."""
    return kept(business, ("refunds", account_id, revision), lambda: _all_refunds(business, account_id, revision))


def storage_fees(business: Business, account_id: str, day: date) -> dict[Sku, int]:
    """The fee that is charged on the day for the month before, by SKU; empty on all days but one a month."""
    month = add_months(month_start(day), -1)
    if day.day != STORAGE_DAY or month < business.first_day:
        return {}
    units: dict[Sku, int] = defaultdict(int)
    for order in business.month(month).orders:
        if order.account.account_id == account_id and not order.is_merchant_fulfilled:
            for line in order.sold_lines():
                units[line.sku] += line.quantity
    return {sku: fees.storage_fee(sku, count) for sku, count in units.items()}


def _sales(business: Business, account_id: str, revision: int) -> Iterator[Sale]:
    for first in business.months:
        for order in _orders_as_sold(business, first, revision):
            if order.account.account_id == account_id:
                for number, line in enumerate(order.lines, start=1):
                    if not order.is_cancelled and not line.is_cancelled:
                        yield _sale(order, line, number)


def _orders_as_sold(business: Business, first: date, revision: int) -> Iterator[Order]:
    """The month's orders: as first known if they had shipped by then, else as the revision shows them."""
    for before, after in zip(business.orders(first, 0), business.orders(first, revision), strict=True):
        yield before if before.status == SHIPPED else after


def _sale(order: Order, line: Line, number: int) -> Sale:
    return Sale(
        order=order,
        line=line,
        line_number=number,
        posted_at=order.updated_at if order.status == SHIPPED else None,
        principal=line.price or 0,
        promotion=line.promotion,
        shipping=fees.shipping(line, order.is_merchant_fulfilled),
        tax=fees.tax(line),
        referral_fee=fees.referral_fee(line, order.is_merchant_fulfilled),
        fulfilment_fee=fees.fulfilment_fee(line, order.is_merchant_fulfilled),
    )


def _all_refunds(business: Business, account_id: str, revision: int) -> list[Refund]:
    found = []
    for day in business.days():
        for one in customer_refunds(business, account_id, day, revision):
            if one.refunded_at is not None:
                found.append(_refund(one.order, one.line, one.line_number, one.quantity, one.refunded_at))
    if revision:
        for first in business.months:
            for before, after in zip(business.orders(first, 0), business.orders(first, revision), strict=True):
                if before is not after and before.status == SHIPPED and before.account.account_id == account_id:
                    found += _taken_back(before, after)
    return sorted(found, key=lambda refund: (refund.refunded_at, refund.order.order_id, refund.line_number))


def _taken_back(before: Order, after: Order) -> Iterator[Refund]:
    """The units that a shipped order lost at the restatement."""
    for number, (old, new) in enumerate(zip(before.lines, after.lines, strict=True), start=1):
        kept = 0 if after.is_cancelled or new.is_cancelled else new.quantity
        if not old.is_cancelled and kept < old.quantity:
            yield _refund(before, old, number, old.quantity - kept, after.updated_at)


def _refund(order: Order, line: Line, number: int, quantity: int, at: datetime) -> Refund:
    def part(cents: int) -> int:
        return cents * quantity // line.quantity

    fee = part(fees.referral_fee(line, order.is_merchant_fulfilled))
    return Refund(
        order=order,
        line=line,
        line_number=number,
        quantity=quantity,
        refunded_at=at,
        principal=part(line.price or 0),
        promotion=part(line.promotion),
        tax=part(fees.tax(line)),
        referral_fee=fee,
        refund_fee=fees.refund_fee(fee),
    )


_results: WeakKeyDictionary[Business, dict[Any, list[Any]]] = WeakKeyDictionary()
_lock = threading.RLock()


def kept(business: Business, key: tuple[str, str, int], make: Callable[[], list[T]]) -> list[T]:
    """What was worked out once for a business."""
    with _lock:
        results = _results.setdefault(business, {})
        if key not in results:
            results[key] = make()
        return results[key]
