"""What the seller's ERP booked of sales and refunds: the platforms' own lines, but for a few planted differences.

Purchases are booked on the marketplace's day of the order, refunds on that of the refund, under the platform's order
number. The ERP is corrected at the month's end, so it knows what the platforms finally say (the revision).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from airflow_dags.sandbox.business.catalogue import CURRENCY, Sku
from airflow_dags.sandbox.business.returns import customer_refunds
from airflow_dags.sandbox.business.shops import Shop, ShopOrder
from airflow_dags.sandbox.business.simulation import Business

Kind = Literal["sale", "refund"]
DifferenceKind = Literal["missing", "booked twice", "wrong price", "wrong quantity"]
# (what went wrong, days before as_of, what was booked): the accounts take turns, the day's first line is the one. The
# days are older than what the restatement changes, so that the mistakes are the same before and after it.
PLANTED: tuple[tuple[DifferenceKind, int, Kind], ...] = (
    ("missing", 21, "sale"),
    ("missing", 34, "sale"),
    ("booked twice", 23, "sale"),
    ("booked twice", 36, "refund"),
    ("wrong price", 26, "sale"),
    ("wrong quantity", 29, "sale"),
)


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One booked line; amounts are whole cents of the account's currency, refunds are positive amounts too."""

    day: date
    account_id: str
    order_id: str
    kind: Kind
    line_number: int
    sku: Sku
    quantity: int
    amount: int
    discount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A planted difference; ``platform_amount`` and ``erp_amount`` are the line's amount less discount, in cents."""

    kind: DifferenceKind
    day: date
    account_id: str
    order_id: str
    booking: Kind
    line_number: int
    sku: str
    platform_amount: int
    erp_amount: int


def shop_order_id(order: ShopOrder) -> str:
    """The order's number as its platform writes it."""
    if order.shop.platform == "walmart":
        from airflow_dags.sandbox.walmart.orders import purchase_order_id

        return purchase_order_id(order)
    if order.shop.platform == "tiktok_shop":
        from airflow_dags.sandbox.business.tiktok_money import order_id

        return order_id(order)
    return f"#{order.number}"


def platform_lines(business: Business, revision: int) -> Iterator[BookedLine]:
    """What the platforms sold and refunded, line by line."""
    for first in business.months:
        for order in business.orders(first, revision):
            for number, line in enumerate(order.lines, start=1):
                if not order.is_cancelled and not line.is_cancelled:
                    yield BookedLine(
                        day=order.day,
                        account_id=order.account.account_id,
                        order_id=order.order_id,
                        kind="sale",
                        line_number=number,
                        sku=line.sku,
                        quantity=line.quantity,
                        amount=line.price or 0,
                        discount=line.promotion,
                        currency=CURRENCY,
                    )
    for day in business.days():
        for account in business.catalogue.accounts:
            for back in customer_refunds(business, account.account_id, day, revision):
                yield BookedLine(
                    day=day,
                    account_id=account.account_id,
                    order_id=back.order.order_id,
                    kind="refund",
                    line_number=back.line_number,
                    sku=back.line.sku,
                    quantity=back.quantity,
                    amount=back.amount,
                    discount=0,
                    currency=CURRENCY,
                )
    for shop in business.shops:
        yield from _shop_lines(business, shop, revision)


def _shop_lines(business: Business, shop: Shop, revision: int) -> Iterator[BookedLine]:
    for day in business.days():
        for order in business.shop_orders(shop, day, revision):
            lines = {line.number: line for line in order.lines}
            if not order.is_cancelled:
                for line in order.lines:
                    yield BookedLine(
                        day=day,
                        account_id=shop.account_id,
                        order_id=shop_order_id(order),
                        kind="sale",
                        line_number=line.number,
                        sku=line.sku,
                        quantity=line.quantity,
                        amount=line.price,
                        discount=line.discount,
                        currency=shop.currency,
                    )
            for refund in order.refunds:
                yield BookedLine(
                    day=refund.at.astimezone(shop.zone).date(),
                    account_id=shop.account_id,
                    order_id=shop_order_id(order),
                    kind="refund",
                    line_number=refund.line_number,
                    sku=lines[refund.line_number].sku,
                    quantity=refund.quantity,
                    amount=refund.amount,
                    discount=0,
                    currency=shop.currency,
                )


@lru_cache(maxsize=4)
def books(business: Business, revision: int) -> tuple[list[BookedLine], list[Difference]]:
    """The ERP's lines, and how they differ from the platforms'."""
    lines = list(platform_lines(business, revision))
    accounts = [account.account_id for account in business.catalogue.accounts]
    accounts += [shop.account_id for shop in business.shops]
    differences: list[Difference] = []
    for number, (kind, days, booking) in enumerate(PLANTED):
        day, account_id = business.as_of - timedelta(days=days), accounts[number % len(accounts)]
        fitting = [
            (line.day, line.order_id, line.line_number, position)
            for position, line in enumerate(lines)
            if line.account_id == account_id and line.kind == booking and line.day >= day
        ]
        if fitting:
            differences.append(_plant(lines, min(fitting)[-1], kind))
    return lines, differences


def _plant(lines: list[BookedLine], at: int, kind: DifferenceKind) -> Difference:
    line = lines[at]
    platform = line.amount - line.discount
    erp = platform
    if kind == "missing":
        del lines[at]
        erp = 0
    elif kind == "booked twice":
        # The second booking has a line number of its own, as a person's mistake has.
        lines.append(replace(line, line_number=line.line_number + 100))
        erp = 2 * platform
    elif kind == "wrong price":
        lines[at] = replace(line, amount=line.amount - 100)
        erp = platform - 100
    else:
        unit = line.amount // line.quantity
        lines[at] = replace(line, quantity=line.quantity + 1, amount=line.amount + unit)
        erp = platform + unit
    return Difference(
        kind=kind,
        day=line.day,
        account_id=line.account_id,
        order_id=line.order_id,
        booking=line.kind,
        line_number=line.line_number,
        sku=line.sku.sku,
        platform_amount=platform,
        erp_amount=erp,
    )
