"""What the facts are joined with: accounts and their days, exchange rates, products and their owners, unit costs."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from tests.oracle.missing import Exact, Number, exact
from tests.oracle.world import PLATFORM_OF, Row, World

REPORTING_CURRENCY = "USD"
RATE_DIGITS = 10
RATE_MAX_AGE_DAYS = 7
DEFAULT_TIME_ZONE = "America/Los_Angeles"


Found = TypeVar("Found")


class Owner(NamedTuple):
    person: str | None
    team: str | None


class Books:
    """Lookups over one world."""

    def __init__(self, world: World, as_of: datetime) -> None:
        self.world, self.as_of = world, as_of
        self.selling = world.selling
        self.accounts = {account.account_id: account for account in world.accounts}
        self._known: dict[tuple[Any, ...], Any] = {}

    def once(self, make: Callable[..., Found], *arguments: Any) -> Found:
        """What a function says of these books and the arguments, asked only once."""
        key = make, *arguments
        if key not in self._known:
            self._known[key] = make(self, *arguments)
        return self._known[key]

    # Accounts

    def platform(self, account: str) -> str:
        return PLATFORM_OF[self.accounts[account].platform]

    def currency(self, account: str) -> str:
        known = self.accounts.get(account)
        return (known and known.currency) or REPORTING_CURRENCY

    def day(self, account: str, instant: datetime) -> date:
        """The account's own day of an instant."""
        known = self.accounts.get(account)
        zone = (known.time_zone if known else None) or DEFAULT_TIME_ZONE
        return instant.astimezone(ZoneInfo(zone)).date()

    # Exchange rates

    @cached_property
    def _rates(self) -> dict[str, dict[date, Exact]]:
        """Units of reporting currency for one unit of another, as published: a direct rate before an inverse one."""
        rates: dict[str, dict[date, Exact]] = defaultdict(dict)
        inverse: dict[str, dict[date, Exact]] = defaultdict(dict)
        for _, row in self.world.rows("erp__fx_rates"):
            one, other = row["from_currency"].upper(), row["to_currency"].upper()
            if other == REPORTING_CURRENCY and one != other:
                rates[one][row["date"]] = Exact(row["rate"])
            elif one == REPORTING_CURRENCY and one != other and row["rate"]:
                inverse[other][row["date"]] = rounded(1 / Exact(row["rate"]), RATE_DIGITS)
        return {currency: {**inverse.get(currency, {}), **rates.get(currency, {})} for currency in {*rates, *inverse}}

    def rate(self, currency: str, day: date) -> Number:
        """The last rate that was published by the day, at most a week old."""
        if currency == REPORTING_CURRENCY:
            return Exact(1)
        known = self._rates.get(currency, {})
        for age in range(RATE_MAX_AGE_DAYS + 1):
            rate = known.get(day - timedelta(days=age))
            if rate is not None:
                return rate
        return None

    def factor(self, currency: str, into: str, day: date) -> Number:
        """What one unit of a currency is in another, with ten decimals; None without the rates."""
        return self.once(Books._factor, currency, into, day)

    def _factor(self, currency: str, into: str, day: date) -> Number:
        if currency == into:
            return Exact(1)
        one, other = self.rate(currency, day), self.rate(into, day)
        if into == REPORTING_CURRENCY or one is None or not other:
            return one if other else None
        return rounded(one / other, RATE_DIGITS)

    # Products, owners

    @cached_property
    def _listings(self) -> dict[tuple[str, str | None], dict[date, tuple[str, Row]]]:
        """Rows of the products by SKU and account (None: all accounts), and by the day of the snapshot."""
        found: dict[tuple[str, str | None], dict[date, tuple[str, Row]]] = defaultdict(dict)
        for erp, row in self.world.rows("erp__products"):
            days = found[row["sku"].strip(), cell(row["account_id"])]
            known = days.get(row["snapshot_date"])
            if known is None or erp < known[0]:
                days[row["snapshot_date"]] = (erp, row)
        return found

    def listings(self, account: str, sku: str) -> dict[date, Row]:
        """The SKU's rows by snapshot; the account's own listing before that for all accounts."""
        both = {**self._listings.get((sku, None), {}), **self._listings.get((sku, account), {})}
        return {day: both[day][1] for day in sorted(both)}

    def product(self, account: str, sku: str, day: date | None = None) -> Row | None:
        """The listing of the SKU that was the latest on ``day`` (before the first one: the first; None: now)."""
        listings = self.once(Books.listings, account, sku)
        return listings[latest_by(list(listings), day)] if listings else None

    def category(self, account: str, sku: str) -> str:
        """The product's category as the ERP has it now."""
        return self.once(Books._category, account, sku)

    def _category(self, account: str, sku: str) -> str:
        row = self.product(account, sku)
        return (row and cell(row["category"])) or "uncategorised"

    @cached_property
    def _staff(self) -> dict[str, dict[date, Row]]:
        found: dict[str, dict[date, Row]] = defaultdict(dict)
        for _, row in self.world.rows("erp__staff"):
            found[row["employee_id"].strip()][row["snapshot_date"]] = row
        return found

    def team_of(self, person: str, day: date | None) -> str | None:
        lists = self._staff.get(person)
        return cell(lists[latest_by(sorted(lists), day)]["team_id"]) if lists else None

    def teams_ever(self, person: str | None, listed: str | None) -> set[str]:
        """All teams that the staff lists ever had the person in; where they name none, the product list's."""
        teams = [cell(row["team_id"]) for row in self._staff.get(person or "", {}).values()]
        return {team for found in teams or [None] if (team := found or listed)}

    def owner(self, account: str, sku: str, day: date) -> Owner:
        """Who owned the SKU on the day, and the team."""
        return self.once(Books._owner, account, sku, day)

    def _owner(self, account: str, sku: str, day: date) -> Owner:
        row = self.product(account, sku, day)
        if row is None:
            return Owner(None, None)
        person = cell(row["owner_id"])
        return Owner(person, (person and self.team_of(person, day)) or cell(row["team_id"]))

    def owners_ever(self, account: str, sku: str) -> set[Owner]:
        """All owners that the SKU ever had, with each of their teams."""
        found = set()
        for row in self.listings(account, sku).values():
            person = cell(row["owner_id"])
            teams = self.teams_ever(person, cell(row["team_id"]))
            found |= {Owner(person, team) for team in teams or [None]}
        return found

    # Costs of a unit

    def latest(self, table: str) -> list[tuple[str, Row]]:
        """The rows of each account's latest snapshot."""
        last: dict[str, date] = {}
        for account, row in self.world.rows(table):
            last[account] = max(last.get(account, row["snapshot_date"]), row["snapshot_date"])
        return [(account, row) for account, row in self.world.rows(table) if row["snapshot_date"] == last[account]]

    def _spans(self, table: str) -> dict[str, list[tuple[date, date, Row]]]:
        """First day, day after the last, and row of what is valid of each SKU, in order of days."""

        def precedence(item: tuple[str, Row]) -> tuple[int, str, bool, str]:
            erp, row = item
            currency = cell(row["currency"]) or ""
            return -row["snapshot_date"].toordinal(), erp, currency.upper() != REPORTING_CURRENCY, currency.upper()

        chosen: dict[tuple[str, date], Row] = {}
        for _, row in sorted(self.latest(table), key=precedence):
            chosen.setdefault((row["sku"].strip(), row["valid_from"]), row)
        by_sku: dict[str, list[Row]] = defaultdict(list)
        for (sku, _), row in sorted(chosen.items()):
            by_sku[sku].append(row)
        spans = {}
        for sku, rows in by_sku.items():
            following = [*(row["valid_from"] for row in rows[1:]), date.max]
            spans[sku] = [
                (row["valid_from"], min(row["valid_to"] or date.max, after), row)
                for row, after in zip(rows, following, strict=True)
            ]
        return spans

    @cached_property
    def _unit_costs(self) -> dict[str, list[tuple[date, date, Row]]]:
        return self._spans("erp__unit_costs")

    @cached_property
    def _landed_costs(self) -> dict[str, list[tuple[date, date, Row]]]:
        return self._spans("erp__landed_costs")

    def _valid(self, spans: dict[str, list[tuple[date, date, Row]]], sku: str | None, day: date) -> Row | None:
        for first, after, row in spans.get(sku or "", ()):
            if first <= day < after:
                return row
        return None

    def cost(self, column: str, account: str, sku: str | None, day: date, units: Exact, currency: str) -> Number:
        """What so many units of the SKU cost by the row that is valid on the day, in a currency; ``column`` is
        unit_cost, freight_per_unit or tariff_per_unit. Converted costs are rounded to cents."""
        row = self._valid(self._unit_costs if column == "unit_cost" else self._landed_costs, sku, day)
        each = exact(row[column]) if row else None
        if row is None or each is None:
            return None
        other = (cell(row["currency"]) or self.currency(account)).upper()
        if other == currency:
            return units * each
        one, into = self.rate(other, day), self.rate(currency, day)
        return None if one is None or not into else rounded(units * each * one / into)

    def valid_cost(self, sku: str, day: date) -> tuple[Number, str | None]:
        """Unit cost and its currency."""
        row = self._valid(self._unit_costs, sku, day)
        return (exact(row["unit_cost"]), (cell(row["currency"]) or "").upper() or None) if row else (None, None)

    def stock_cost(self, account: str, sku: str, day: date) -> Number:
        """Unit cost in the account's currency, by a rate of ten decimals."""
        each, currency = self.valid_cost(sku, day)
        factor = self.factor(currency or self.currency(account), self.currency(account), day)
        return None if each is None or factor is None else each * factor

    @cached_property
    def _in_stock(self) -> dict[tuple[str, str], str]:
        """ASINs by account and SKU, as Amazon's latest stock snapshot has them."""
        found: dict[tuple[str, str], str] = {}
        for account, row in self.latest("amazon_sp__fba_stock_and_age"):
            key, asin = (account, row["sku"].strip()), cell(row["asin"])
            if asin:
                found[key] = min(asin, found.get(key, asin))
        return found

    def asin(self, account: str, sku: str) -> str | None:
        """The product that a SKU offers: by Amazon's snapshot, else the ERP's list of the account, else that of all."""
        if (account, sku) in self._in_stock:
            return self._in_stock[account, sku]
        for listed in (account, None):
            days = self._listings.get((sku, listed))
            if days and cell(days[max(days)][1].get("asin")):
                return cell(days[max(days)][1]["asin"])
        return None

    def skus_of_asin(self, account: str, asin: str) -> set[str]:
        """The account's SKUs that offer a product now."""
        skus = {sku for sku, listed in self._listings if listed in (None, account)}
        skus |= {sku for holder, sku in self._in_stock if holder == account}
        return {sku for sku in skus if self.asin(account, sku) == asin}


def cell(value: str | None) -> str | None:
    """A text cell without blanks around it; an empty one is missing."""
    return (value or "").strip() or None


def latest_by(days: list[date], day: date | None) -> date:
    """The latest of the ordered days by ``day``; the first one when all come later; the last without a day."""
    return days[-1] if day is None else days[max(bisect_right(days, day) - 1, 0)]


def rounded(number: Exact, digits: int = 2) -> Exact:
    """Half away from zero."""
    return number.quantize(Exact(1).scaleb(-digits), ROUND_HALF_UP)
