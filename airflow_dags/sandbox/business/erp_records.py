"""The seller's own records beyond what the platforms know: purchasing, freight and tariff, warehouses, plans, rates.

Everything follows from the seed; money is whole cents, rates are exact decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from airflow_dags.sandbox.business.calendar import add_months, event_of, strength
from airflow_dags.sandbox.business.catalogue import Person, Sku, stable_number, stable_share
from airflow_dags.sandbox.business.simulation import Business

WAREHOUSES = (("sz01", "Shenzhen 深圳仓"), ("la01", "Los Angeles overflow"))
LEAD_DAYS = 38
# Units of the currency in one US dollar, about which the day's rate moves by a per cent.
PAR = {"CAD": Decimal("1.3700"), "CNY": Decimal("7.1200"), "GBP": Decimal("0.7700"), "EUR": Decimal("0.8600")}


@dataclass(frozen=True, slots=True)
class LandedCost:
    """Freight and tariff of one unit in cents; ``valid_to`` is the first day on which they no longer hold."""

    sku: Sku
    valid_from: date
    valid_to: date | None
    freight: int
    tariff: int


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    purchase_order_id: str
    line_number: int
    supplier_id: str
    sku: Sku
    ordered_on: date
    expected_on: date
    received_on: date | None
    quantity: int
    unit_cost: int

    @property
    def status(self) -> str:
        return "received" if self.received_on else "ordered"


def landed_costs(business: Business) -> Iterator[LandedCost]:
    """They change on the days on which the supplier's price does."""
    for sku in business.catalogue.skus:
        for cost in sku.costs:
            share = stable_share(business.seed, sku.sku, cost.valid_from, "freight")
            duty = stable_share(business.seed, sku.cell.category, cost.valid_from.year, "tariff")
            yield LandedCost(
                sku,
                cost.valid_from,
                cost.valid_to,
                round(sku.price * (0.03 + 0.05 * share)),
                round(cost.cents * (0.05 + 0.15 * duty)),
            )


def purchase_lines(business: Business) -> Iterator[PurchaseLine]:
    """One order a cell and month, on a day of its own; what should have come by now has come, some of it late."""
    for position, cell in enumerate(business.catalogue.cells, start=1):
        for first in business.months:
            number = stable_number(business.seed, cell.account.account_id, cell.category, first)
            ordered = first + timedelta(days=number % 27)
            if ordered > business.last_day:
                continue
            expected = ordered + timedelta(days=LEAD_DAYS)
            arrival = expected + timedelta(days=number % 9 - 2)
            for line, sku in enumerate(cell.skus, start=1):
                per_month = cell.level * 30 * strength(first) * sku.share / sku.price
                yield PurchaseLine(
                    purchase_order_id=f"PO-{first:%y%m}-{position:03d}",
                    line_number=line,
                    supplier_id=f"sup{stable_number(cell.category) % 12:02d}",
                    sku=sku,
                    ordered_on=ordered,
                    expected_on=expected,
                    received_on=arrival if arrival <= business.last_day else None,
                    quantity=max(12, round(per_month)),
                    unit_cost=sku.cost_on(max(ordered, sku.costs[0].valid_from)),
                )


def warehouse_stock(business: Business) -> Iterator[tuple[str, str, Sku, int, int, int]]:
    """(warehouse, its name, SKU, on hand, reserved, in transit) on the last day."""
    for sku in business.catalogue.skus:
        for warehouse_id, name in WAREHOUSES:
            number = stable_number(business.seed, warehouse_id, sku.sku, business.as_of)
            yield warehouse_id, name, sku, number % 400, number // 400 % 12, number // 4800 % 90


def fx_rate(seed: int, day: date, currency: str) -> Decimal:
    """US dollars for one unit of the currency on the day."""
    move = Decimal(round((stable_share(seed, currency, day.isocalendar()[:2]) - 0.5) * 200)).scaleb(-4)
    return (1 / (PAR[currency] * (1 + move))).quantize(Decimal("0.000001"))


def ad_budgets(business: Business) -> Iterator[tuple[str, date, int]]:
    """(account, month, cents): what each account may spend on ads, planned at a tenth of its expected sales."""
    for first in [*business.months, add_months(business.months[-1], 1)]:
        for account in business.catalogue.accounts:
            level = sum(cell.level for cell in business.catalogue.cells_of(account))
            yield account.account_id, first, round(level * 30 * strength(first) * 0.10 / 10_000) * 10_000


def headcount(business: Business) -> Iterator[tuple[str, date, int, int | None]]:
    """(team, month, planned, actual); the months ahead have no actual."""
    teams: dict[str, list[Person]] = {}
    for person in business.catalogue.people:
        teams.setdefault(person.team_id, []).append(person)
    for team_id, people in teams.items():
        for first in business.months:
            yield team_id, first, len(people), len(people)
        yield team_id, add_months(business.months[-1], 1), len(people) + 1, None


def scores(business: Business) -> Iterator[tuple[date, str, str, Decimal | None, int | None, int | None, int | None]]:
    """(day, account, score, value, promoters, detractors, responses): IPI on Mondays, a survey when a month ends."""
    for day in business.days():
        for account in business.catalogue.accounts:
            if day.weekday() == 0:
                move = stable_number(business.seed, account.account_id, day, "ipi") % 41
                yield day, account.account_id, "ipi", Decimal(540 + move), None, None, None
        if (day + timedelta(days=1)).day > 1:
            continue
        for account_id in [*(one.account_id for one in business.catalogue.accounts), *_shop_ids(business)]:
            number = stable_number(business.seed, account_id, day, "nps")
            responses = 40 + number % 60
            promoters = round(responses * (0.52 + number // 60 % 20 / 100))
            yield day, account_id, "nps", None, promoters, round(responses * 0.14), responses


def _shop_ids(business: Business) -> list[str]:
    return [shop.account_id for shop in business.shops]


def promotions(business: Business) -> Iterator[tuple[str, str, str, date, date, Decimal, Decimal]]:
    """(id, kind, name, first day, last day, threshold factor, pace factor): sales events, and the peak season."""
    days = [business.first_day + timedelta(days=n) for n in range((business.as_of - business.first_day).days + 60)]
    start: date | None = None
    for day in days:
        name = event_of(day)
        if name and start is None:
            start = day
        if name and event_of(day + timedelta(days=1)) != name:
            lift = Decimal(round(strength(day) / strength(day - timedelta(days=14)), 1)).quantize(Decimal("0.1"))
            slug = name.lower().replace(" ", "_")
            yield f"{slug}_{start:%Y%m%d}", "promotion", name, start or day, day, Decimal("1.25"), lift
            start = None
    for year in range(business.first_day.year, business.last_day.year + 1):
        peak = date(year, 10, 1), date(year, 12, 31)
        yield f"peak_{year}", "season", f"Peak season {year} 旺季", *peak, Decimal("1.10"), Decimal("1.3")
