"""The seller's plan: targets for the current and the previous month and for the year, and the planted breaches.

The plan was made from what the seller expected (the demand model without the planted troubles) and rounded as people
round. Limits are absolute, for the full period. Only the planted troubles lie beyond their breach limit: the account
that sells 30 % less than planned and the three ad groups that pay far too much for their sales. Some categories and
persons are a little behind and show a warning, as in life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import add_months, days_of_month, month_start
from airflow_dags.sandbox.business.catalogue import UNDER_PACE_ACCOUNT, Account, AdGroup, Cell, stable_share
from airflow_dags.sandbox.business.demand import SHORTFALL, expected_sales
from airflow_dags.sandbox.kpi_truth import account_entity, ad_group_entities, category_entity
from airflow_dags.sandbox.outlook import Outlook, outlook, reference_month

COMPANY_OWNER = "e001"
Target = dict[str, Any]


def target_months(business: Business) -> list[date]:
    """The previous and the current month (that of as_of, which on the first of a month has no data yet)."""
    current = month_start(business.as_of)
    return [add_months(current, -1), current]


def targets(business: Business) -> list[Target]:
    """Rows in the shape of the targets API, with a comment each. Numbers are strings."""
    plan = _Plan(business)
    rows = [row for first in target_months(business) for row in plan.month(first)]
    if business.small:  # two months of data say nothing about a year
        return rows
    return rows + list(plan.year(date(business.as_of.year, 1, 1)))


def breaches(business: Business) -> list[Target]:
    """The planted breaches of the months that have data: (kpi, entity, grain, period)."""
    rows = []
    for first in target_months(business):
        if first > business.last_day:
            continue
        period = {"grain": "month", "period_start": first.isoformat()}
        rows.append({"kpi_id": "gmv", "entity_id": account_entity(UNDER_PACE_ACCOUNT)[1], **period})
        for group in business.catalogue.ad_groups:
            if group.is_over_line:
                rows.append({"kpi_id": "acos", "entity_id": ad_group_entities(group)[0][1], **period})
    return rows


class _Plan:
    def __init__(self, business: Business) -> None:
        self.business = business
        self.catalogue = business.catalogue

    def month(self, first: date) -> Iterator[Target]:
        period = ("month", first)
        days = days_of_month(first)
        by_cell = {cell: sum(expected_sales(cell, day) for day in days) for cell in self.catalogue.cells}
        expected = outlook(self.business, days, reference_month(self.business, first))
        total = (sum(by_cell.values()) + expected.sales) * 0.98
        yield self._money("company", total, period, COMPANY_OWNER, "annual plan")
        for account in self.catalogue.accounts:
            total = sum(value for cell, value in by_cell.items() if cell.account is account)
            entity_id = account_entity(account.account_id)[1]
            yield self._money(entity_id, total * 0.99, period, account.owner_id, "annual plan")
        yield from self._categories(by_cell, period)
        yield from self._persons(by_cell, expected, period)
        yield from self._flows(by_cell, expected, period)
        yield from self._ratios(by_cell, expected, period)
        for group in self.catalogue.ad_groups:
            yield self._acos(group, period)

    def year(self, first: date) -> Iterator[Target]:
        """Company and the accounts in good order. The limits are wide: a year's pace is not a month's."""
        days = [first + timedelta(days=n) for n in range((date(first.year + 1, 1, 1) - first).days)]
        accounts = [a for a in self.catalogue.accounts if a.account_id != UNDER_PACE_ACCOUNT]
        by_account = {
            account: sum(expected_sales(cell, day) for cell in self.catalogue.cells_of(account) for day in days)
            for account in self.catalogue.accounts
        }
        period, comment = ("year", first), "annual plan; limits are wide because the year's pace is uneven"
        shops = outlook(self.business, days, reference_month(self.business, month_start(self.business.as_of)))
        total = (sum(by_account.values()) + shops.sales) * 0.97
        yield self._money("company", total, period, COMPANY_OWNER, comment, warn=0.75, breach=0.5)
        for account in accounts:
            entity_id = account_entity(account.account_id)[1]
            yield self._money(entity_id, by_account[account], period, account.owner_id, comment, warn=0.75, breach=0.5)

    def _categories(self, by_cell: dict[Cell, float], period: tuple[str, date]) -> Iterator[Target]:
        for cell, value in by_cell.items():
            account_id = cell.account.account_id
            ambition = 0.95 + 0.13 * stable_share(self.catalogue.seed, account_id, cell.category, "ambition")
            comment = "category plan"
            if account_id == UNDER_PACE_ACCOUNT:
                ambition, comment = ambition * (SHORTFALL + 0.02), "re-planned after the account's weak start"
            entity_id = category_entity(account_id, cell.category)[1]
            yield self._money(entity_id, value * ambition, period, cell.owner.employee_id, comment, breach=0.78)

    def _persons(self, by_cell: dict[Cell, float], expected: Outlook, period: tuple[str, date]) -> Iterator[Target]:
        for person in self.catalogue.people:
            own = {cell: value for cell, value in by_cell.items() if cell.owner is person}
            if not own:
                continue
            likely = (
                sum(
                    value * (SHORTFALL if cell.account.account_id == UNDER_PACE_ACCOUNT else 1.0)
                    for cell, value in own.items()
                )
                + expected.sales_of[person.employee_id]
            )
            ambition = 0.97 + 0.10 * stable_share(self.catalogue.seed, person.employee_id, "ambition")
            entity_id = f"person:{person.employee_id}"
            comment = "agreed with the owner"
            # A person's part of the shops is small and uneven, so the line is wider than a category's.
            yield self._money(entity_id, likely * ambition, period, person.employee_id, comment, breach=0.72)

    def _flows(self, by_cell: dict[Cell, float], expected: Outlook, period: tuple[str, date]) -> Iterator[Target]:
        """Net sales, orders and the ad budget of company and accounts, re-planned to what is likely; wide limits."""
        likely = {account: self._likely(by_cell, account) for account in self.catalogue.accounts}
        orders = {account: sales / self._order_value(account, period[1]) for account, sales in likely.items()}
        budgets = {
            account: sales * _mean(_tacos, self.catalogue.cells_of(account)) + expected.ad_cost_of[account.account_id]
            for account, sales in likely.items()
        }
        yield from self._flow(
            "company",
            (
                sum(likely.values()) + expected.sales,
                sum(orders.values()) + expected.orders,
                sum(budgets.values()) + expected.shop_ad_cost,
            ),
            period,
            COMPANY_OWNER,
        )
        for account, sales in likely.items():
            figures = (sales, orders[account], budgets[account])
            yield from self._flow(account_entity(account.account_id)[1], figures, period, account.owner_id)

    def _flow(
        self, entity_id: str, figures: tuple[float, float, float], period: tuple[str, date], owner: str
    ) -> Iterator[Target]:
        """`figures`: likely sales in cents, orders, ad cost in cents."""
        sales, orders, budget = figures
        comment = "re-planned at the last review"
        yield self._money(entity_id, sales * 0.97, period, owner, comment, kpi_id="net_sales", warn=0.9, breach=0.75)
        yield self._money(entity_id, orders * 98, period, owner, comment, kpi_id="orders", warn=0.9, breach=0.75)
        yield self._money(entity_id, budget * 1.05, period, owner, comment, kpi_id="ad_cost", warn=1.1, breach=1.35)

    def _likely(self, by_cell: dict[Cell, float], account: Account) -> float:
        """Cents that the account is likely to sell, its trouble known."""
        total = sum(value for cell, value in by_cell.items() if cell.account is account)
        return total * (SHORTFALL if account.account_id == UNDER_PACE_ACCOUNT else 1.0)

    def _order_value(self, account: Account, month: date) -> float:
        """Cents an order, in the last month with data that lies before the previous one (or the first of all)."""
        first = reference_month(self.business, month)
        values = [
            sum(line.price or 0 for line in order.sold_lines())
            for order in self.business.month(first).orders
            if order.account is account and order.sold_lines()
        ]
        return sum(values) / len(values)

    def _ratios(self, by_cell: dict[Cell, float], expected: Outlook, period: tuple[str, date]) -> Iterator[Target]:
        likely = {account: self._likely(by_cell, account) for account in self.catalogue.accounts}
        total = _Expectation()
        for account, sales in likely.items():
            own = self._expectation(account, sales, expected.ad_cost_of[account.account_id])
            yield from self._standards(account_entity(account.account_id)[1], own, period, account.owner_id)
            total += own
        total += _Expectation(
            sales=expected.sales,
            margin=expected.sales - expected.unit_costs,
            ad_cost=expected.shop_ad_cost,
            units=expected.visited_units,
            sessions=expected.visits,
        )
        yield from self._standards("company", total, period, COMPANY_OWNER)

    def _expectation(self, account: Account, sales: float, other_ad_cost: float) -> _Expectation:
        cells = self.catalogue.cells_of(account)
        share = sales / sum(cell.level for cell in cells)
        shares = [(sku, cell.level * share * sku.share / sku.price) for cell in cells for sku in cell.skus]
        return _Expectation(
            sales=sales,
            margin=sales * _mean(_margin, cells),
            ad_cost=sales * _mean(_tacos, cells) + other_ad_cost,
            units=sum(units for _, units in shares),
            sessions=sum(units / sku.conversion for sku, units in shares),
        )

    @staticmethod
    def _standards(entity_id: str, own: _Expectation, period: tuple[str, date], owner: str) -> Iterator[Target]:
        margin, tacos, conversion = own.margin / own.sales, own.ad_cost / own.sales, own.units / own.sessions
        yield _row("gross_margin_rate", entity_id, period, owner, target=margin - 0.03, warn=-0.04, breach=-0.12)
        yield _row("tacos", entity_id, period, owner, target=tacos * 1.05, warn=0.02, breach=tacos * 0.8 + 0.02)
        yield _row(
            "conversion_rate",
            entity_id,
            period,
            owner,
            target=conversion * 0.94,
            warn=-0.012,
            breach=-0.03,
            step="0.001",
        )

    def _acos(self, group: AdGroup, period: tuple[str, date]) -> Target:
        """The ad group's line: what it may pay for its sales. Breach at one and a half times."""
        line = group.acos * (0.86 + 0.24 * stable_share(self.catalogue.seed, group.ad_group_id, "line"))
        owner = group.cell.owner.employee_id
        return _row(
            "acos",
            ad_group_entities(group)[0][1],
            period,
            owner,
            target=line,
            warn=line * 0.15,
            breach=line * 0.60,
            step="0.01",
        )

    @staticmethod
    def _money(
        entity_id: str,
        cents: float,
        period: tuple[str, date],
        owner: str,
        comment: str,
        *,
        kpi_id: str = "gmv",
        warn: float = 0.95,
        breach: float = 0.85,
    ) -> Target:
        target = _round_money(cents)
        row = _empty(kpi_id, entity_id, period, owner, comment)
        row["target_value"] = str(target)
        is_higher_better = breach < 1
        row["floor_value"] = str(_round_money(float(target) * (90 if is_higher_better else 110)))
        row["stretch_value"] = str(_round_money(float(target) * (110 if is_higher_better else 90)))
        row["warn_limit"] = str(_round_money(float(target) * warn * 100))
        row["breach_limit"] = str(_round_money(float(target) * breach * 100))
        return row


@dataclass(slots=True)
class _Expectation:
    """What ratios are made of; money in cents."""

    sales: float = 0.0
    margin: float = 0.0
    ad_cost: float = 0.0
    units: float = 0.0
    sessions: float = 0.0

    def __add__(self, other: _Expectation) -> _Expectation:
        return _Expectation(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def _mean(of_cell: Callable[[Cell], float], cells: Sequence[Cell]) -> float:
    """Mean over cells by what they sell."""
    return sum(of_cell(cell) * cell.level for cell in cells) / sum(cell.level for cell in cells)


def _margin(cell: Cell) -> float:
    """Expected margin rate of the cell, at today's unit costs."""
    return sum(sku.share * (1 - sku.costs[-1].cents / sku.price) for sku in cell.skus)


def _tacos(cell: Cell) -> float:
    """Expected ad cost over sales, the planted ad group included: the seller knows what was spent lately."""
    return sum(group.share * (0.80 if group.is_over_line else group.acos) for group in cell.ad_groups)


def _round_money(cents: float) -> Decimal:
    """To two or three leading digits, as people write a plan; in dollars."""
    dollars = cents / 100
    step = 10
    while dollars > step * 400:
        step *= 10
    return Decimal(round(dollars / step) * step)


def _row(
    kpi_id: str,
    entity_id: str,
    period: tuple[str, date],
    owner: str,
    *,
    target: float,
    warn: float,
    breach: float,
    step: str = "0.005",
) -> Target:
    """A ratio's target with its limits given as distances from it."""
    row = _empty(kpi_id, entity_id, period, owner, "own standard")
    for name, number in (("target_value", 0.0), ("warn_limit", warn), ("breach_limit", breach)):
        row[name] = str((Decimal(repr(target + number)) / Decimal(step)).quantize(Decimal(1)) * Decimal(step))
    return row


def _empty(kpi_id: str, entity_id: str, period: tuple[str, date], owner: str, comment: str) -> Target:
    return {
        "kpi_id": kpi_id,
        "entity_id": entity_id,
        "grain": period[0],
        "period_start": period[1].isoformat(),
        "target_value": None,
        "floor_value": None,
        "stretch_value": None,
        "warn_limit": None,
        "breach_limit": None,
        "tolerance": None,
        "weight": None,
        "owner": owner,
        "comment": comment,
    }
