"""What Walmart settles: commission by category, WFS fees and refunds, paid out for periods of 14 days.

Everything follows from the shop's orders. Money is whole cents, signed as Walmart signs it: what the seller gets is
positive. Days are the shop's. Walmart collects the sales tax and withholds it, so tax comes to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder, ShopRefund
from airflow_dags.sandbox.business.simulation import Business

PERIOD_DAYS = 14
PERIOD_ANCHOR = date(2024, 1, 6)  # a Saturday: periods run to a Friday
REPORT_AFTER_DAYS = 4
WFS_ORDER_SHARE, WFS_STOCK_SHARE = 0.35, 0.4
STORAGE_CENTS = 4  # a unit and period
RETURN_CENTS = 399

PRODUCT, SHIPPING = "Product Price", "Shipping Price"
TAX, TAX_WITHHELD = "Product Tax", "Product Tax Withheld"
COMMISSION, FEE = "Commission on Product", "Fee/Reimbursement"
FEES = (COMMISSION, FEE)


@dataclass(frozen=True, slots=True)
class SettledLine:
    """One amount of a settlement; lines without an order belong to the seller as a whole (storage)."""

    posted_on: date
    key: str
    transaction_type: str
    description: str
    amount_type: str
    amount: int
    order: ShopOrder | None = None
    line: ShopLine | None = None
    quantity: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A closed period, its report listed on ``report_date``."""

    period_start: date
    period_end: date
    report_date: date
    lines: tuple[SettledLine, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def is_wfs(business: Business, order: ShopOrder) -> bool:
    """Whether Walmart ships the order from its own warehouses."""
    return stable_share(business.seed, order.shop.account_id, order.number, "wfs") < WFS_ORDER_SHARE


def commission_percent(sku: Sku) -> int:
    """8 to 15 per cent, by category."""
    return 8 + stable_number("walmart commission", sku.cell.category) % 8


def commission(sku: Sku, cents: int) -> int:
    """The commission on an amount, to the cent, halves up."""
    return (cents * commission_percent(sku) + 50) // 100


def wfs_stock(units: int) -> int:
    """How many of a SKU's units lie at Walmart's."""
    return int(units * WFS_STOCK_SHARE)


@lru_cache(maxsize=4)
def settlements(business: Business, shop: Shop) -> tuple[Settlement, ...]:
    """All closed periods whose report is out, oldest first; a settlement never changes once it is out."""
    by_period: dict[date, list[SettledLine]] = defaultdict(list)
    for day in business.days():
        for order in business.shop_orders(shop, day, 0):
            for line in _lines_of(business, order):
                by_period[_period_start(line.posted_on)].append(line)
    found = []
    for start in sorted(by_period):
        end = start + timedelta(days=PERIOD_DAYS - 1)
        report_date = end + timedelta(days=REPORT_AFTER_DAYS)
        if report_date <= business.last_day:
            lines = sorted(by_period[start], key=lambda line: (line.posted_on, line.key))
            found.append(Settlement(start, end, report_date, (*lines, _storage(business, shop, end))))
    return tuple(found)


def _period_start(day: date) -> date:
    return day - timedelta(days=(day - PERIOD_ANCHOR).days % PERIOD_DAYS)


def _day(shop: Shop, instant: datetime) -> date:
    return instant.astimezone(shop.zone).date()


def _key(day: date, order: ShopOrder, line: ShopLine, kind: int) -> str:
    return f"{day:%Y_%m_%d}_{order.number * 100 + line.number * 10 + kind}"


def _lines_of(business: Business, order: ShopOrder) -> Iterator[SettledLine]:
    if order.shipped_at is None:
        return
    day = _day(order.shop, order.shipped_at)
    for line in order.lines:
        yield from _sale(order, line, day)
        if is_wfs(business, order):
            unit_fee = 345 + 5 * (stable_number("walmart wfs", line.sku.sku) % 40)
            yield SettledLine(
                day,
                _key(day, order, line, 1),
                "Adjustment",
                "WFS Fulfillment fee",
                FEE,
                -unit_fee * line.quantity,
                order,
                line,
                line.quantity,
            )
    for refund in order.refunds:
        yield from _refund(business, order, refund)


def _sale(order: ShopOrder, line: ShopLine, day: date) -> Iterator[SettledLine]:
    net = line.price - line.discount
    amounts = [(PRODUCT, net), (TAX, line.tax), (TAX_WITHHELD, -line.tax), (COMMISSION, -commission(line.sku, net))]
    if line.number == 1 and order.shipping:
        amounts.append((SHIPPING, order.shipping))
    key = _key(day, order, line, 0)
    for amount_type, cents in amounts:
        yield SettledLine(day, key, "Sale", "Purchase", amount_type, cents, order, line, line.quantity)


def _refund(business: Business, order: ShopOrder, refund: ShopRefund) -> Iterator[SettledLine]:
    line = next(line for line in order.lines if line.number == refund.line_number)
    day = _day(order.shop, refund.at)
    key = _key(day, order, line, 2)
    for amount_type, cents in (
        (PRODUCT, -refund.amount),
        (TAX, -refund.tax),
        (TAX_WITHHELD, refund.tax),
        (COMMISSION, commission(line.sku, refund.amount)),
    ):
        yield SettledLine(
            day, key, "Refund", "Return Refund", amount_type, cents, order, line, refund.quantity, refund.reason
        )
    if refund.is_return and is_wfs(business, order):
        key = _key(day, order, line, 3)
        yield SettledLine(day, key, "Adjustment", "WFS Return Shipping fee", FEE, -RETURN_CENTS, order, line)


def _storage(business: Business, shop: Shop, day: date) -> SettledLine:
    units = sum(wfs_stock(count) for count in business.shop_stock(shop, day).values())
    return SettledLine(day, f"{day:%Y_%m_%d}_storage", "Adjustment", "WFS StorageFee", FEE, -units * STORAGE_CENTS)
