"""How well the shop on Walmart serves its customers: the rates that Walmart holds against its standards.

Computed from the shop's orders that the seller ships itself, over the last days of a window that ends with the last day
with data. Rates are per cent with two decimals, as Walmart states them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from airflow_dags.sandbox.business.catalogue import stable_share
from airflow_dags.sandbox.business.shops import Shop, ShopOrder
from airflow_dags.sandbox.business.simulation import Business
from airflow_dags.sandbox.business.walmart_money import is_wfs

ASKED_SHARE, ANSWERED_SHARE = 0.08, 0.975


@dataclass(frozen=True, slots=True)
class Rate:
    """``counted`` of ``total`` orders; ``accountable`` leaves out what was not the seller's fault."""

    total: int
    counted: int
    accountable: int
    affected: int
    lost_cents: int

    @property
    def percent(self) -> Decimal:
        return _percent(self.counted, self.total)

    @property
    def accountable_percent(self) -> Decimal:
        return _percent(self.accountable, self.total)


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def rate(business: Business, shop: Shop, metric: str, *, days: int, revision: int) -> Rate | None:
    """The metric over the window, or None where no order counts for it."""
    start = business.as_of - timedelta(days=days)
    orders = [
        order
        for day in business.days()
        if day >= start - timedelta(days=30)
        for order in business.shop_orders(shop, day, revision)
        if not is_wfs(business, order)
    ]
    since = shop.day_start(start)
    return METRICS[metric](business, orders, since)


def _of(total: Iterable[ShopOrder], good: Callable[[ShopOrder], bool], excused: Callable[[ShopOrder], bool]) -> Rate:
    """A rate of orders that are as they should be."""
    orders = list(total)
    bad = [order for order in orders if not good(order)]
    faults = [order for order in bad if not excused(order)]
    return Rate(len(orders), len(orders) - len(bad), len(orders) - len(faults), len(bad), _value(bad))


def _bad_share(total: Iterable[ShopOrder], is_bad: Callable[[ShopOrder], bool]) -> Rate | None:
    """A rate of orders that are not as they should be."""
    orders = list(total)
    bad = [order for order in orders if is_bad(order)]
    return Rate(len(orders), len(bad), len(bad), len(bad), _value(bad)) if orders else None


def _value(orders: Iterable[ShopOrder]) -> int:
    return sum(line.price - line.discount for order in orders for line in order.lines)


def _on_time_delivery(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    closed = orders[0].shop.day_start(business.as_of) if orders else since
    due = [order for order in orders if not order.is_cancelled and since <= order.deliver_by < closed]
    if not due:
        return None
    return _of(
        due,
        good=lambda order: order.delivered_at is not None and order.delivered_at <= order.deliver_by,
        excused=lambda order: order.shipped_at is not None and order.shipped_at <= order.ship_by,
    )


def _cancellations(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    return _bad_share((o for o in orders if o.purchased_at >= since), lambda order: order.cancelled_by == "seller")


def _valid_tracking(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    shipped = [order for order in orders if order.shipped_at and order.shipped_at >= since]
    return _of(shipped, good=lambda order: order.has_tracking, excused=lambda order: False) if shipped else None


def _late_shipment(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    shipped = [order for order in orders if order.shipped_at and order.shipped_at >= since]
    return _bad_share(shipped, lambda order: order.shipped_at is not None and order.shipped_at > order.ship_by)


def _seller_response(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    asked = [
        order
        for order in orders
        if order.purchased_at >= since and stable_share(business.seed, order.number, "asked") < ASKED_SHARE
    ]
    if not asked:
        return None
    return _of(
        asked,
        good=lambda order: stable_share(business.seed, order.number, "answered") < ANSWERED_SHARE,
        excused=lambda order: False,
    )


def _returns(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    delivered = [order for order in orders if order.delivered_at and order.delivered_at >= since]
    return _bad_share(delivered, lambda order: any(refund.is_return for refund in order.refunds))


def _refunds(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    delivered = [order for order in orders if order.delivered_at and order.delivered_at >= since]
    return _bad_share(delivered, lambda order: bool(order.refunds))


def _not_received(business: Business, orders: list[ShopOrder], since: datetime) -> Rate | None:
    delivered = [order for order in orders if order.delivered_at and order.delivered_at >= since]
    return _bad_share(
        delivered,
        lambda order: any(not refund.is_return and refund.reason == "arrived late" for refund in order.refunds),
    )


METRICS: dict[str, Callable[[Business, list[ShopOrder], datetime], Rate | None]] = {
    "otd": _on_time_delivery,
    "cancellations": _cancellations,
    "vtr": _valid_tracking,
    "srr": _seller_response,
    "lateShipment": _late_shipment,
    "returns": _returns,
    "refunds": _refunds,
    "itemNotReceived": _not_received,
    "negativeFeedback": lambda business, orders, since: None,  # nobody has left any
}


def snapshot_day(business: Business) -> date:
    """The day on which the sandbox is asked: the one after the last day with data."""
    return business.as_of
