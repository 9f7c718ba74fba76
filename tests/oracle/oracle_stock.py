"""Stock: units, value, age, cover and stock-outs of each SKU on days on which an account's stock was seen whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.books import REPORTING_CURRENCY, Books, cell
from tests.oracle.engine import Source
from tests.oracle.facts import Fact
from tests.oracle.kpis import BUSINESS, Formula, Kpi, Measures, ratio, simple
from tests.oracle.missing import Exact, Number, exact, minus, plus, times, total
from tests.oracle.oracle_commerce import ZERO, lower, sales
from tests.oracle.world import Row

LOW_COVER_DAYS = 28
WINDOW = 90
IN_USE_DAYS = 30
SOLD_NOW = {"", "activate", "live"}


@dataclass
class Seen:
    """A row of a stock stream under common names; ``row`` is Amazon's own."""

    account: str
    stream: str
    day: date
    sku: str | None
    available: Number
    inbound: Number
    listed: bool = True
    row: Row | None = None


def _seen(books: Books) -> Iterator[Seen]:
    for account, row in books.world.rows("amazon_sp__fba_stock_and_age"):
        inbound = exact(row["inbound_quantity"])
        if inbound is None:
            inbound = plus(*(exact(row[name]) for name in ("inbound_working", "inbound_shipped", "inbound_received")))
        units = exact(row["available"])
        yield Seen(account, "fba", row["snapshot_date"], cell(row["sku"]), units, inbound, row=row)
    for account, row in books.world.rows("shopify__inventory_levels"):
        if row["is_tracked"] is not False:
            day, incoming = row["snapshot_date"], exact(row["incoming"])
            yield Seen(account, "levels", day, cell(row["sku"]), exact(row["available"]), incoming)
    for stream in ("inventory", "wfs_inventory"):
        for account, row in books.world.rows(f"walmart__{stream}"):
            yield Seen(account, stream, row["snapshot_date"], cell(row["sku"]), exact(row["available_quantity"]), None)
    for account, row in books.world.rows("tiktok_shop__products"):
        status, sku_status = lower(row["product_status"]), lower(row["sku_status"])
        if status not in ("deleted", "draft"):
            sold = status in SOLD_NOW and sku_status in ("", "normal", "activate")
            units = exact(row["stock"]) if sold else ZERO
            yield Seen(account, "products", row["snapshot_date"], cell(row["seller_sku"]), units, None, sold)


def _whole_days(rows: Iterable[Seen]) -> dict[str, dict[date, list[Seen]]]:
    """Each account's rows by day, of days on which every stream in use was seen."""
    by_stream: dict[str, dict[str, dict[date, list[Seen]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for item in rows:
        by_stream[item.account][item.stream][item.day].append(item)
    found: dict[str, dict[date, list[Seen]]] = defaultdict(dict)
    for account, streams in by_stream.items():
        for day in sorted({day for days in streams.values() for day in days}):
            in_use = [
                days
                for days in streams.values()
                if any(day - timedelta(days=IN_USE_DAYS) <= other <= day for other in days)
            ]
            if all(day in days for days in in_use):
                found[account][day] = [item for days in in_use for item in days[day]]
    return found


class _Sold:
    """Units sold of each SKU of the accounts by day, for platforms that don't state what they shipped."""

    def __init__(self, books: Books) -> None:
        self.units: dict[tuple[str, str | None], list[tuple[date, Exact]]] = defaultdict(list)
        self.first: dict[str, date] = {}
        for fact in sales(books):
            self.units[fact.account, fact.sku].append((fact.day, fact.measures["units"]))
            self.first[fact.account] = min(fact.day, self.first.get(fact.account, fact.day))

    def before(self, account: str, sku: str, day: date, days: int) -> Number:
        """What was sold in so many days; None where the account's orders don't reach back that far."""
        begin = day - timedelta(days=days)
        if account not in self.first or self.first[account] > begin:
            return None
        return sum((units for at, units in self.units.get((account, sku), ()) if begin <= at < day), ZERO)


def inventory(books: Books) -> Iterator[Fact]:
    sold = _Sold(books)
    for account, days in _whole_days(_seen(books)).items():
        units: dict[str | None, dict[date, Exact]] = defaultdict(dict)
        last: dict[str, date] = {}
        for day in sorted(days):
            by_sku: dict[str | None, list[Seen]] = defaultdict(list)
            for item in days[day]:
                by_sku[item.sku].append(item)
            for sku, seen in last.items():
                if sku not in by_sku and (day - seen).days < WINDOW:
                    by_sku[sku] = []
            for sku, rows in by_sku.items():
                if rows and sku is not None:
                    last[sku] = day
                fact = _of_sku(books, sold, account, day, sku, rows)
                stock = fact.measures["stock_units"]
                if stock is not None:
                    units[sku][day] = stock
                _average(fact, units[sku], [other for other in days if other <= day and (day - other).days < WINDOW])
                yield fact


def _average(fact: Fact, units: dict[date, Exact], days: list[date]) -> None:
    if fact.measures["units_shipped_90"] is not None:
        fact.measures["average_units_90"] = sum((units.get(day, ZERO) for day in days), ZERO) / len(days)


def _of_sku(books: Books, sold: _Sold, account: str, day: date, sku: str | None, rows: list[Seen]) -> Fact:
    raw = total(item.available for item in rows) if rows else ZERO
    stock = None if raw is None else max(raw, ZERO)
    listed = any(item.listed for item in rows)
    amazon = [item.row for item in rows if item.row is not None]
    measures: dict[str, Any] = {"stock_units": stock, "inbound_units": total(item.inbound for item in rows)}
    measures |= _ages(amazon) if amazon else {}
    aged = measures.get("aged_stock_units_181")
    cost = books.stock_cost(account, sku, day) if sku else None
    measures["stock_value"], measures["uncosted_stock_units"] = _valued(stock, cost)
    measures["aged_stock_value"], measures["uncosted_aged_units"] = _valued(aged, cost)
    shipped: dict[int, Number] = {}
    for days in (30, 90):
        if amazon:
            shipped[days] = _whole([row[f"units_shipped_t{days}"] for row in amazon])
        else:
            shipped[days] = sold.before(account, sku, day, days) if sku is not None and rows else None
    measures["units_shipped_30"], measures["units_shipped_90"] = shipped[30], shipped[90]
    measures["supply_stock_units"] = None if shipped[30] is None else stock
    measures["excess_units"] = total(exact(row["estimated_excess_quantity"]) for row in amazon)
    young = measures.get("age_0_90")
    if shipped[90] is not None and young is not None and stock is not None:
        measures["dead_base_units"] = stock
        measures["dead_stock_units"] = stock - min(young, stock) if shipped[90] == 0 else ZERO
    measures["is_low_inventory"] = _low(amazon)
    own = [row for row in amazon if (cell(row["currency"]) or books.currency(account)) == books.currency(account)]
    measures["estimated_storage_cost"] = total(exact(row["estimated_storage_cost_next_month"]) for row in own)
    measures["estimated_aged_surcharge"] = total(_surcharge(row) for row in own)
    is_listed = listed and raw is not None and sku is not None
    measures["listed_days"] = Exact(is_listed)
    measures["stock_out_days"] = Exact(is_listed and stock == 0)
    measures["stock_days"] = day
    return Fact(account, day, measures, sku=sku)


def _whole(values: Iterable[Any]) -> Number:
    """The sum of all, None when one is missing."""
    numbers = [exact(value) for value in values]
    return plus(*numbers) if numbers else None


def _ages(rows: list[Row]) -> dict[str, Number]:
    """Units by age; what a document states in one of several forms is put into one."""

    def stated(span: str) -> Number:
        return _whole(row.get(f"inv_age_{span}_days") for row in rows)

    def first(*numbers: Number) -> Number:
        return next((number for number in numbers if number is not None), None)

    split = plus(stated("181_to_330"), stated("331_to_365"))
    early, late = stated("181_to_270"), stated("271_to_365")
    ages = {
        "age_0_90": first(stated("0_to_90"), plus(*map(stated, ("0_to_30", "31_to_60", "61_to_90")))),
        "age_91_180": stated("91_to_180"),
        "age_181_270": first(early, _not_negative(minus(split, late))),
        "age_271_365": first(late, _not_negative(minus(split, early))),
        "age_366_plus": first(plus(stated("366_to_455"), stated("456_plus")), stated("365_plus")),
    }
    middle = first(plus(early, late), split)
    base = plus(ages["age_0_90"], ages["age_91_180"], middle, ages["age_366_plus"])
    ages["aged_base_units"] = base
    ages["aged_stock_units_181"] = None if base is None else plus(middle, ages["age_366_plus"])
    return ages


def _not_negative(number: Number) -> Number:
    return number if number is not None and number >= 0 else None


def _valued(units: Number, cost: Number) -> tuple[Number, Number]:
    """The value of units at cost, and how many of them have none."""
    if units is None:
        return None, (None if cost is None else ZERO)
    if cost is None:
        return (ZERO if units == 0 else None), units
    return units * cost, ZERO


def _low(rows: list[Row]) -> Number:
    def of_row(row: Row) -> Number:
        short, long = (exact(row[f"{name}_term_historical_days_of_supply"]) for name in ("short", "long"))
        if short is None and long is None:
            either = exact(row["historical_days_of_supply"])
            return None if either is None else Exact(either < LOW_COVER_DAYS)
        if any(cover is not None and cover >= LOW_COVER_DAYS for cover in (short, long)):
            return ZERO
        return None if short is None or long is None else Exact(1)

    return max((number for number in map(of_row, rows) if number is not None), default=None)


def _surcharge(row: Row) -> Number:
    stated = total(exact(value) for name, value in row.items() if name.startswith("estimated_ais_"))
    for number in (stated, exact(row["estimated_ltsf_next_charge"]), exact(row["projected_ltsf_11_mo"])):
        if number is not None:
            return number
    return None


def warehouse(books: Books) -> Iterator[Fact]:
    """The seller's own warehouses, of the company as a whole."""
    held: dict[tuple[str, date, str], Exact] = defaultdict(Exact)
    for erp, row in books.world.rows("erp__warehouse_stock"):
        held[erp, row["snapshot_date"], row["sku"].strip()] += row["on_hand"]
    for (erp, day, sku), count in held.items():
        units, (each, currency) = max(count, ZERO), books.valid_cost(sku, day)
        value, uncosted = _valued(units, each)
        measures = {"warehouse_units": units, "warehouse_stock_value": value, "uncosted_warehouse_units": uncosted}
        yield Fact(erp, day, measures, currency=currency or REPORTING_CURRENCY, entity=("company", "company"))


def ranks(books: Books) -> Iterator[Fact]:
    best: dict[tuple[str, date, str], dict[str, int]] = defaultdict(dict)
    for account, row in books.world.rows("amazon_sp__rank"):
        place = best[account, row["snapshot_date"], row["asin"]]
        place[row["rank_kind"]] = min(row["rank"], place.get(row["rank_kind"], row["rank"]))
    for (account, day, asin), kinds in best.items():
        for sku in books.skus_of_asin(account, asin):
            main, sub = (exact(kinds.get(kind)) for kind in ("display_group", "classification"))
            measures = {
                "main_rank": main,
                "main_rank_rows": ZERO if main is None else Exact(1),
                "sub_rank": sub,
                "sub_rank_rows": ZERO if sub is None else Exact(1),
            }
            yield Fact(account, day, measures, entity=("sku", f"sku:{account}/{sku}"))


AGES = ("0_90", "91_180", "181_270", "271_365", "366_plus")
LEVELS_OF_MONEY = ("stock_value", "aged_stock_value", "estimated_storage_cost", "estimated_aged_surcharge")
LEVELS = (
    "uncosted_stock_units",
    "uncosted_aged_units",
    "supply_stock_units",
    "units_shipped_30",
    "units_shipped_90",
    "average_units_90",
    "aged_stock_units_181",
    "aged_base_units",
    "excess_units",
    "inbound_units",
    "dead_stock_units",
    "dead_base_units",
    "is_low_inventory",
    *(f"age_{age}" for age in AGES),
)


def twice(facts: Callable[[Books], Iterator[Fact]]) -> Callable[[Books], Iterator[Fact]]:
    """The facts with the sums over days beside the levels under names of their own."""

    def with_sums(books: Books) -> Iterator[Fact]:
        for fact in facts(books):
            fact.measures["stock_value_mean"] = fact.measures["stock_value"]
            fact.measures["uncosted_stock_units_sum"] = fact.measures["uncosted_stock_units"]
            yield fact

    return with_sums


SOURCES = (
    Source(
        "stock",
        twice(inventory),
        {
            "stock_units": "level",
            **dict.fromkeys(LEVELS, "level"),
            **dict.fromkeys(
                ("stock_value", "aged_stock_value", "estimated_storage_cost", "estimated_aged_surcharge"), "level_money"
            ),
            "stock_value_mean": "mean_money",
            **dict.fromkeys(("uncosted_stock_units_sum", "listed_days", "stock_out_days"), "sum"),
            "stock_days": "distinct",
        },
        (
            "amazon_sp__fba_stock_and_age",
            "shopify__inventory_levels",
            "walmart__inventory",
            "walmart__wfs_inventory",
            "tiktok_shop__products",
        ),
    ),
    Source(
        "warehouse",
        warehouse,
        {"warehouse_units": "level", "warehouse_stock_value": "level_money", "uncosted_warehouse_units": "level"},
        ("erp__warehouse_stock",),
    ),
    Source(
        "ranks",
        ranks,
        dict.fromkeys(("main_rank", "main_rank_rows", "sub_rank", "sub_rank_rows"), "sum"),
        ("amazon_sp__rank",),
    ),
)


def known(measure: str, unknown: str) -> Formula:
    return lambda m: None if m[unknown] else m[measure]


def value(kpi_id: str, unknown: str, kinds: tuple[str, ...]) -> Kpi:
    """A value of goods that nobody knows while the cost of one of them is unknown."""
    return Kpi(kpi_id, kinds, (kpi_id, unknown), known(kpi_id, unknown), None, True)


def _mean(m: Measures) -> Number:
    return None if m["uncosted_stock_units_sum"] else m["stock_value_mean"]


def _goods_sold(m: Measures) -> Number:
    return None if m["uncosted_units"] else m.zero("cogs")


def _has_stock(m: Measures) -> bool:
    return m["stock_days"] is not None


TURNOVER = ("stock_value_mean", "uncosted_stock_units_sum", "stock_days")
KPIS = (
    simple("stock_units", BUSINESS, "stock_units"),
    Kpi(
        "stock_value",
        BUSINESS,
        ("stock_value", "uncosted_stock_units"),
        known("stock_value", "uncosted_stock_units"),
        None,
        True,
    ),
    Kpi(
        "average_stock_value",
        BUSINESS,
        TURNOVER,
        _mean,
        lambda m: None if _mean(m) is None else Exact(1),
        True,
        _has_stock,
    ),
    Kpi("inventory_turnover", BUSINESS, TURNOVER, _goods_sold, _mean, False, _has_stock),
    Kpi(
        "days_inventory",
        BUSINESS,
        TURNOVER,
        lambda m: times(_mean(m), m.covered_days("sales")),
        _goods_sold,
        False,
        lambda m: _has_stock(m) and m.coverage.of_entity("sales", m.place) is not None,
    ),
    Kpi(
        "days_of_supply",
        BUSINESS,
        ("supply_stock_units", "units_shipped_30"),
        lambda m: times(m["supply_stock_units"], Exact(30)),
        lambda m: m["units_shipped_30"],
    ),
    ratio("sell_through", BUSINESS, "units_shipped_90", "average_units_90"),
    simple("stock_out_days", BUSINESS, "stock_out_days"),
    ratio("stock_out_rate", BUSINESS, "stock_out_days", "listed_days"),
    *(simple(f"stock_age_{age}", BUSINESS, f"age_{age}") for age in AGES),
    simple("aged_stock_units_181", BUSINESS, "aged_stock_units_181"),
    ratio("aged_stock_share_181", BUSINESS, "aged_stock_units_181", "aged_base_units"),
    Kpi(
        "aged_stock_value",
        BUSINESS,
        ("aged_stock_value", "uncosted_aged_units"),
        known("aged_stock_value", "uncosted_aged_units"),
        None,
        True,
    ),
    simple("excess_units", BUSINESS, "excess_units"),
    simple("inbound_units", BUSINESS, "inbound_units"),
    ratio("dead_stock_share", BUSINESS, "dead_stock_units", "dead_base_units"),
    simple("low_inventory_skus", BUSINESS, "is_low_inventory"),
    simple("estimated_storage_cost", BUSINESS, "estimated_storage_cost", money=True),
    simple("estimated_aged_surcharge", BUSINESS, "estimated_aged_surcharge", money=True),
    simple("warehouse_stock_units", ("company",), "warehouse_units"),
    value("warehouse_stock_value", "uncosted_warehouse_units", ("company",)),
    ratio("bsr", ("sku",), "main_rank", "main_rank_rows"),
    ratio("subcategory_bsr", ("sku",), "sub_rank", "sub_rank_rows"),
)
