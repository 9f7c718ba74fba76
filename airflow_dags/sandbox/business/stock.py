"""What lies in Amazon's warehouses: each FBA SKU's units by day, and how long they have been there.

Derived from the orders and returns alone, so the orders stay as they are: units leave on the day of the order, sellable
returns come back, now and then some are found, lost or damaged, and receipts come in time, so that nothing is ever sold
that isn't there. Some SKUs run out during a natural gap of their sales and are received again when it ends; some hold
far too much that has been there for 200 to 400 days and more. What leaves is always the oldest.

At revision 1 the orders and returns of the last two weeks are restated, so the last days' balances are too; goods of an
order that is cancelled months later had left. Units that can't be sold are disposed of ten days after they came.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share
from airflow_dags.sandbox.business.records import Order
from airflow_dags.sandbox.business.returns import customer_returns

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

SELLABLE, WAREHOUSE_DAMAGED = "SELLABLE", "WAREHOUSE_DAMAGED"
RESTATED_DAYS = 14
DISPOSED_AFTER = 10
# Shares of the SKUs that run out, and that hold too much; of the days on which a unit is lost, found or damaged.
RUNS_OUT, OVERSTOCKED = 0.40, 0.10
LOST, FOUND, DAMAGED = 0.004, 0.003, 0.003
SHORTEST_GAP = 2
OLD_LOTS = (400, 290, 200)  # days that overstocked units have been there when the data end


@dataclass(slots=True)
class StockDay:
    """One disposition of a SKU on one marketplace day; ``ending`` is ``starting`` and all movements, in units."""

    sku: Sku
    day: date
    disposition: str
    starting: int
    receipts: int = 0
    shipments: int = 0  # all of these are counts of units, never negative, but for `damaged`
    returns: int = 0
    found: int = 0
    lost: int = 0
    damaged: int = 0  # into a disposition that can't be sold: negative where the units come from
    disposed: int = 0

    @property
    def ending(self) -> int:
        gained = self.receipts + self.returns + self.found + self.damaged
        return self.starting + gained - self.shipments - self.lost - self.disposed

    @property
    def is_idle(self) -> bool:
        """Nothing there and nothing moved."""
        moved = (self.receipts, self.shipments, self.returns, self.found, self.lost, self.damaged, self.disposed)
        return not self.starting and not any(moved)


@dataclass(slots=True)
class SkuStock:
    """One SKU's history: its days by disposition, and at the end its lots (day received, units), oldest first."""

    sku: Sku
    days: list[StockDay] = field(default_factory=list)
    unsellable: list[StockDay] = field(default_factory=list)
    lots: list[tuple[date, int]] = field(default_factory=list)

    @property
    def available(self) -> int:
        return self.days[-1].ending

    def shipped_since(self, day: date) -> int:
        return sum(one.shipments for one in self.days if one.day >= day)

    def units_of_age(self, today: date, first: int, last: int | None = None) -> int:
        """Units that have been there for ``first`` to ``last`` days, both included."""
        ages = ((units, (today - received).days) for received, units in self.lots)
        return sum(units for units, age in ages if age >= first and (last is None or age <= last))

    @property
    def unsellable_units(self) -> int:
        latest = {one.disposition: one.ending for one in self.unsellable}
        return sum(latest.values())


def stock_of(business: Business, account_id: str, revision: int) -> list[SkuStock]:
    """The account's FBA SKUs with their history, by SKU."""
    key = revision if revision else 0
    with _lock:
        cached = _stocks.setdefault(business, {})
        if key not in cached:
            cached[key] = _all_stock(business, key)
        return cached[key][account_id]


_stocks: WeakKeyDictionary[Business, dict[int, dict[str, list[SkuStock]]]] = WeakKeyDictionary()
_lock = threading.RLock()

_Units = dict[str, dict[date, int]]  # by SKU and day


def _all_stock(business: Business, revision: int) -> dict[str, list[SkuStock]]:
    planned = _shipments(business, 0)
    shipments = planned if revision == 0 else _shipments(business, revision)
    found: dict[str, list[SkuStock]] = defaultdict(list)
    sellable, unsellable = _returned(business, revision)
    expected = sellable if revision == 0 else _returned(business, 0)[0]
    for sku in sorted(business.catalogue.skus, key=lambda sku: sku.sku):
        receipts, lots = _plan(business, sku, planned[sku.sku], expected[sku.sku])
        moves = _Moves(receipts, shipments[sku.sku], sellable[sku.sku])
        stock = _history(business, sku, moves, lots)
        _add_unsellable(business, stock, unsellable[sku.sku])
        found[sku.account_id].append(stock)
    return found


def _shipments(business: Business, revision: int) -> _Units:
    """FBA units by SKU and day of the order."""
    units: _Units = defaultdict(lambda: defaultdict(int))
    since = business.as_of - timedelta(days=RESTATED_DAYS)
    changes = business.order_changes() if revision else {}
    for first in business.months:
        for order in business.orders(first, 0):
            shown: Order = changes.get(order.order_id, order) if order.day >= since else order
            if not shown.is_merchant_fulfilled:
                for line in shown.sold_lines():
                    units[line.sku.sku][order.day] += line.quantity
    return units


def _returned(business: Business, revision: int) -> tuple[_Units, dict[str, dict[tuple[date, str], int]]]:
    """What Amazon received from customers: units to sell again, and others by day and disposition."""
    sellable: _Units = defaultdict(lambda: defaultdict(int))
    others: dict[str, dict[tuple[date, str], int]] = defaultdict(lambda: defaultdict(int))
    for account in business.catalogue.accounts:
        for day in business.days():
            for one in customer_returns(business, account.account_id, day, revision):
                if not one.is_fba:
                    continue
                if one.disposition == SELLABLE:
                    sellable[one.line.sku.sku][day] += one.quantity
                else:
                    others[one.line.sku.sku][day, one.disposition] += one.quantity
    return sellable, others


def _plan(
    business: Business, sku: Sku, shipments: dict[date, int], returns: dict[date, int]
) -> tuple[dict[date, int], list[tuple[date, int]]]:
    """Receipts by day, and the lots that are there before the first day.

    A receipt covers what leaves until the next one, and a reserve; the one before a gap covers exactly what leaves.
    """
    days = business.days()
    total = sum(shipments.values())
    if stable_share(business.seed, sku.sku, "overstocked") < OVERSTOCKED or _is_first_of_first(business, sku):
        # The oldest lot is sold off to its last units; what came later lies there still.
        came = [(business.as_of - timedelta(days=age), 15 + total // 9) for age in OLD_LOTS]
        lots = [
            (min(days[0], business.as_of - timedelta(days=300)) - timedelta(days=150), total + 5),
            *((day, units) for day, units in came if day < days[0]),
        ]
        return {day: units for day, units in came if day >= days[0]}, lots
    cycle = 24 + stable_number(business.seed, sku.sku, "cycle") % 22
    starts = [days[n] for n in range(0, len(days), cycle)]
    gap = _longest_gap(days, shipments) if stable_share(business.seed, sku.sku, "runs out") < RUNS_OUT else None
    if gap is not None:
        # Nothing is received between the last receipt before the gap and the day on which it ends.
        starts = sorted({start for start in starts if not gap[0] <= start <= gap[1]} | {gap[1] + timedelta(days=1)})
    receipts: dict[date, int] = {}
    there = 0
    for start, end in zip(starts, [*starts[1:], days[-1] + timedelta(days=1)], strict=True):
        span = [start + timedelta(days=n) for n in range((end - start).days)]
        if gap is not None and start <= gap[0] < end:
            wanted = _most_missing(span, shipments, returns)
        else:
            leaving = sum(shipments.get(day, 0) for day in span)
            wanted = leaving + 8 + leaving // 3
        receipts[start] = max(0, wanted - there)
        there += receipts[start] + sum(returns.get(day, 0) - shipments.get(day, 0) for day in span)
    opening = receipts.pop(days[0], 0)
    return receipts, [(days[0] - timedelta(days=12 + cycle), opening)]


def _most_missing(days: list[date], shipments: dict[date, int], returns: dict[date, int]) -> int:
    """The least stock to begin with, so that none is missing on any of the days."""
    missing = most = 0
    for day in days:
        missing += shipments.get(day, 0) - returns.get(day, 0)
        most = max(most, missing)
    return most


def _is_first_of_first(business: Business, sku: Sku) -> bool:
    """Each account has aged stock, however few its SKUs."""
    return sku is min((one for one in business.catalogue.skus if one.account_id == sku.account_id), key=_code)


def _code(sku: Sku) -> str:
    return sku.sku


def _longest_gap(days: list[date], shipments: dict[date, int]) -> tuple[date, date] | None:
    """First and last day of the longest time without a sale that has sales before and after, and is worth the name."""
    best: tuple[date, date] | None = None
    start: date | None = None
    for day in days[5:]:
        if shipments.get(day):
            if start and (best is None or day - start > best[1] - best[0] + timedelta(days=1)):
                best = start, day - timedelta(days=1)
            start = None
        else:
            start = start or day
    return best if best and (best[1] - best[0]).days + 1 >= SHORTEST_GAP else None


@dataclass(frozen=True, slots=True)
class _Moves:
    """A SKU's planned movements by day, in units."""

    receipts: dict[date, int]
    shipments: dict[date, int]
    returns: dict[date, int]


def _history(business: Business, sku: Sku, moves: _Moves, lots: list[tuple[date, int]]) -> SkuStock:
    stock = SkuStock(sku, lots=sorted(lot for lot in lots if lot[1]))
    ending = sum(units for _, units in stock.lots)
    # What a day may lose beyond its sales: the least that is there on any later day, so that no sale is left without.
    room = _room(business.days(), ending, moves)
    gone = 0
    for day in business.days():
        arriving, leaving, returned = (units.get(day, 0) for units in (moves.receipts, moves.shipments, moves.returns))
        one = StockDay(sku, day, SELLABLE, ending, arriving, leaving, returned)
        draw = stable_share(business.seed, sku.sku, day, "adjusted")
        if draw < FOUND:
            one.found = 1
        elif draw < FOUND + LOST + DAMAGED and room[day] > gone + 2:
            gone += 1
            one.lost, one.damaged = (1, 0) if draw < FOUND + LOST else (0, -1)
        ending = one.ending
        stock.days.append(one)
        stock.lots += [(day, units) for units in (one.receipts, one.returns + one.found) if units]
        _take(stock.lots, one.shipments + one.lost - one.damaged)
    return stock


def _room(days: list[date], opening: int, moves: _Moves) -> dict[date, int]:
    """By day the least stock at the end of it and of all later days, before adjustments."""
    ending, endings = opening, []
    for day in days:
        ending += moves.receipts.get(day, 0) + moves.returns.get(day, 0) - moves.shipments.get(day, 0)
        endings.append(ending)
    least: dict[date, int] = {}
    lowest = endings[-1]
    for day, units in zip(reversed(days), reversed(endings), strict=True):
        lowest = min(lowest, units)
        least[day] = lowest
    return least


def _take(lots: list[tuple[date, int]], units: int) -> None:
    """Take units out of the lots, the oldest first."""
    while units > 0:
        received, there = lots[0]
        if there > units:
            lots[0] = (received, there - units)
            return
        units -= there
        lots.pop(0)


def _add_unsellable(business: Business, stock: SkuStock, returned: dict[tuple[date, str], int]) -> None:
    """The days of each disposition that can't be sold, from the first unit on."""
    came: dict[str, dict[date, StockDay]] = defaultdict(dict)
    for (day, disposition), units in returned.items():
        came[disposition][day] = StockDay(stock.sku, day, disposition, 0, returns=units)
    for one in stock.days:
        if one.damaged:
            came[WAREHOUSE_DAMAGED][one.day] = StockDay(stock.sku, one.day, WAREHOUSE_DAMAGED, 0, damaged=-one.damaged)
    for disposition, arrivals in sorted(came.items()):
        ending = 0
        for day in business.days():
            one = arrivals.get(day) or StockDay(stock.sku, day, disposition, 0)
            earlier = arrivals.get(day - timedelta(days=DISPOSED_AFTER))
            one.starting, one.disposed = ending, earlier.returns + earlier.damaged if earlier else 0
            ending = one.ending
            if not one.is_idle:
                stock.unsellable.append(one)
