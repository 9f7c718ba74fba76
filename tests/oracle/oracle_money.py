"""Fees (provisional and final), settlement deposits, held-back money, and what is left of the sales."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.books import DEFAULT_TIME_ZONE, Books, cell
from tests.oracle.business_money import NAMED
from tests.oracle.engine import Source
from tests.oracle.facts import Fact
from tests.oracle.kpis import ACCOUNTS, BUSINESS, Formula, Kpi, Measures, simple
from tests.oracle.missing import Exact, Number, exact, minus, plus, total
from tests.oracle.oracle_commerce import NET_SALES, ZERO, lower, net_sales

SEED = Path(__file__).resolve().parents[2] / "sql" / "seeds" / "fee_lines.csv"
FEES = ("referral", "fulfilment", "storage", "aged_stock", "low_inventory", "inbound_placement", "other")
GAP = timedelta(seconds=60)


class Settled(NamedTuple):
    """A line of a closed settlement; positive goes to the seller."""

    account: str
    settlement: object
    day: date
    sku: str | None
    line: str
    amount: Exact
    currency: str | None


@cache
def _charges() -> dict[tuple[str, str, str], list[tuple[date, date, str]]]:
    found: dict[tuple[str, str, str], list[tuple[date, date, str]]] = defaultdict(list)
    with SEED.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["stream"], row["charge_group"], row["charge_type"]
            until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
            found[key].append((date.fromisoformat(row["valid_from"]), until, row["line"]))
    return found


def line_of(stream: str, group: str | None, charge: str | None, day: date) -> str:
    """The line of a charge on its day by the seller's table; ``other`` where nobody knows it."""
    for name in (lower(charge), "*"):
        for first, after, line in _charges().get((stream, lower(group), name), ()):
            if first <= day < after:
                return line
    return "other"


def settled(books: Books) -> Iterator[Settled]:
    for account, row in books.world.rows("amazon_sp__settlement"):
        if row.get("amount") is not None:
            day = books.day(account, row["posted_at"] or row["ended_at"])
            line = line_of("amazon_sp.settlement", row["amount_type"], row["amount_description"], day)
            amount = Exact(row["amount"])
            yield Settled(account, row["settlement_id"], day, cell(row["sku"]), line, amount, row["currency"])
    for account, row in books.world.rows("walmart__recon"):
        day, period = row["transaction_date"], (row["settlement_start"], row["settlement_end"])
        line = line_of("walmart.recon", row["amount_type"], row["transaction_description"], day)
        yield Settled(account, period, day, cell(row["sku"]), line, Exact(row["amount"]), row["currency"])
    for account, row in books.world.rows("tiktok_shop__statement_transactions"):
        for group, charge, amount in _tiktok_amounts(row):
            day = row["statement_date"]
            line = line_of("tiktok_shop.statement_transactions", group, charge, day)
            yield Settled(account, row["statement_id"], day, None, line, amount, row["currency"])


def _tiktok_amounts(row: dict) -> Iterator[tuple[str, str, Exact]]:
    for whole, names in NAMED.items():
        group = whole.removesuffix("_amount")
        amounts = {name: exact(row.get(name)) or ZERO for name in names}
        amounts[f"{group}_rest"] = Exact(row[whole]) - sum(amounts.values(), ZERO)
        yield from ((group, name, amount) for name, amount in amounts.items() if amount)
    if row["adjustment_amount"]:
        yield "adjustment", row["transaction_type"], Exact(row["adjustment_amount"])


class FinalDays:
    """Which days of an account closed settlements speak of for good."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.settlements: dict[str, dict[str, tuple[datetime, datetime]]] = defaultdict(dict)
        self.days: dict[str, set[date]] = defaultdict(set)
        for account, row in books.world.rows("amazon_sp__settlement"):
            self.settlements[account][row["settlement_id"]] = row["started_at"], row["ended_at"]
        # Whatever a report of Walmart's or a statement says is settled.
        for account, row in books.world.rows("walmart__recon"):
            self.days[account].add(row["transaction_date"])
        for account, row in books.world.rows("tiktok_shop__statement_transactions"):
            self.days[account].add(row["statement_date"])
        for account in self.settlements:
            for begin, end in self._merged(account):
                day = books.day(account, begin)
                while self.bounds(account, day)[0] < end:
                    first, after = self.bounds(account, day)
                    if begin <= first and after <= end:
                        self.days[account].add(day)
                    day += timedelta(days=1)

    def _merged(self, account: str) -> list[tuple[datetime, datetime]]:
        merged: list[tuple[datetime, datetime]] = []
        for begin, end in sorted(self.settlements[account].values()):
            if merged and begin <= merged[-1][1] + GAP:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((begin, end))
        return merged

    def bounds(self, account: str, day: date) -> tuple[datetime, datetime]:
        """The instants at which a day of the marketplace begins and ends."""
        zone = ZoneInfo(self.books.accounts[account].time_zone or DEFAULT_TIME_ZONE)
        return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)

    def overlapping(self, account: str, day: date) -> set[str]:
        first, after = self.bounds(account, day)
        return {name for name, (begin, end) in self.settlements[account].items() if begin < after and end > first}


Charges = dict[tuple[str, date, str], dict[tuple[str | None, str | None], Number]]


def _economics(books: Books) -> Charges:
    """Expected costs by account, day and line, and in these by SKU and currency."""
    found: Charges = defaultdict(dict)
    for account, row in books.world.rows("amazon_sp__economics"):
        if row["row_level"] != "fee" or row["start_date"] != row["end_date"]:
            continue
        line = line_of("amazon_sp.economics", "", row["charge_type"], row["start_date"])
        whole = exact(row["total_amount"])
        if whole is None:
            promotion, tax = exact(row["promotion_amount"]) or ZERO, exact(row["tax_amount"]) or ZERO
            whole = plus(exact(row["amount"]), -promotion, tax)
        if line in FEES:
            charges, key = found[account, row["start_date"], line], (cell(row["msku"]), cell(row["currency"]))
            charges[key] = total((charges.get(key), whole))
    return found


def fees(books: Books) -> Iterator[Fact]:
    final, expected = FinalDays(books), _economics(books)
    by_line: dict[tuple[str, date, str], dict[tuple[str | None, str | None], Exact]] = {}
    with_sku: set[tuple[str, object, str]] = set()
    for item in settled(books):
        if item.sku:
            with_sku.add((item.account, item.settlement, item.line))
        if item.line in FEES and item.day in final.days[item.account]:
            charges = by_line.setdefault((item.account, item.day, item.line), {})
            key = item.sku, item.currency
            charges[key] = charges.get(key, ZERO) - item.amount
    for account, day, line in {*expected, *by_line}:
        charges, guesses = by_line.get((account, day, line), {}), expected.get((account, day, line), {})
        if day not in final.days[account]:
            yield from _fees(account, day, line, guesses, "provisional")
            continue
        names_skus = any((account, name, line) in with_sku for name in final.overlapping(account, day))
        if books.accounts[account].platform != "amazon_sp" or names_skus:
            known = {key: amount for key, amount in charges.items() if amount or key[0]}
            yield from _fees(account, day, line, known, "final")
            continue
        rest = sum(charges.values(), ZERO) - (total(guesses.values()) or ZERO)
        yield from _fees(account, day, line, guesses, "final")
        if rest:
            currency = next((currency for _, currency in (*charges, *guesses)), None)
            yield from _fees(account, day, line, {(None, currency): rest}, "final")


def _fees(account: str, day: date, line: str, charges: dict, basis: str) -> Iterator[Fact]:
    for (sku, currency), amount in charges.items():
        measures = {f"{name}_fees": amount if name == line else ZERO for name in FEES}
        measures["fees"] = amount
        measures["provisional_fees"] = amount if basis == "provisional" else ZERO
        yield Fact(account, day, measures, currency=currency, sku=sku)


def cash(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("amazon_sp__settlement"):
        if row.get("total_amount") is not None:
            day = books.day(account, row["deposited_at"] or row["ended_at"])
            yield _deposit(account, day, Exact(row["total_amount"]), row["currency"])
    recons: dict[tuple[str, date, date], list[dict]] = defaultdict(list)
    for account, row in books.world.rows("walmart__recon"):
        recons[account, row["settlement_start"], row["settlement_end"]].append(row)
    for (account, _, end), rows in recons.items():
        stated, paid_on = rows[0].get("total_payable"), rows[0].get("paid_on")
        paid = sum((Exact(row["amount"]) for row in rows), ZERO) if stated is None else Exact(stated)
        currency = max((row["currency"] for row in rows if row["currency"]), default=None)
        yield _deposit(account, paid_on or end, paid, currency)
    for account, row in books.world.rows("tiktok_shop__statements"):
        paid = row["payment_status"] == "PAID"
        day = books.day(account, row["paid_at"]) if paid and row["paid_at"] else row["statement_date"]
        yield _deposit(account, day, Exact(row["settlement_amount"]) if paid else ZERO, row["currency"])


def _deposit(account: str, day: date, amount: Exact, currency: str | None) -> Fact:
    return Fact(account, day, {"settlement_deposits": amount}, currency=currency)


def deferred(books: Books) -> Iterator[Fact]:
    """Each account's balance of transactions that Amazon holds back, day by day."""
    transactions: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for account, row in books.world.rows("amazon_sp__finances"):
        transactions[account][row["transaction_id"]].append(row)
    windows: dict[str, tuple[date, date]] = {}
    for account, (first, last) in books.world.windows("amazon_sp__finances"):
        known_first, known_last = windows.get(account, (first, last))
        windows[account] = min(first, known_first), max(last, known_last)
    for account, (day, last) in windows.items():
        known = transactions.get(account, {})
        releases = _releases(books, account, known)
        while day <= last:
            balance = ZERO
            for name, rows in known.items():
                if rows[0]["transaction_status"] not in ("DEFERRED", "DEFERRED_RELEASED"):
                    continue
                released = releases.get(name)
                if books.day(account, rows[0]["posted_at"]) <= day and (released is None or day < released):
                    balance += sum((Exact(row["amount"]) for row in rows), ZERO)
            currency = next((row["currency"] for rows in known.values() for row in rows), None)
            yield Fact(account, day, {"deferred_balance": balance}, currency=currency)
            day += timedelta(days=1)


def _releases(books: Books, account: str, known: dict[str, list[dict]]) -> dict[str, date]:
    """The day on which each held-back transaction was released."""
    by_deferred: dict[str, dict] = {}
    for rows in known.values():
        row = rows[0]
        held = row.get("deferred_transaction_id")
        if held and row["transaction_status"] == "RELEASED":
            by_deferred[held] = min(row, by_deferred.get(held, row), key=lambda item: item["posted_at"])
    found = {}
    for name, rows in known.items():
        row, release = rows[0], by_deferred.get(name)
        if release:
            found[name] = books.day(account, release["posted_at"])
        elif row["transaction_status"] == "DEFERRED_RELEASED":
            found[name] = books.day(account, row["matures_at"] or row["posted_at"])
    return found


def settlement_days(books: Books) -> Iterator[tuple[str, date]]:
    """Every day that a settlement or a period of Walmart's reports touches."""
    for account, row in books.world.rows("amazon_sp__settlement"):
        yield account, books.day(account, row["started_at"])
        yield account, books.day(account, row["ended_at"] - timedelta(microseconds=1))
    for account, row in books.world.rows("walmart__recon"):
        yield account, row["settlement_start"]
        yield account, row["settlement_end"]


SOURCES = (
    Source(
        "fees",
        fees,
        dict.fromkeys((*(f"{name}_fees" for name in FEES), "fees", "provisional_fees"), "money"),
        ("amazon_sp__economics", "tiktok_shop__statement_transactions", "shopify__orders"),
        settlement_days,
    ),
    Source(
        "cash",
        cash,
        {"settlement_deposits": "money"},
        ("amazon_sp__settlement", "walmart__recon", "tiktok_shop__statements"),
    ),
    Source("deferred", deferred, {"deferred_balance": "level_money"}, ("amazon_sp__finances",)),
)


def costed(measure: str, unknown: str) -> Formula:
    """A cost that has no value while a sold unit has none."""
    return lambda m: None if m[unknown] else m.zero(measure)


def gross_margin(m: Measures) -> Number:
    return None if m["uncosted_units"] else minus(net_sales(m), m.zero("cogs"))


def all_fees(m: Measures) -> Number:
    return m.zero("fees")


def margin_before_ads(m: Measures) -> Number:
    if m["uncosted_units"] or m["unlanded_units"]:
        return None
    return minus(net_sales(m), all_fees(m), *(m.zero(name) for name in COSTS))


def contribution_margin(m: Measures) -> Number:
    return minus(margin_before_ads(m), m.zero("ad_cost"))


COSTS = {"cogs": "uncosted_units", "freight_cost": "unlanded_units", "tariff_cost": "unlanded_units"}
GROSS = (*NET_SALES, "cogs", "uncosted_units")
BEFORE_ADS = (*GROSS, "fees", "freight_cost", "tariff_cost", "unlanded_units")
KPIS = (
    Kpi("cogs", BUSINESS, ("cogs", "uncosted_units"), costed("cogs", "uncosted_units"), None, True),
    Kpi(
        "freight_cost",
        BUSINESS,
        ("freight_cost", "unlanded_units"),
        costed("freight_cost", "unlanded_units"),
        None,
        True,
    ),
    Kpi(
        "tariff_cost", BUSINESS, ("tariff_cost", "unlanded_units"), costed("tariff_cost", "unlanded_units"), None, True
    ),
    Kpi("gross_margin", BUSINESS, GROSS, gross_margin, None, True),
    Kpi("gross_margin_rate", BUSINESS, GROSS, gross_margin, net_sales),
    *(
        Kpi(f"{name}_fees", BUSINESS, (f"{name}_fees",), lambda m, name=name: m.zero(f"{name}_fees"), None, True)
        for name in FEES
    ),
    Kpi("fee_rate", BUSINESS, ("fees", "gmv"), all_fees, lambda m: m["gmv"]),
    Kpi(
        "provisional_fee_share", BUSINESS, ("provisional_fees", "fees"), lambda m: m.zero("provisional_fees"), all_fees
    ),
    Kpi("margin_before_ads", BUSINESS, BEFORE_ADS, margin_before_ads, None, True),
    Kpi("margin_before_ads_rate", BUSINESS, BEFORE_ADS, margin_before_ads, net_sales),
    Kpi("contribution_margin", BUSINESS, (*BEFORE_ADS, "ad_cost"), contribution_margin, None, True),
    Kpi("contribution_margin_rate", BUSINESS, (*BEFORE_ADS, "ad_cost"), contribution_margin, net_sales),
    simple("settlement_deposits", ACCOUNTS, "settlement_deposits", money=True),
    simple("deferred_balance", ACCOUNTS, "deferred_balance", money=True),
)
