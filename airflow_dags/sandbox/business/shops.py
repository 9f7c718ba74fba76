"""The seller's shops on other channels: what they sell on each day of their own zone, and what became of the orders.

Shops sell SKUs of the same catalogue. Everything follows from the seed, the shop and the day; money is whole cents of
the shop's currency, instants are UTC. Revision 1 shows changes of the last 14 days and of one old order, all dated into
the last 20 minutes of the last day, so that a feed by last update finds them there.
"""

from __future__ import annotations

import random
import threading
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from airflow_dags.sandbox.business.calendar import event_of, strength
from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

Status = Literal["open", "shipped", "delivered", "cancelled"]
Canceller = Literal["buyer", "seller"] | None
RESTATED_DAYS = 14
RESTATED_TRAFFIC_DAYS = 3
OLD_ORDER_DAYS = 40
CHANGED_SHARE, LATE_REFUND_SHARE = 0.012, 0.03
REASONS = ("defective", "not as described", "no longer needed", "arrived late", "wrong item", "changed mind")


@dataclass(frozen=True, slots=True)
class Shop:
    """A selling account of another channel; ``level`` is its orders on a day of strength 1."""

    account_id: str
    platform: str
    name: str
    currency: str
    time_zone: str
    index: int
    level: float
    price_factor: float
    tax_rate: float
    destinations: tuple[tuple[str, str, str, str], ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day_start(self, day: date) -> datetime:
        """The UTC instant at which the shop's day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


_US = (
    ("Brooklyn", "NY", "11201", "US"),
    ("Austin", "TX", "78701", "US"),
    ("Portland", "OR", "97201", "US"),
    ("Denver", "CO", "80202", "US"),
    ("San José", "CA", "95112", "US"),
)
_CA = (("Toronto", "ON", "M5V 2T6", "CA"), ("Montréal", "QC", "H2Y 1C6", "CA"), ("Vancouver", "BC", "V6B 1A1", "CA"))
SHOPS = (
    Shop("aurora_shop", "shopify", "Aurora Shop", "USD", "America/New_York", 0, 22, 1.0, 0.07, _US),
    Shop("aurora_shop_ca", "shopify", "Aurora Shop Canada", "CAD", "America/Toronto", 1, 7, 1.36, 0.13, _CA),
    Shop("harbor_walmart", "walmart", "Harbor on Walmart", "USD", "America/Los_Angeles", 2, 18, 0.98, 0.08, _US),
    Shop("cascade_tiktok", "tiktok_shop", "Cascade on TikTok", "USD", "America/Los_Angeles", 3, 16, 0.92, 0.06, _US),
)


@dataclass(frozen=True, slots=True)
class ShopLine:
    """``price`` and ``discount`` are the whole line's; ``tax`` is on the price less the discount."""

    number: int
    sku: Sku
    quantity: int
    price: int
    discount: int
    tax: int


@dataclass(frozen=True, slots=True)
class ShopRefund:
    """Money back for units of one line: ``amount`` for the goods, ``tax`` beside it; a return where they came back."""

    number: int
    at: datetime
    line_number: int
    quantity: int
    amount: int
    tax: int
    reason: str
    is_return: bool
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShopOrder:
    shop: Shop
    number: int
    day: date
    purchased_at: datetime
    updated_at: datetime
    status: Status
    lines: tuple[ShopLine, ...]
    shipping: int
    ship_by: datetime
    deliver_by: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_by: Canceller
    has_tracking: bool
    destination: tuple[str, str, str, str]  # city, state, postal code, country
    buyer: int
    refunds: tuple[ShopRefund, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        return self.status == "cancelled"


@dataclass(frozen=True, slots=True)
class ShopTraffic:
    """A shop's day as its platform counts it; ``orders`` are those placed, later cancelled ones included."""

    sessions: int
    visitors: int
    page_views: int
    orders: int


@dataclass(slots=True)
class ShopRecords:
    """All shops of one business, made on demand and kept."""

    business: Business
    _skus: dict[str, list[Sku]] = field(default_factory=dict)
    _days: dict[tuple[str, date], list[ShopOrder]] = field(default_factory=dict)
    _updates: dict[tuple[str, int], list[ShopOrder]] = field(default_factory=dict)
    _stocks: dict[str, dict[date, dict[Sku, int]]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def skus(self, shop: Shop) -> list[Sku]:
        """What the shop sells: about two thirds of the catalogue, at least one SKU of each cell that it serves."""
        seed = self.business.seed
        if shop.account_id not in self._skus:
            self._skus[shop.account_id] = [
                sku
                for sku in self.business.catalogue.skus
                if self.business.small or stable_share(seed, shop.account_id, sku.sku, "listed") < 0.65
            ]
        return self._skus[shop.account_id]

    def closed_at(self, shop: Shop) -> datetime:
        """The end of the shop's last day with data."""
        return shop.day_start(self.business.as_of)

    def orders(self, shop: Shop, day: date, revision: int) -> list[ShopOrder]:
        """The orders placed on the day, as the revision shows them."""
        if not self.business.first_day <= day <= self.business.last_day:
            return []
        with self._lock:
            key = (shop.account_id, day)
            if key not in self._days:
                self._days[key] = self._simulate(shop, day)
            orders = self._days[key]
        return orders if revision == 0 else [self._restated(order) for order in orders]

    def orders_updated(self, shop: Shop, start: datetime, end: datetime, revision: int) -> list[ShopOrder]:
        """The orders whose last update lies in [start, end), oldest update first."""
        with self._lock:
            key = (shop.account_id, revision)
            if key not in self._updates:
                found = [order for day in self.business.days() for order in self.orders(shop, day, revision)]
                self._updates[key] = sorted(found, key=lambda order: (order.updated_at, order.number))
            orders = self._updates[key]
        return orders[bisect_left(orders, start, key=_updated) : bisect_left(orders, end, key=_updated)]

    def stock(self, shop: Shop, day: date) -> dict[Sku, int]:
        """Units available of each SKU at the end of the day."""
        with self._lock:
            if shop.account_id not in self._stocks:
                self._stocks[shop.account_id] = self._simulate_stock(shop)
            return self._stocks[shop.account_id].get(day, {})

    def traffic(self, shop: Shop, day: date, revision: int) -> ShopTraffic | None:
        """The day's traffic, or None for a day without data; the last days are counted a little low at first."""
        if not self.business.first_day <= day <= self.business.last_day:
            return None
        placed = len(self.orders(shop, day, 0))
        rate = 0.018 + 0.012 * stable_share(self.business.seed, shop.account_id, day, "conversion")
        sessions = round((placed + 1) / rate)
        if revision == 0 and (self.business.as_of - day).days <= RESTATED_TRAFFIC_DAYS:
            sessions = round(sessions * 0.96)
        return ShopTraffic(sessions, round(sessions * 0.83), round(sessions * 3.4), placed)

    # -- simulation ------------------------------------------------------------------------------------------------

    def _simulate(self, shop: Shop, day: date) -> list[ShopOrder]:
        rng = random.Random(f"{self.business.seed}/{shop.account_id}/{day.isoformat()}")  # noqa: S311
        skus = self.skus(shop)
        level = shop.level * (0.3 if self.business.small else 1.0)
        count = max(3, round(level * strength(day) * rng.uniform(0.85, 1.15)))
        start, following = shop.day_start(day), shop.day_start(day + timedelta(days=1))
        length = int((following - start).total_seconds())
        orders = []
        for sequence in range(count):
            # The first order falls on the first second of the day and the second on its last one.
            offset = (0, length - 1)[sequence] if sequence < 2 else int(rng.random() * length)
            number = (day - date(2020, 1, 1)).days * 1000 + sequence + 1
            orders.append(
                self._order(shop, number, day, purchased=start + timedelta(seconds=offset), skus=skus, rng=rng)
            )
        return orders

    def _order(
        self, shop: Shop, number: int, day: date, *, purchased: datetime, skus: list[Sku], rng: random.Random
    ) -> ShopOrder:
        closed = self.closed_at(shop)
        lines = _lines(shop, skus, rng, is_event=event_of(day) is not None)
        events = [purchased]
        shipped = purchased + timedelta(hours=rng.uniform(51, 80) if rng.random() < 0.025 else rng.uniform(4, 44))
        delivered = shipped + timedelta(hours=rng.uniform(24, 80) + (96 if rng.random() < 0.05 else 0))
        shipped, delivered = shipped.replace(microsecond=0), delivered.replace(microsecond=0)
        draw = rng.random()
        cancelled_by: Literal["buyer", "seller"] | None = (
            "seller" if draw < 0.006 else "buyer" if draw < 0.022 else None
        )
        status: Status = "open"
        if cancelled_by:
            at = min(purchased + timedelta(minutes=rng.randint(5, 180)), closed - timedelta(seconds=1))
            events.append(at.replace(microsecond=0))
            status, shipped_at, delivered_at = "cancelled", None, None
        else:
            shipped_at = shipped if shipped < closed else None
            delivered_at = delivered if delivered < closed else None
            status = "delivered" if delivered_at else "shipped" if shipped_at else "open"
            events += [event for event in (shipped_at, delivered_at) if event]
        refunds = _refunds(number, lines, purchased, closed, rng) if delivered_at else ()
        events += [refund.at for refund in refunds]
        return ShopOrder(
            shop=shop,
            number=number,
            day=day,
            purchased_at=purchased,
            updated_at=max(events),
            status=status,
            lines=lines,
            shipping=599 if rng.random() < 0.4 else 0,
            ship_by=purchased + timedelta(hours=48),
            deliver_by=purchased + timedelta(days=6),
            shipped_at=shipped_at,
            delivered_at=delivered_at,
            cancelled_by=cancelled_by,
            has_tracking=rng.random() > 0.008,
            destination=rng.choice(shop.destinations),
            buyer=stable_number(self.business.seed, shop.account_id, number, "buyer") % 10**9,
            refunds=refunds,
        )

    def _restated(self, order: ShopOrder) -> ShopOrder:
        """The order as revision 1 shows it: a few are cancelled or refunded since."""
        business, shop = self.business, order.shop
        age = (business.as_of - order.day).days
        draw = stable_share(business.seed, shop.account_id, order.number, "late")
        is_old = age == OLD_ORDER_DAYS and order.number % 1000 == 3
        closed = self.closed_at(shop)
        if (
            order.updated_at >= closed - timedelta(minutes=25)
            or order.is_cancelled
            or (age > RESTATED_DAYS and not is_old)
        ):
            return order
        at = closed - timedelta(seconds=1 + int(draw * 9973) % 1199)
        if order.status == "open" and draw < CHANGED_SHARE:
            return replace(order, status="cancelled", cancelled_by="buyer", updated_at=at)
        if order.delivered_at and not order.refunds and (is_old or draw < LATE_REFUND_SHARE):
            line = order.lines[0]
            refund = ShopRefund(
                number=order.number * 10 + line.number,
                at=at,
                line_number=line.number,
                quantity=line.quantity,
                amount=line.price - line.discount,
                tax=line.tax,
                reason=REASONS[int(draw * 997) % len(REASONS)],
                is_return=False,
                received_at=None,
            )
            return replace(order, refunds=(refund,), updated_at=at)
        return order

    def _simulate_stock(self, shop: Shop) -> dict[date, dict[Sku, int]]:
        """Closing stock by day: received in lots for about 40 days, never below zero, sometimes zero for a while."""
        skus = self.skus(shop)
        sold: dict[Sku, int] = defaultdict(int)
        by_day: list[tuple[date, dict[Sku, int]]] = []
        for day in self.business.days():
            units: dict[Sku, int] = defaultdict(int)
            for order in self.orders(shop, day, 0):
                if not order.is_cancelled:
                    for line in order.lines:
                        units[line.sku] += line.quantity
                        sold[line.sku] += line.quantity
            by_day.append((day, units))
        lots = {sku: max(4, round(sold[sku] * 40 / len(by_day))) for sku in skus}
        stock = {sku: lots[sku] + stable_number(self.business.seed, shop.account_id, sku.sku) % 9 for sku in skus}
        found = {}
        for day, units in by_day:
            for sku, count in units.items():
                if stock[sku] < count:  # what sold out comes in on the day on which it is asked for again
                    stock[sku] += lots[sku] + count
                stock[sku] -= count
            found[day] = dict(stock)
        return found


def _updated(order: ShopOrder) -> datetime:
    return order.updated_at


def _lines(shop: Shop, skus: list[Sku], rng: random.Random, is_event: bool) -> tuple[ShopLine, ...]:
    draw = rng.random()
    chosen = rng.sample(skus, min(len(skus), 1 if draw < 0.75 else 2 if draw < 0.95 else 3))
    rate = rng.choice((0.10, 0.15, 0.20)) if rng.random() < (0.5 if is_event else 0.15) else 0.0
    lines = []
    for number, sku in enumerate(chosen, start=1):
        draw = rng.random()
        quantity = 1 if draw < 0.85 else 2 if draw < 0.97 else 3
        price = quantity * round(sku.price * shop.price_factor)
        discount = round(price * rate)
        lines.append(ShopLine(number, sku, quantity, price, discount, round((price - discount) * shop.tax_rate)))
    return tuple(lines)


def _refunds(
    number: int, lines: tuple[ShopLine, ...], purchased: datetime, closed: datetime, rng: random.Random
) -> tuple[ShopRefund, ...]:
    """About one line in twenty is refunded within three weeks; of several units sometimes only one."""
    refunds = []
    for line in lines:
        wanted, days, partly, is_return = rng.random(), rng.uniform(8, 24), rng.random(), rng.random() < 0.8
        reason = rng.choice(REASONS)
        at = (purchased + timedelta(days=days)).replace(microsecond=0)
        if wanted >= 0.05 or at >= closed:
            continue
        quantity = 1 if line.quantity > 1 and partly < 0.6 else line.quantity
        refunds.append(
            ShopRefund(
                number=number * 10 + line.number,
                at=at,
                line_number=line.number,
                quantity=quantity,
                amount=(line.price - line.discount) * quantity // line.quantity,
                tax=line.tax * quantity // line.quantity,
                reason=reason,
                is_return=is_return,
                received_at=at - timedelta(hours=20) if is_return else None,
            )
        )
    return tuple(refunds)
