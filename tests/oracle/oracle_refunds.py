"""Refunds and returns: what went back, by the day of the refund, of the return, and of the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tests.oracle.books import Books, cell
from tests.oracle.engine import Source
from tests.oracle.facts import Fact, number
from tests.oracle.kpis import BUSINESS, Kpi, simple
from tests.oracle.missing import Exact, exact
from tests.oracle.oracle_commerce import CANCELLED, ZERO, lower, order_days


def refunds(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("amazon_sp__economics"):
        if row["row_level"] == "product" and row["start_date"] == row["end_date"]:
            units, amount = number(row["units_refunded"]) or ZERO, exact(row["refunded_product_sales"]) or ZERO
            if units or amount:
                yield _refund(account, row["start_date"], row["msku"], units, amount, row["currency"])
    yield from _shopify_refunds(books)
    for account, row in books.world.rows("walmart__returns"):
        if (row["refunded_quantity"] or 0) > 0 and lower(row["status"]) not in CANCELLED:
            at = row["status_at"] or row["return_ordered_at"]
            units = number(row["refunded_quantity"]) or ZERO
            amount = exact(row["refund_amount"]) or ZERO
            yield _refund(account, books.day(account, at), row["sku"], units, amount, row["currency"])
    for account, row in books.world.rows("tiktok_shop__returns"):
        if row["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE":
            amount = exact(row["refund_subtotal"]) or ZERO
            day = books.day(account, row["updated_at"])
            yield _refund(account, day, row["seller_sku"], Exact(1), amount, row["currency"])


def _shopify_refunds(books: Books) -> Iterator[Fact]:
    dead, gifts = set(), set()
    for account, row in books.world.rows("shopify__orders"):
        if row["cancelled_at"] is not None or row["is_test"]:
            dead.add((account, row["order_id"]))
        if row["is_gift_card"]:
            gifts.add((account, row["order_id"], row["line_id"]))
    for account, row in books.world.rows("shopify__refunds"):
        order = account, row["order_id"]
        if order in dead or (*order, row["line_id"]) in gifts or row["kind"] not in ("line", "adjustment"):
            continue
        of_line = row["kind"] == "line"
        units = (number(row["quantity"]) or ZERO) if of_line else ZERO
        day = books.day(account, row["refunded_at"])
        sku = row["sku"] if of_line else None
        yield _refund(account, day, sku, units, exact(row["amount"]) or ZERO, row["currency"])


def _refund(account: str, day: date, sku: str | None, units: Exact, amount: Exact, currency: str | None) -> Fact:
    measures = {"refunded_units": units, "refunded_sales": amount}
    return Fact(account, day, measures, currency=(cell(currency) or "").upper() or None, sku=cell(sku))


def returns(books: Books) -> Iterator[Fact]:
    """One fact a return, on its own day; ``extra`` holds the order."""
    for account, row in books.world.rows("amazon_sp__returns"):
        yield _return(account, row["return_day"], row["sku"], number(row["quantity"]), row["order_id"])
    for account, row in books.world.rows("amazon_sp__seller_returns"):
        if lower(row["return_request_status"]) not in {"denied", "declined", "rejected", *CANCELLED}:
            units = number(row["return_quantity"])
            yield _return(account, row["return_request_date"], row["merchant_sku"], units, row["order_id"])
    for account, row in books.world.rows("shopify__refunds"):
        if row["kind"] == "line" and (lower(row["restock_type"]) == "return" or row["return_id"] is not None):
            day = books.day(account, row["refunded_at"])
            yield _return(account, day, row["sku"], number(row["quantity"]), row["order_id"])
    for account, row in books.world.rows("walmart__returns"):
        comes_back = row["is_return_expected"] is not False and row["is_keep_it"] is not True
        if comes_back and lower(row["status"]) not in CANCELLED:
            day = books.day(account, row["return_ordered_at"] or row["status_at"])
            yield _return(account, day, row["sku"], number(row["quantity"]), row["purchase_order_id"])
    for account, row in books.world.rows("tiktok_shop__returns"):
        complete = (row["return_status"] or "").endswith("REQUEST_COMPLETE")
        if complete and lower(row["return_type"]) != "refund":
            day = books.day(account, row["created_at"] or row["updated_at"])
            yield _return(account, day, row["seller_sku"], Exact(1), row["order_id"])


def _return(account: str, day: date, sku: str | None, units: Exact | None, order: object) -> Fact:
    return Fact(account, day, {"returned_units": units}, sku=cell(sku), extra={"order": order})


def return_cohorts(books: Books) -> Iterator[Fact]:
    """The returned units on the day of their order, where it is known."""
    days = order_days(books)
    for fact in returns(books):
        ordered = days.get((fact.account, fact.extra["order"]))
        if ordered is not None:
            measures = {"cohort_returned_units": fact.measures["returned_units"]}
            yield Fact(fact.account, ordered, measures, sku=fact.sku)


OTHERS = ("shopify__refunds", "walmart__returns", "tiktok_shop__returns")
RETURNS = ("amazon_sp__returns", "amazon_sp__seller_returns", *OTHERS)
SOURCES = (
    Source(
        "refunds",
        refunds,
        {"refunded_units": "sum", "refunded_sales": "money"},
        ("amazon_sp__economics", *OTHERS),
    ),
    Source("returns", returns, {"returned_units": "sum"}, RETURNS),
    Source("return_cohorts", return_cohorts, {"cohort_returned_units": "sum"}, RETURNS),
)
KPIS = (
    simple("refunds", BUSINESS, "refunded_sales", money=True),
    simple("returned_units", BUSINESS, "returned_units"),
    Kpi(
        "refund_rate",
        BUSINESS,
        ("refunded_units", "units"),
        lambda m: m.zero("refunded_units"),
        lambda m: m["units"],
    ),
    Kpi(
        "refund_value_rate",
        BUSINESS,
        ("refunded_sales", "gmv"),
        lambda m: m.zero("refunded_sales"),
        lambda m: m["gmv"],
    ),
    Kpi(
        "return_rate",
        BUSINESS,
        ("cohort_returned_units", "units"),
        lambda m: m.zero("cohort_returned_units"),
        lambda m: m["units"],
    ),
)
