"""What Amazon's customers send back: which sold lines, how many units, when they come in and when they are refunded.

Derived from the orders alone, so that orders, returns, refunds and stock tell one story. A return belongs to the
marketplace day on which the goods are received (`day`); its refund is booked some hours to three days later
(`refund_day`, None while it lies beyond the data). An order that the restatement cancels or shrinks has no return: its
money goes back by the cancellation.

Sales and Traffic states `unitsRefunded` by a draw of its own (`business.traffic`), as the platform counts it by another
clock; it is about the same share of units, but no sum of these returns.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import stable_number, stable_share
from airflow_dags.sandbox.business.records import SHIPPED, Line, Order

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

# What the seller ships comes back more often.
RETURNED_SHARE, SELLER_RETURNED_SHARE = 0.055, 0.14
# The buyer asks some days before the goods arrive.
ASKED_BEFORE = timedelta(days=6)
# At first some returns of the last days are still missing; the restatement shows them.
LATE_DAYS, LATE_SHARE = 3, 0.25
TAX_RATE = 0.08
REASONS = (
    "UNWANTED_ITEM",
    "DEFECTIVE",
    "NOT_AS_DESCRIBED",
    "ORDERED_WRONG_ITEM",
    "QUALITY_UNACCEPTABLE",
    "MISSED_ESTIMATED_DELIVERY",
    "DAMAGED_BY_CARRIER",
    "FOUND_BETTER_PRICE",
)
_DISPOSITIONS = {
    "DEFECTIVE": "DEFECTIVE",
    "QUALITY_UNACCEPTABLE": "CUSTOMER_DAMAGED",
    "DAMAGED_BY_CARRIER": "CARRIER_DAMAGED",
}


@dataclass(frozen=True, slots=True)
class CustomerReturn:
    """Units of one order line that came back.

    ``amount`` is the refund for the goods (price less promotion) and ``tax`` the sales tax with it, both in cents;
    ``line_number`` counts the order's lines from 1. ``disposition`` is the state of the goods: only SELLABLE ones go
    back on sale. ``is_fba`` tells whether they come back to Amazon or to the seller.
    """

    order: Order
    line: Line
    line_number: int
    quantity: int
    returned_at: datetime
    day: date
    refunded_at: datetime | None
    refund_day: date | None
    reason: str
    disposition: str
    price: int
    promotion: int
    tax: int
    number: int  # of the return, unique

    @property
    def requested_at(self) -> datetime:
        return self.returned_at - ASKED_BEFORE

    @property
    def is_fba(self) -> bool:
        return not self.order.is_merchant_fulfilled

    @property
    def amount(self) -> int:
        return self.price - self.promotion


def customer_returns(business: Business, account_id: str, day: date, revision: int) -> list[CustomerReturn]:
    """The account's returns received on the marketplace day, oldest first; empty for a day without data."""
    return [found for found in _index(business)[0].get((account_id, day), ()) if _is_known(business, found, revision)]


def requested_returns(business: Business, account_id: str, revision: int) -> list[CustomerReturn]:
    """All returns to the seller that buyers asked for, oldest first, also those that are still under way."""
    days = [*business.days(), *(business.as_of + timedelta(days=n) for n in range(ASKED_BEFORE.days + 1))]
    found = [one for day in days for one in _index(business)[0].get((account_id, day), ())]
    return [one for one in found if not one.is_fba and _is_known(business, one, revision)]


def customer_refunds(business: Business, account_id: str, day: date, revision: int) -> list[CustomerReturn]:
    """The account's returns whose refund was booked on the marketplace day, oldest refund first."""
    return [found for found in _index(business)[1].get((account_id, day), ()) if _is_known(business, found, revision)]


_Days = dict[tuple[str, date], list[CustomerReturn]]
_indexes: WeakKeyDictionary[Business, tuple[_Days, _Days]] = WeakKeyDictionary()
_lock = threading.RLock()


def _index(business: Business) -> tuple[_Days, _Days]:
    """All returns by day of return, and by day of refund."""
    with _lock:
        if business not in _indexes:
            by_return, by_refund = defaultdict(list), defaultdict(list)
            for found in sorted(_all_returns(business), key=lambda one: (one.returned_at, one.number)):
                by_return[found.order.account.account_id, found.day].append(found)
                if found.refund_day:
                    by_refund[found.order.account.account_id, found.refund_day].append(found)
            for some in by_refund.values():
                some.sort(key=lambda one: (one.refunded_at, one.number))
            _indexes[business] = (dict(by_return), dict(by_refund))
        return _indexes[business]


def _all_returns(business: Business) -> Iterator[CustomerReturn]:
    changes = business.order_changes()
    for first in business.months:
        for order in business.orders(first, 0):
            if order.status == SHIPPED and order.order_id not in changes:
                for number, line in enumerate(order.lines, start=1):
                    if not line.is_cancelled and line.quantity and (found := _return_of(business, order, line, number)):
                        yield found


def _return_of(business: Business, order: Order, line: Line, line_number: int) -> CustomerReturn | None:
    """The return of a shipped line, or None; it comes in one to four weeks after the order was shipped."""

    def share(what: str) -> float:
        return stable_share(business.seed, order.order_id, line_number, what)

    is_sellers = order.is_merchant_fulfilled
    if share("returned") >= (SELLER_RETURNED_SHARE if is_sellers else RETURNED_SHARE):
        return None
    returned_at = (order.updated_at + timedelta(days=7 + 21 * share("days"))).replace(microsecond=0)
    known_at = returned_at - ASKED_BEFORE if is_sellers else returned_at
    if known_at >= business.closed_at:
        return None
    refunded_at = returned_at + timedelta(minutes=round(90 + 4000 * share("refund")))
    is_refunded = refunded_at < business.closed_at
    quantity = line.quantity if line.quantity == 1 or share("units") < 0.5 else 1
    reason = REASONS[int(share("reason") * len(REASONS))]
    price, promotion = (cents * quantity // line.quantity for cents in (line.price or 0, line.promotion))
    return CustomerReturn(
        order=order,
        line=line,
        line_number=line_number,
        quantity=quantity,
        returned_at=returned_at,
        day=marketplace_day(returned_at),
        refunded_at=refunded_at if is_refunded else None,
        refund_day=marketplace_day(refunded_at) if is_refunded else None,
        reason=reason,
        disposition=_DISPOSITIONS.get(reason, "SELLABLE" if share("state") < 0.85 else "CUSTOMER_DAMAGED"),
        price=price,
        promotion=promotion,
        tax=round((line.price or 0) * TAX_RATE) * quantity // line.quantity,
        number=stable_number(business.seed, order.order_id, line_number, "return") % 10**12,
    )


def _is_known(business: Business, found: CustomerReturn, revision: int) -> bool:
    if revision or (business.as_of - found.day).days > LATE_DAYS:
        return True
    return stable_share(business.seed, found.number, "late") >= LATE_SHARE
