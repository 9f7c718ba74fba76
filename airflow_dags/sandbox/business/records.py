"""The simulation's own records: orders with lines, traffic by SKU and day, ad results by advertised SKU and day.

Money is whole cents (int), days are marketplace days, instants are UTC. Nothing here knows a protocol or a report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from airflow_dags.sandbox.business.catalogue import Account, AdGroup, Sku

PENDING, SHIPPING, SHIPPED, CANCELLED = "Pending", "Shipping", "Shipped", "Cancelled"


@dataclass(slots=True)
class Line:
    """One line of an order; `price` is the line's total, None where Amazon leaves it blank (cancelled)."""

    sku: Sku
    quantity: int
    price: int | None
    promotion: int = 0
    is_cancelled: bool = False
    ad_group: AdGroup | None = None  # the ad group that caused the sale


@dataclass(slots=True)
class Order:
    account: Account
    order_id: str
    day: date
    purchased_at: datetime
    updated_at: datetime
    status: str
    lines: list[Line]
    is_merchant_fulfilled: bool = False
    ship_to: int = 0  # index into the destinations

    @property
    def is_cancelled(self) -> bool:
        return self.status == CANCELLED

    def sold_lines(self) -> list[Line]:
        """The lines that count as sold: a line may be cancelled alone in an order that ships."""
        return [] if self.is_cancelled else [line for line in self.lines if not line.is_cancelled]


@dataclass(slots=True)
class TrafficRow:
    """One SKU's day in Sales and Traffic. `buy_box` is hundredths of a per cent (9512 = 95.12 %)."""

    sku: Sku
    units: int
    sales: int
    order_items: int
    sessions: int
    page_views: int
    buy_box: int
    units_refunded: int
    is_listed: bool  # False: Amazon leaves the SKU out of the by-ASIN part of that day


@dataclass(slots=True)
class DayTraffic:
    """An account's day: its SKU rows, and what the account's total holds beyond them."""

    day: date
    rows: list[TrafficRow]
    other_sessions: int
    other_page_views: int

    @property
    def buy_box(self) -> int:
        """The account's share in hundredths of a per cent, weighted by page views, as its date row shows it."""
        views = sum(row.page_views for row in self.rows)
        return round(sum(row.page_views * row.buy_box for row in self.rows) / views) if views else 0


@dataclass(slots=True)
class AdRow:
    """One advertised SKU of one ad group on one day, sales and purchases within 7 days of the click."""

    ad_group: AdGroup
    sku: Sku
    ad_id: int
    impressions: int
    clicks: int
    cost: int
    purchases: int
    sales: int


@dataclass(slots=True)
class MonthRecords:
    """Everything that happened in one calendar month, as it is finally known (before the last restatement)."""

    first: date
    orders: list[Order] = field(default_factory=list)
    traffic: dict[tuple[str, date], DayTraffic] = field(default_factory=dict)
    ads: dict[tuple[str, date], list[AdRow]] = field(default_factory=dict)
