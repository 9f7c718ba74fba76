"""What a random business leaves in the raw tables: accounts, and loads of rows by stream.

Rows are dictionaries by the contract's column names; money and other numerics are ``Decimal``, instants are aware
``datetime``s in UTC, days ``date``s of the marketplace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = dict[str, Any]
Window = tuple[date, date]

# What a selling account's platform is called in the KPI layer.
PLATFORM_OF = {"amazon_sp": "amazon", "shopify": "shopify", "walmart": "walmart", "tiktok_shop": "tiktok_shop"}


@dataclass(frozen=True)
class Account:
    """An account as raw.accounts has it; ``currency`` and ``time_zone`` are its marketplace's."""

    account_id: str
    platform: str
    currency: str | None
    time_zone: str | None

    @property
    def sells(self) -> bool:
        return self.platform in PLATFORM_OF


def platform_of(account: Account) -> str:
    """The platform as raw.accounts names it."""
    return PLATFORM_OF.get(account.platform, account.platform)


@dataclass
class Load:
    """One good load: rows of a stream for an account, and the days that it covers (both inclusive) if it says so.

    ``wave`` is the build before which it arrives. A load replaces what ``replaces`` says of earlier rows.
    """

    platform: str
    stream: str
    account_id: str
    rows: list[Row]
    window: Window | None = None
    wave: int = 0

    @property
    def table(self) -> str:
        return f"{self.platform}__{self.stream}"


@dataclass
class World:
    """All that one warehouse holds: one business, or many that share nothing but the rates and the company."""

    name: str
    accounts: list[Account] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    def add(self, other: World) -> None:
        self.accounts += other.accounts
        self.loads += other.loads

    def load(self, table: str, account_id: str, rows: list[Row], window: Window | None = None) -> None:
        platform, _, stream = table.partition("__")
        self.loads.append(Load(platform, stream, account_id, rows, window))

    def rows(self, table: str) -> list[tuple[str, Row]]:
        """Account and row of every row that the table holds."""
        return [(load.account_id, row) for load in self._of(table) for row in load.rows]

    def windows(self, table: str) -> list[tuple[str, Window]]:
        return [(load.account_id, load.window) for load in self._of(table) if load.window]

    def _of(self, table: str) -> list[Load]:
        return [load for load in self.loads if load.table == table]

    @property
    def selling(self) -> dict[str, Account]:
        return {account.account_id: account for account in self.accounts if account.sells}

    @property
    def size(self) -> int:
        return sum(len(load.rows) for load in self.loads)
