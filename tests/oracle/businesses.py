"""A random small business as raw rows: accounts, the ERP's books, and what each domain adds (business_*.py).

One seed is one business. Businesses share no account, SKU, person, team or campaign, so many fit into one warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.maker import ANCHORS, LAST_DAY, Maker
from tests.oracle.world import Account, Row, World

CURRENCIES = ("EUR", "GBP", "CAD", "JPY")
SELLERS = (
    ("amazon_sp", "USD", "America/Los_Angeles"),
    ("amazon_sp", "USD", "America/Los_Angeles"),
    ("amazon_sp", "GBP", "Europe/London"),
    ("amazon_sp", "EUR", "Europe/Berlin"),
    ("amazon_sp", "JPY", "Asia/Tokyo"),
    ("shopify", "USD", "America/New_York"),
    ("shopify", "CAD", "America/Toronto"),
    ("walmart", "USD", "America/Los_Angeles"),
    ("tiktok_shop", "USD", "America/Los_Angeles"),
)
CATEGORIES = ("audio", "home", "Garden", "pet care", "", None)


@dataclass
class Business:
    """What the domains' generators share."""

    make: Maker
    world: World
    skus: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    # What one generator made and another one refers to, by subject and account.
    memory: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def keep(self, subject: str, account: Account, things: list[Any]) -> None:
        self.memory.setdefault((subject, account.account_id), []).extend(things)

    def kept(self, subject: str, account: Account) -> list[Any]:
        return self.memory.get((subject, account.account_id), [])

    @property
    def erp(self) -> str:
        return f"{self.make.name}_erp"

    def of(self, platform: str) -> list[Account]:
        """The selling accounts on a platform."""
        return [account for account in self.world.accounts if account.platform == platform]

    def load(self, table: str, account: Account, rows: list[Row]) -> None:
        """A load that says which days it covers: the business's, fewer, more, or none; at times there is none."""
        first, last = self.make.window
        if self.make.chance(0.3):
            first += timedelta(days=self.make.whole(-3, 20))
        if self.make.chance(0.3):
            last = max(first, last + timedelta(days=self.make.whole(-20, 1)))
        if rows or self.make.chance(0.5):
            self.world.load(table, account.account_id, rows, None if self.make.chance(0.15) else (first, last))

    def sku(self) -> str:
        return self.make.one(self.skus)

    def foreign(self, account: Account, chance: float = 0.05) -> str | None:
        """A row's currency: the account's own, sometimes another one or none."""
        if self.make.chance(chance):
            return self.make.one(("EUR", "GBP", "CAD", "USD", None))
        return account.currency


def business(seed: int) -> World:
    """The business of a seed, without exchange rates: those are the world's."""
    from tests.oracle import (
        business_ads,
        business_commerce,
        business_money,
        business_returns,
        business_service,
        business_stock,
    )

    make = Maker(seed)
    found = Business(make, World(make.name))
    _accounts(found)
    letters = "ABCDEFG"[: make.whole(2, 6)]
    found.skus = [f"{make.name}-{letter}" for letter in letters]
    found.people = [f"{make.name}-e{n}" for n in range(make.whole(1, 3))]
    found.teams = [f"{make.name}-t{n}" for n in range(make.whole(1, 2))]
    _staff(found)
    _products(found)
    _costs(found)
    _landed(found)
    for domain in (business_commerce, business_returns, business_money, business_ads, business_stock, business_service):
        domain.fill(found)
    return found.world


def world_of(name: str, seeds: range | list[int]) -> World:
    """Many businesses and the rates in one world."""
    world = World(name)
    for seed in seeds:
        world.add(business(seed))
    world.load("erp__fx_rates", "erp_rates", _rates(Maker(min(seeds))), None)
    world.accounts.append(Account("erp_rates", "erp", None, None))
    return world


def _accounts(found: Business) -> None:
    make = found.make
    for n, (platform, currency, zone) in enumerate(make.rng.sample(SELLERS, make.whole(1, 3))):
        found.world.accounts.append(Account(f"{make.name}_{platform.split('_')[0]}{n}", platform, currency, zone))
    found.world.accounts.append(Account(found.erp, "erp", None, None))


def _staff(found: Business) -> None:
    make = found.make
    for day in (make.days[0], make.days[-1]):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "employee_id": person,
                "employee_name": person.title(),
                "team_id": make.one((*found.teams, None)),
                "team_name": None,
                "email": make.one((f"{person}@desk.example", f"{person}@Desk.Example", None)),
            }
            for person in found.people
        ]
        found.world.load("erp__staff", found.erp, rows, (day, day))


def _products(found: Business) -> None:
    """Snapshots of the products, with owners that change in between; a SKU may belong to one account or to all."""
    make = found.make
    accounts = [account.account_id for account in found.world.selling.values()]
    products: list[Row] = []
    for sku in found.skus:
        if make.chance(0.1):
            continue  # the ERP doesn't know it
        row = {"sku": sku, "account_id": None, "product_name": sku, "category": make.one(CATEGORIES), "brand": "Any"}
        row["asin"] = make.one((None, f"ITEM-{sku}"))
        products.append(row)
        if make.chance(0.3):
            products.append({**row, "account_id": make.one(accounts), "category": make.one(CATEGORIES)})
    snapshots = sorted({make.day() for _ in range(make.whole(1, 3))})
    for day in snapshots:
        rows: list[Row] = [
            {
                **product,
                "snapshot_date": day,
                "owner_id": make.one((*found.people, f"{make.name}-left", None, "")),
                "team_id": make.one((*found.teams, None, None)),
            }
            for product in products
        ]
        found.world.load("erp__products", found.erp, rows, (day, day))


def _costs(found: Business) -> None:
    """Unit costs that change on a day of the history, end, lack, or are in another currency."""
    make = found.make
    rows: list[Row] = []
    for sku in found.skus:
        if make.chance(0.15):
            continue
        change = make.day()
        currency = make.one(("USD", "USD", "USD", "EUR", "GBP"))
        spans: list[tuple[date, date | None]] = [(date(2023, 1, 1), None)]
        if make.chance(0.6):
            spans = [(date(2023, 1, 1), change), (change, make.one((None, make.later(change, 5, 30))))]
        for valid_from, valid_to in spans:
            if valid_to is not None and valid_to <= valid_from:
                continue
            cost = make.money(0, 12, digits=4)
            rows.append(
                {"sku": sku, "valid_from": valid_from, "valid_to": valid_to, "unit_cost": cost, "currency": currency}
            )
    day = make.days[-1]
    if rows:
        found.world.load("erp__unit_costs", found.erp, [{"snapshot_date": day, **row} for row in rows], (day, day))


def _landed(found: Business) -> None:
    make = found.make
    rows: list[Row] = []
    for sku in found.skus:
        if make.chance(0.15):
            continue
        change = make.day()
        currency = make.one(("USD", "USD", "EUR"))
        for valid_from in make.one(((date(2023, 1, 1),), (date(2023, 1, 1), change))):
            rows.append(
                {
                    "sku": sku,
                    "valid_from": valid_from,
                    "valid_to": None if make.chance(0.9) else make.later(change, 1, 20),
                    "freight_per_unit": None if make.chance(0.05) else make.money(0, 3, digits=3),
                    "tariff_per_unit": None if make.chance(0.05) else make.money(0, 2, digits=3),
                    "currency": currency,
                }
            )
    rows = [row for row in rows if row["valid_to"] is None or row["valid_to"] > row["valid_from"]]
    day = make.days[-1]
    if rows:
        found.world.load("erp__landed_costs", found.erp, [{"snapshot_date": day, **row} for row in rows], (day, day))


def _rates(make: Maker) -> list[Row]:
    """Rates to the reporting currency around all anchors, one day in thirty missing."""
    days = {anchor + timedelta(days=n) for anchor in ANCHORS for n in range(-62, 62)}
    rows: list[Row] = []
    for currency in CURRENCIES:
        for day in sorted(day for day in days if day <= LAST_DAY):
            if make.chance(0.03):
                continue
            rate = make.money(0.5, 1.5, digits=5) if currency != "JPY" else make.money(0.006, 0.008, digits=7)
            rows.append({"date": day, "from_currency": currency, "to_currency": "USD", "rate": Decimal(rate)})
    return rows
