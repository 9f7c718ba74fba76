"""Turns sold lines into Amazon orders: ids, instants, statuses, cancellations, and what changes at the restatement."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from airflow_dags.sandbox.business.calendar import day_seconds, day_start
from airflow_dags.sandbox.business.catalogue import Account, Sku, stable_share
from airflow_dags.sandbox.business.records import CANCELLED, PENDING, SHIPPED, SHIPPING, Line, Order

CANCELLED_SHARE = 0.025
DESTINATIONS = (
    ("Los Angeles", "CA", "90012"),
    ("Austin", "TX", "78701"),
    ("New York", "NY", "10001"),
    ("Miami", "FL", "33101"),
    ("Seattle", "WA", "98101"),
    ("Chicago", "IL", "60601"),
    ("Denver", "CO", "80202"),
    ("Phoenix", "AZ", "85001"),
    ("Columbus", "OH", "43004"),
    ("San Juan", "PR", "00901"),
    ("Cañon City", "CO", "81212"),
)


def order_id(account: Account, day: date, sequence: int) -> str:
    """Amazon's 3-7-7 digits; unique over accounts and days (up to 2000 orders an account and day)."""
    number = ((day - date(2020, 1, 1)).days * 2000 + sequence) % 10**7
    scattered = number * 7_654_321 % 10**7  # odd and no multiple of 5: a permutation
    return f"{111 + account.index}-{scattered:07d}-{number * 3_141_593 % 10**7:07d}"


def orders_of_day(
    account: Account, day: date, lines: list[Line], skus: list[Sku], *, rng: random.Random, closed_at: datetime
) -> list[Order]:
    """The account's orders of the day: the sold lines packed into orders, and some cancelled orders beside them.

    `closed_at` is the end of the last day with data: what would be shipped later is still pending or shipping.
    """
    start, length = day_start(day), day_seconds(day)
    baskets = _baskets(lines, rng)
    sold = len(baskets)
    for _ in range(round(sold * CANCELLED_SHARE + rng.random() - 0.5)):
        baskets.append([_cancelled_line(rng.choice(skus), day, rng)])
    orders = []
    for sequence, basket in enumerate(baskets):
        # The first order falls on the first second of the day and the second on its last one.
        offset = (0, length - 1)[sequence] if sequence < 2 else int(rng.random() * length)
        purchased = start + timedelta(seconds=offset)
        is_cancelled = sequence >= sold
        status, updated = _progress(purchased, closed_at, is_cancelled, rng)
        orders.append(
            Order(
                account=account,
                order_id=order_id(account, day, sequence),
                day=day,
                purchased_at=purchased,
                updated_at=updated,
                status=status,
                lines=basket,
                is_merchant_fulfilled=rng.random() < 0.12,
                ship_to=int(rng.random() * len(DESTINATIONS)),
            )
        )
    return orders


def _baskets(lines: list[Line], rng: random.Random) -> list[list[Line]]:
    """Lines into orders of one to three different SKUs; sometimes one line of an order that ships is cancelled."""
    baskets: list[list[Line]] = []
    position = 0
    while position < len(lines):
        draw = rng.random()
        size = 1 if draw < 0.80 else 2 if draw < 0.96 else 3
        basket = lines[position : position + size]
        position += size
        if size > 1 and rng.random() < 0.03:
            basket.append(Line(basket[0].sku, 0, None, is_cancelled=True))
        baskets.append(basket)
    return baskets


def _cancelled_line(sku: Sku, day: date, rng: random.Random) -> Line:
    """Most cancelled lines show quantity 0 and no price; one in three keeps both, as after a late cancellation."""
    if rng.random() < 1 / 3:
        return Line(sku, 1, sku.price_on(day), is_cancelled=True)
    return Line(sku, 0, None, is_cancelled=True)


def _progress(purchased: datetime, closed_at: datetime, is_cancelled: bool, rng: random.Random) -> tuple[str, datetime]:
    """The order's status and last update as of the end of the data."""
    room = int((closed_at - purchased).total_seconds())
    soon = purchased + timedelta(seconds=min(int(60 + rng.random() * 1500), max(0, room - 1)))
    if is_cancelled:
        return CANCELLED, soon
    shipped = purchased + timedelta(seconds=int((0.4 + 2.4 * rng.random()) * 86400))
    if shipped < closed_at - timedelta(hours=1):
        return SHIPPED, shipped
    return (PENDING if room < 86400 and rng.random() < 0.3 else SHIPPING), soon


def late_changes(seed: int, orders: list[Order], old: Order, closed_at: datetime) -> dict[str, Order]:
    """What the second pull shows differently, by order id.

    Open orders ship, about one in a hundred of the last 14 days is cancelled, one in a hundred loses a unit, and one
    order far outside any trailing window is cancelled. Every change is dated into the last 20 minutes of the last
    day, so a feed by last update finds it there.
    """
    changed: dict[str, Order] = {}
    cutoff = closed_at - timedelta(minutes=25)
    for order in orders:
        if order.updated_at >= cutoff or order.is_cancelled:
            continue
        draw = stable_share(seed, order.order_id, "late")
        at = closed_at - timedelta(seconds=1 + int(draw * 997) % 1199)
        if draw < 0.010:
            changed[order.order_id] = _cancelled(order, at)
        elif draw < 0.030 and len(order.lines) == 1 and order.lines[0].quantity > 1:
            line = order.lines[0]
            kept = line.quantity - 1
            price = line.sku.price_on(order.day) * kept
            smaller = replace(line, quantity=kept, price=price, promotion=min(line.promotion, price // 5))
            changed[order.order_id] = replace(order, lines=[smaller], status=SHIPPED, updated_at=at)
        elif order.status in (PENDING, SHIPPING):
            changed[order.order_id] = replace(order, status=SHIPPED, updated_at=at)
    changed[old.order_id] = _cancelled(old, closed_at - timedelta(seconds=600))
    return changed


def _cancelled(order: Order, at: datetime) -> Order:
    lines = [replace(line, quantity=0, price=None, promotion=0, is_cancelled=True) for line in order.lines]
    return replace(order, status=CANCELLED, updated_at=at.astimezone(UTC), lines=lines)
