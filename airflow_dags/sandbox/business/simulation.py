"""The simulated seller as one object: months of records made on demand, seen at revision 0 or 1."""

from __future__ import annotations

import random
import threading
from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta

from airflow_dags.sandbox.business import ads, traffic
from airflow_dags.sandbox.business.calendar import (
    add_months,
    day_start,
    days_of_month,
    marketplace_today,
    month_start,
)
from airflow_dags.sandbox.business.catalogue import Account, AdGroup, Catalogue, Sku
from airflow_dags.sandbox.business.demand import MonthDemand, trouble_from
from airflow_dags.sandbox.business.orders import late_changes, orders_of_day
from airflow_dags.sandbox.business.records import AdRow, DayTraffic, MonthRecords, Order
from airflow_dags.sandbox.business.shops import SHOPS, Shop, ShopOrder, ShopRecords, ShopTraffic

MONTHS, SMALL_MONTHS = 14, 2
OLD_ORDER_DAYS = 75
EMPTIED_DAYS_AGO = 5


def _updated_at(order: Order) -> datetime:
    return order.updated_at


class Business:
    """A seller with 3 Amazon US accounts: deterministic by `seed` and `as_of`, the first day without data.

    The data run over 14 calendar months, the last one up to yesterday (2 months when `small`). `revision` 0 is what
    the first pull shows; 1 is the restated truth: late order changes, Sales and Traffic of the last 3 days, ads
    conversions of the last 14 days, and one day of one ad group that became empty.
    """

    def __init__(self, seed: int = 7, as_of: date | None = None, small: bool = False) -> None:
        self.seed = seed
        self.as_of = as_of or marketplace_today()
        self.small = small
        self.last_day = self.as_of - timedelta(days=1)
        count = SMALL_MONTHS if small else MONTHS
        last_month = month_start(self.last_day)
        self.months = [add_months(last_month, n - count + 1) for n in range(count)]
        self.first_day = self.months[0]
        self.closed_at = day_start(self.as_of)
        self.catalogue = Catalogue(seed, self.first_day, self.last_day, small)
        self._records: dict[date, MonthRecords] = {}
        self.shops = SHOPS
        self._shop_records = ShopRecords(self)
        self._changes: dict[str, Order] | None = None
        self._by_update: dict[int, dict[str, list[Order]]] = {}
        self._lock = threading.RLock()

    # -- records ---------------------------------------------------------------------------------------------------

    def month(self, first: date) -> MonthRecords:
        """The month's records at revision 0 for orders and as finally known for traffic and ads."""
        with self._lock:
            if first not in self._records:
                self._records[first] = self._simulate(first)
            return self._records[first]

    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.as_of - self.first_day).days)]

    def orders(self, first: date, revision: int) -> list[Order]:
        """The orders purchased in the month that starts on `first`, as the revision shows them."""
        orders = self.month(first).orders
        if revision == 0:
            return orders
        changes = self.order_changes()
        return [changes.get(order.order_id, order) for order in orders]

    def orders_updated(self, account_id: str, start: datetime, end: datetime, revision: int) -> list[Order]:
        """The account's orders whose last update lies in [start, end), oldest update first."""
        with self._lock:
            if revision not in self._by_update:
                by_account: dict[str, list[Order]] = defaultdict(list)
                for first in self.months:
                    for order in self.orders(first, revision):
                        by_account[order.account.account_id].append(order)
                for orders in by_account.values():
                    orders.sort(key=lambda order: (order.updated_at, order.order_id))
                self._by_update[revision] = by_account
            orders = self._by_update[revision].get(account_id, [])
        return orders[bisect_left(orders, start, key=_updated_at) : bisect_left(orders, end, key=_updated_at)]

    def order_changes(self) -> dict[str, Order]:
        """By order id, the orders that revision 1 shows differently."""
        with self._lock:
            if self._changes is None:
                since = self.as_of - timedelta(days=14)
                recent = [o for m in self.months[-2:] for o in self.month(m).orders if o.day >= since]
                old_day = max(self.as_of - timedelta(days=OLD_ORDER_DAYS), self.first_day)
                candidates = (o for o in self.month(month_start(old_day)).orders if o.day == old_day)
                old = next(order for order in candidates if order.sold_lines())
                self._changes = late_changes(self.seed, recent, old, self.closed_at)
            return self._changes

    def traffic(self, account_id: str, day: date, revision: int) -> DayTraffic | None:
        """The account's Sales and Traffic of the day, or None for a day without data."""
        if not self.first_day <= day <= self.last_day:
            return None
        records = self.month(month_start(day)).traffic[account_id, day]
        if revision == 0 and (self.as_of - day).days <= traffic.RESTATED_DAYS:
            return traffic.as_first_pulled(records)
        return records

    def ads(self, account_id: str, day: date, revision: int) -> list[AdRow]:
        """The account's rows by advertised product on the day; empty for a day without data."""
        if not self.first_day <= day <= self.last_day:
            return []
        rows = self.month(month_start(day)).ads[account_id, day]
        age = (self.as_of - day).days
        if revision == 0:
            return ads.as_first_pulled(rows, age) if age <= ads.RESTATED_DAYS else rows
        if age == EMPTIED_DAYS_AGO:
            emptied = self.emptied_ad_group()
            rows = [row for row in rows if row.ad_group is not emptied]
        return rows

    def emptied_ad_group(self) -> AdGroup:
        """The ad group whose day, EMPTIED_DAYS_AGO days before as_of, has no rows any more at revision 1."""
        return next(group for group in self.catalogue.ad_groups if not group.is_over_line)

    # -- shops on other channels -----------------------------------------------------------------------------------

    def shops_of(self, platform: str) -> list[Shop]:
        return [shop for shop in self.shops if shop.platform == platform]

    def shop_skus(self, shop: Shop) -> list[Sku]:
        return self._shop_records.skus(shop)

    def shop_orders(self, shop: Shop, day: date, revision: int) -> list[ShopOrder]:
        """The orders placed on the shop's day, as the revision shows them."""
        return self._shop_records.orders(shop, day, revision)

    def shop_orders_updated(self, shop: Shop, start: datetime, end: datetime, revision: int) -> list[ShopOrder]:
        """The orders whose last update lies in [start, end), oldest update first."""
        return self._shop_records.orders_updated(shop, start, end, revision)

    def shop_stock(self, shop: Shop, day: date) -> dict[Sku, int]:
        """Units available at the end of the day; empty for a day without data."""
        return self._shop_records.stock(shop, day)

    def shop_traffic(self, shop: Shop, day: date, revision: int) -> ShopTraffic | None:
        return self._shop_records.traffic(shop, day, revision)

    # -- simulation ------------------------------------------------------------------------------------------------

    def _simulate(self, first: date) -> MonthRecords:
        records = MonthRecords(first)
        demand = MonthDemand(self.catalogue, self.as_of)
        for day in days_of_month(first):
            if self.first_day <= day <= self.last_day:
                for account in self.catalogue.accounts:
                    self._simulate_day(records, demand, account, day)
        return records

    def _simulate_day(self, records: MonthRecords, demand: MonthDemand, account: Account, day: date) -> None:
        rng = random.Random(f"{self.seed}/{account.account_id}/{day.isoformat()}")  # noqa: S311
        cells = self.catalogue.cells_of(account)
        lines = [line for cell in cells for line in demand.lines_of(cell, day, rng)]
        rng.shuffle(lines)
        skus = [sku for cell in cells for sku in cell.skus]
        orders = orders_of_day(account, day, lines, skus, rng=rng, closed_at=self.closed_at)
        records.orders += orders
        cents = {cell: demand.sales_today(cell, day) for cell in cells}
        key = (account.account_id, day)
        records.traffic[key] = traffic.traffic_of_day(self.seed, account, day, cents, orders=orders, rng=rng)
        groups = [group for cell in cells for group in cell.ad_groups]
        expected = {group: cents[group.cell] * group.share for group in groups}
        in_trouble = day >= trouble_from(self.as_of)
        records.ads[key] = ads.ads_of_day(day, groups, expected=expected, orders=orders, in_trouble=in_trouble, rng=rng)
