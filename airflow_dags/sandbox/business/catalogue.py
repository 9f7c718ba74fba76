"""What the simulated seller is made of: accounts, people, products, unit costs, campaigns and ad groups.

Everything here follows from the seed alone. The smallest piece is the cell: one category of one account, owned by one
person. Accounts, categories, persons and teams are whole cells, so their numbers carry little noise.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from airflow_dags.sandbox.business.prices import PriceCut, cut_prices
from airflow_dags.sandbox.business.products import CATEGORIES, COLOURS, Category

CURRENCY = "USD"
MARKETPLACE_ID = "ATVPDKIKX0DER"
TIME_ZONE = "America/Los_Angeles"
COMPANY_NAME = "Northlight Trading"


def stable_number(*parts: object) -> int:
    """A large number that depends on the parts alone, the same on every machine and run."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def stable_share(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    return stable_number(*parts) / 2**64


@dataclass(frozen=True, slots=True)
class Person:
    employee_id: str
    name: str
    team_id: str
    team_name: str
    role: str
    email: str


PEOPLE = (
    Person("e001", "Amy Chen 陈雨", "north", "North team", "team lead", "amy.chen@northlight.example"),
    Person("e002", "Leo Wang 王磊", "north", "North team", "account manager", "leo.wang@northlight.example"),
    Person("e003", "Mia Zhang 张敏", "north", "North team", "account manager", "mia.zhang@northlight.example"),
    Person("e004", "Jason Liu 刘洋", "south", "South team", "team lead", "jason.liu@northlight.example"),
    Person("e005", "Sophie Zhou 周晴", "south", "South team", "account manager", "sophie.zhou@northlight.example"),
    Person("e006", "Kevin Huang 黄凯", "south", "South team", "account manager", "kevin.huang@northlight.example"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """One Amazon US selling account; `level` is the weight of its categories, `owners_from` who gets the first one."""

    account_id: str
    name: str
    index: int
    brands: tuple[str, str]
    level: float
    categories: int
    groups_per_cell: int
    owners_from: int
    owner_id: str


ACCOUNTS = (
    Account("aurora_us", "Aurora US", 0, ("Auréa", "Soundwell"), 1.2, 8, 3, 0, "e001"),
    Account("harbor_us", "Harbor US", 1, ("Harbor & Co", "Brisé"), 1.0, 8, 3, 2, "e004"),
    Account("cascade_us", "Cascade US", 2, ("Cascade", "Föhn Outdoor"), 0.75, 6, 2, 4, "e005"),
)
UNDER_PACE_ACCOUNT = "cascade_us"


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Valid from a day (included) to a day (excluded, None: until further notice); cents a unit."""

    valid_from: date
    valid_to: date | None
    cents: int


@dataclass(slots=True, eq=False)
class Sku:
    sku: str
    asin: str
    parent_asin: str
    name: str
    brand: str
    cell: Cell
    price: int  # cents, on a day without a cut
    share: float  # of the cell's sales
    conversion: float  # units a session
    buy_box: float  # per cent
    costs: tuple[UnitCost, ...] = ()
    cuts: tuple[PriceCut, ...] = ()

    @property
    def account_id(self) -> str:
        return self.cell.account.account_id

    def price_on(self, day: date) -> int:
        """What a unit is sold at on the day, in cents."""
        return next((cut.cents for cut in self.cuts if cut.first <= day <= cut.last), self.price)

    def cost_on(self, day: date) -> int:
        for cost in reversed(self.costs):
            if cost.valid_from <= day:
                return cost.cents
        raise LookupError(f"{self.sku} has no unit cost on {day}")


@dataclass(slots=True, eq=False)
class AdGroup:
    ad_group_id: int
    name: str
    campaign: Campaign
    cell: Cell
    skus: list[Sku]
    ad_ids: list[int]
    share: float  # of the cell's sales that it causes
    acos: float  # cost over the sales it causes, on a normal day
    cpc: float  # cents a click
    ctr: float
    is_over_line: bool
    has_residual: bool  # its report holds a little cost that no advertised product shows


@dataclass(slots=True, eq=False)
class Campaign:
    campaign_id: int
    name: str
    account: Account
    budget: int  # cents a day
    ad_groups: list[AdGroup] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Cell:
    account: Account
    category: str
    owner: Person
    level: float  # cents of sales on a day of strength 1
    skus: list[Sku] = field(default_factory=list)
    ad_groups: list[AdGroup] = field(default_factory=list)


class Catalogue:
    """The whole static side of the business. `small` keeps 10 SKUs and 5 ad groups, for quick tests."""

    def __init__(self, seed: int, first_day: date, last_day: date, small: bool = False) -> None:
        self.seed = seed
        self.first_day, self.last_day = first_day, last_day
        self.small = small
        self.accounts = ACCOUNTS
        self.people = PEOPLE
        self.cells: list[Cell] = []
        self.campaigns: list[Campaign] = []
        for account in ACCOUNTS:
            self._add_account(account)
        self.skus = [sku for cell in self.cells for sku in cell.skus]
        cut_prices(self.cells, last_day + timedelta(days=1))
        self.ad_groups = [group for campaign in self.campaigns for group in campaign.ad_groups]
        self.account_by_id = {account.account_id: account for account in ACCOUNTS}

    def cells_of(self, account: Account) -> list[Cell]:
        return [cell for cell in self.cells if cell.account is account]

    def campaigns_of(self, account: Account) -> list[Campaign]:
        return [campaign for campaign in self.campaigns if campaign.account is account]

    def _add_account(self, account: Account) -> None:
        count = (2, 2, 1)[account.index] if self.small else account.categories
        cells = []
        for number, category in enumerate(CATEGORIES[:count]):
            owner = PEOPLE[(account.owners_from + number) % len(PEOPLE)]
            spread = 0.9 + 0.2 * stable_share(self.seed, account.account_id, category.name, "level")
            cell = Cell(account, category.name, owner, 42_000 * account.level * spread)
            self._add_skus(cell, category)
            cells.append(cell)
        self.cells += cells
        self._add_ads(account, cells)

    def _add_skus(self, cell: Cell, category: Category) -> None:
        rng = random.Random(f"{self.seed}/{cell.account.account_id}/{category.name}")  # noqa: S311
        nouns = category.nouns[:2] if self.small else category.nouns
        popularity = [1 / (rank + 2) for rank in range(len(nouns))]
        rng.shuffle(popularity)
        parent = _asin(self.seed, cell.account.account_id, category.name, "parent")
        for number, noun in enumerate(nouns, start=1):
            code = f"{category.prefix}-{cell.account.index + 1}{number:02d}"
            brand = cell.account.brands[number % 2]
            price = rng.randrange(category.low, category.high) * 100 + 99
            sku = Sku(
                sku=code,
                asin=_asin(self.seed, code),
                parent_asin=parent,
                name=f"{brand} {noun}, {rng.choice(COLOURS)}",
                brand=brand,
                cell=cell,
                price=price,
                share=popularity[number - 1] / sum(popularity),
                conversion=rng.uniform(0.07, 0.13),
                buy_box=rng.uniform(88.0, 99.0),
            )
            sku.costs = self._costs(sku, rng.uniform(0.40, 0.52))
            cell.skus.append(sku)
        # Dear products first: the cheapest one comes last and takes up what rounding left.
        cell.skus.sort(key=lambda sku: -sku.price)

    def _costs(self, sku: Sku, share_of_price: float) -> tuple[UnitCost, ...]:
        """One cost a year: every SKU has its own day of the year on which the supplier's new price holds."""
        month, day = 1 + stable_number(sku.sku, "month") % 12, 1 + stable_number(sku.sku, "day") % 28
        starts = [date(year, month, day) for year in range(self.first_day.year - 2, self.last_day.year + 1)]
        starts = [start for start in starts if start <= self.last_day]
        costs = []
        for number, start in enumerate(starts):
            drift = 0.97 + 0.07 * stable_share(self.seed, sku.sku, start.year)
            end = starts[number + 1] if number + 1 < len(starts) else None
            costs.append(UnitCost(start, end, round(sku.price * share_of_price * drift)))
        # Validities that ended before the first day say nothing; the one before the first change does.
        return tuple(cost for cost in costs if cost.valid_to is None or cost.valid_to > self.first_day)

    def _add_ads(self, account: Account, cells: list[Cell]) -> None:
        """Three ad groups make a campaign. The first group of the account's last cell is far over its ACoS line."""
        per_cell = 1 if self.small else account.groups_per_cell
        slots = [(cell, number) for cell in cells for number in range(per_cell)]
        for position, (cell, number) in enumerate(slots):
            if position % 3 == 0:
                title = "Everyday range" if per_cell == 2 else f"{cell.category.capitalize()} range"
                key = (self.seed, account.account_id, "campaign", position // 3)
                name = f"SP {title} {position // 3 + 1:02d}"
                self.campaigns.append(Campaign(_ad_id(*key), name, account, 5_000 + 500 * (stable_number(*key) % 11)))
            group = self._ad_group(self.campaigns[-1], cell, number, per_cell, position)
            group.is_over_line = cell is cells[-1] and number == 0
            self.campaigns[-1].ad_groups.append(group)
            cell.ad_groups.append(group)

    def _ad_group(self, campaign: Campaign, cell: Cell, number: int, per_cell: int, position: int) -> AdGroup:
        rng = random.Random(f"{self.seed}/{cell.account.account_id}/ad_group/{position}")  # noqa: S311
        ranked = sorted(cell.skus, key=lambda sku: -sku.share)
        lead, rest = ranked[number % len(ranked)], [sku for sku in ranked if sku is not ranked[number % len(ranked)]]
        skus = [lead, *rng.sample(rest, min(len(rest), rng.randint(1, 4)))]
        key = (self.seed, cell.account.account_id, "ad_group", position)
        kind = ("Exact", "Broad", "Product targets")[number % 3]
        return AdGroup(
            ad_group_id=_ad_id(*key),
            name=f"{cell.category.capitalize()} {kind}",
            campaign=campaign,
            cell=cell,
            skus=skus,
            ad_ids=[_ad_id(*key, sku.sku) for sku in skus],
            share=rng.uniform(0.36, 0.42) / per_cell,
            acos=rng.uniform(0.16, 0.26),
            cpc=rng.uniform(55, 130),
            ctr=rng.uniform(0.003, 0.008),
            is_over_line=False,
            has_residual=position % 6 == 4,
        )


def _asin(*parts: object) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number, letters = stable_number(*parts), ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        letters += alphabet[digit]
    return "B0" + letters


def _ad_id(*parts: object) -> int:
    """Amazon's ad ids are numbers of about fifteen digits."""
    return 10**14 + stable_number(*parts) % (9 * 10**14)
