"""Sales and traffic: what customers looked at and ordered, by the marketplace's day, over all platforms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache

from tests.oracle.books import Books, cell, rounded
from tests.oracle.engine import Source
from tests.oracle.facts import Fact, number
from tests.oracle.kpis import BUSINESS, Kpi, Measures, ratio, simple
from tests.oracle.missing import Exact, Number, exact, minus, times, total
from tests.oracle.world import Row

ZERO = Exact(0)
CANCELLED = {"cancelled", "canceled"}


def sales(books: Books) -> Iterator[Fact]:
    yield from _amazon_orders(books)
    yield from _shopify_orders(books)
    yield from _walmart_orders(books)
    yield from _tiktok_orders(books)


def lower(value: str | None) -> str:
    return (value or "").strip().lower()


def _amazon_orders(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("amazon_sp__orders"):
        if (row["sales_channel"] or "").startswith("Non-Amazon"):
            continue
        yield order_line(
            books,
            account,
            books.day(account, row["purchase_date"]),
            row["amazon_order_id"],
            row,
            cancelled=bool({lower(row["order_status"]), lower(row["item_status"])} & CANCELLED),
            price=exact(row["item_price"]),
            discount=abs(exact(row["item_promotion_discount"]) or ZERO),
        )


def _shopify_orders(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("shopify__orders"):
        if row["is_test"] or row["is_gift_card"]:
            continue
        price, discount = exact(row["gross_amount"]) or ZERO, exact(row["discount_amount"]) or ZERO
        if row["is_tax_included"]:
            net = price - discount - (exact(row["tax_amount"]) or ZERO)
            if price != discount:
                price = rounded(price * net / (price - discount))
                discount = price - net
        yield order_line(
            books,
            account,
            books.day(account, row["processed_at"] or row["created_at"]),
            row["order_id"],
            row,
            cancelled=row["cancelled_at"] is not None,
            price=price,
            discount=discount,
        )


def _walmart_orders(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("walmart__orders"):
        if lower(row["order_type"]) == "replacement":
            continue
        yield order_line(
            books,
            account,
            books.day(account, row["ordered_at"]) if row["ordered_at"] else row["order_date"],
            row["purchase_order_id"],
            row,
            cancelled=lower(row["status"]) in CANCELLED,
            price=exact(row["product_amount"]),
            discount=ZERO,
        )


def _tiktok_orders(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("tiktok_shop__orders"):
        if row["is_sample_order"] or lower(row["order_status"]) == "unpaid":
            continue
        yield order_line(
            books,
            account,
            books.day(account, row["created_at"]),
            row["order_id"],
            {**row, "sku": row["seller_sku"]},
            cancelled=bool({lower(row["order_status"]), lower(row["line_status"])} & {*CANCELLED, "cancel"}),
            price=exact(row["original_price"]),
            discount=abs(exact(row["seller_discount"]) or ZERO),
        )


def order_line(
    books: Books,
    account: str,
    day: date,
    order: object,
    row: Row,
    *,
    cancelled: bool,
    price: Number,
    discount: Exact,
) -> Fact:
    """A line of an order; a cancelled one counts nothing, but is a row."""
    sku = cell(row["sku"])
    currency = (cell(row["currency"]) or books.currency(account)).upper()
    units = ZERO if cancelled else number(row["quantity"]) or ZERO
    gmv = ZERO if cancelled else price
    measures = {
        "gmv": gmv,
        "discounts": ZERO if cancelled else None if price is None else discount,
        "units": units,
        "unpriced_units": units if gmv is None else ZERO,
        "orders": None if cancelled else (account, order),
        "placed_orders": (account, order),
    }
    costs = {}
    for name, column in COSTS.items():
        known = books.cost(column, account, sku, day, units, currency) if gmv is not None else None
        costs[name] = ZERO if cancelled or (gmv is not None and units == 0) else known
    measures |= costs
    measures["uncosted_units"] = units if gmv is not None and costs["cogs"] is None else ZERO
    unlanded = costs["freight_cost"] is None or costs["tariff_cost"] is None
    measures["unlanded_units"] = units if gmv is not None and unlanded else ZERO
    return Fact(account, day, measures, currency=currency, sku=sku, extra={"order": order, "cancelled": cancelled})


COSTS = {"cogs": "unit_cost", "freight_cost": "freight_per_unit", "tariff_cost": "tariff_per_unit"}


@cache
def order_days(books: Books) -> dict[tuple[str, object], date]:
    """The earliest day of each order that the sales know."""
    days: dict[tuple[str, object], date] = {}
    for fact in sales(books):
        key = fact.account, fact.extra["order"]
        days[key] = min(days.get(key, fact.day), fact.day)
    return days


def traffic(books: Books) -> Iterator[Fact]:
    yield from _amazon_traffic(books)
    yield from _shopify_traffic(books)
    for account, row in books.world.rows("tiktok_shop__shop_performance"):
        visitors = exact(row["visitors"])
        measures = {
            "sessions": visitors,
            "page_views": number(row["product_page_views"]),
            "traffic_units": None if visitors is None else number(row["units_sold"]),
        }
        yield Fact(account, row["date"], measures)


def _amazon_traffic(books: Books) -> Iterator[Fact]:
    """SKU rows, and per account day what the account's own figure has beyond them."""
    whole: dict[tuple[str, date], dict[str, Number]] = {}
    parts: dict[tuple[str, date], list[dict[str, Number]]] = defaultdict(list)
    for account, row in books.world.rows("amazon_sp__sales_and_traffic"):
        day = row["period_start"]
        if day != row["period_end"]:
            continue
        if row["row_level"] == "date":
            whole[account, day] = _visits(row)
        elif cell(row["sku"]):
            parts[account, day].append(_visits(row))
            yield Fact(account, day, parts[account, day][-1], sku=cell(row["sku"]))
    for (account, day), visits in whole.items():
        rest = {}
        for name, value in visits.items():
            known = total(part[name] for part in parts[account, day])
            rest[name] = minus(value, known or ZERO)
        yield Fact(account, day, rest)


def _visits(row: Row) -> dict[str, Number]:
    views, share = number(row["page_views"]), exact(row["buy_box_percentage"])
    return {
        "sessions": number(row["sessions"]),
        "page_views": views,
        "buy_box_page_views": times(views, share, Exact("0.01")),
        "buy_box_base_page_views": None if share is None else views,
        "traffic_units": number(row["units_ordered"]),
    }


def _shopify_traffic(books: Books) -> Iterator[Fact]:
    ordered: dict[tuple[str, date], Exact] = defaultdict(Exact)
    for fact in _shopify_orders(books):
        ordered[fact.account, fact.day] += fact.measures["units"]
    for account, row in books.world.rows("shopify__sessions"):
        measures = {
            "sessions": number(row["sessions"]),
            "page_views": number(row["page_views"]),
            "traffic_units": None if row["sessions"] is None else ordered[account, row["day"]],
        }
        yield Fact(account, row["day"], measures)


SALES = {
    **dict.fromkeys(("gmv", "discounts", "cogs", "freight_cost", "tariff_cost"), "money"),
    **dict.fromkeys(("units", "unpriced_units", "uncosted_units", "unlanded_units"), "sum"),
    **dict.fromkeys(("orders", "placed_orders"), "distinct"),
}
VISITS = ("sessions", "page_views", "buy_box_page_views", "buy_box_base_page_views", "traffic_units")
SOURCES = (
    Source(
        "sales",
        sales,
        SALES,
        ("amazon_sp__orders", "shopify__orders", "walmart__orders", "tiktok_shop__orders"),
    ),
    Source(
        "traffic",
        traffic,
        dict.fromkeys(VISITS, "sum"),
        ("amazon_sp__sales_and_traffic", "shopify__sessions", "tiktok_shop__shop_performance"),
    ),
)


def net_sales(m: Measures) -> Number:
    return minus(m.zero("gmv"), m.zero("discounts"), m.zero("refunded_sales"))


NET_SALES = ("gmv", "discounts", "refunded_sales")
KPIS = (
    simple("gmv", BUSINESS, "gmv", money=True),
    simple("discounts", BUSINESS, "discounts", money=True),
    ratio("discount_rate", BUSINESS, "discounts", "gmv"),
    Kpi("net_sales", BUSINESS, NET_SALES, net_sales, None, True),
    simple("units", BUSINESS, "units"),
    simple("orders", BUSINESS, "orders"),
    ratio("aov", BUSINESS, "gmv", "orders", money=True),
    ratio("units_per_order", BUSINESS, "units", "orders"),
    Kpi(
        "cancelled_order_rate",
        BUSINESS,
        ("placed_orders", "orders"),
        lambda m: minus(m["placed_orders"], m["orders"]),
        lambda m: m["placed_orders"],
    ),
    Kpi(
        "average_selling_price",
        BUSINESS,
        ("gmv", "units", "unpriced_units"),
        lambda m: m["gmv"],
        lambda m: minus(m["units"], m["unpriced_units"]),
        True,
    ),
    simple("sessions", BUSINESS, "sessions"),
    simple("page_views", BUSINESS, "page_views"),
    ratio("conversion_rate", BUSINESS, "traffic_units", "sessions"),
    ratio("buy_box_share", BUSINESS, "buy_box_page_views", "buy_box_base_page_views"),
)
