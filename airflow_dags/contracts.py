"""What a stream's rows look like: columns, key, and how a document replaces what is known.

Pure: no framework, no database. `parsing` makes typed Arrow tables of a contract, `loader` tables of the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

Type = Literal["text", "integer", "bigint", "numeric", "date", "timestamp", "boolean"]
Mode = Literal["window", "changes", "snapshot"]

SQL_TYPES: Mapping[str, str] = {
    "text": "text",
    "integer": "integer",
    "bigint": "bigint",
    "numeric": "numeric",
    "date": "date",
    "timestamp": "timestamptz",
    "boolean": "boolean",
}
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Column:
    """One column of a stream.

    ``sources`` are the names it has in documents (default: its own name); ``required`` says that a document without the
    column is refused as a whole, ``nullable`` that a row may leave it empty. Money is ``numeric`` and exact.
    """

    name: str
    type: Type = "text"
    required: bool = False
    nullable: bool = True
    sources: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.sources or (self.name,)


@dataclass(frozen=True)
class Contract:
    """The agreement on one stream.

    mode ``window``: a document is complete for account and window, so the window is deleted and the rows inserted.
    mode ``changes``: a feed of changed entities; all rows of a ``key`` are replaced together, the newer ``version``
    wins; without a ``version`` a document is complete for each key that it holds, and the later knowledge wins. mode
    ``snapshot``: one state a day; the day (``window_column``) is filled by the loader and replaced as a whole.

    In every mode what was known later wins, whatever the order of arrival (``Extract.known_at``).

    ``unique`` columns identify a row within an account; the first is the window column, or that of the key. ``owned``
    are ids that exist in one account only anywhere, so a row that is stored under another account betrays a misplaced
    file; ``seller_ids`` are the seller's own names (SKUs), which several accounts may share. ``ignored`` are published
    columns that are deliberately not stored (buyers' addresses, figures that derive from others); anything else that is
    unknown is kept in ``_extra`` and reported.
    """

    platform: str
    stream: str
    mode: Mode
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    key: tuple[str, ...] = ()
    version: str | None = None
    window_column: str | None = None
    owned: tuple[str, ...] = ()
    seller_ids: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    report_name: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.title}: a column is named twice")
        for name in (self.platform, self.stream, *names):
            if not _NAME.match(name):
                raise ValueError(f"{self.title}: {name!r} is not a lower snake case name")
        used = {
            *self.unique,
            *self.key,
            *self.owned,
            *self.seller_ids,
            *filter(None, (self.version, self.window_column)),
        }
        if unknown := used - set(names):
            raise ValueError(f"{self.title}: {sorted(unknown)} are not columns")
        if self.mode == "changes" and not self.key:
            raise ValueError(f"{self.title}: mode changes needs a key")
        if self.mode in ("window", "snapshot") and not self.window_column:
            raise ValueError(f"{self.title}: mode {self.mode} needs a window column")
        # A replacement finds its rows by the unique index, which this column begins, behind the account or before it.
        first = self.key[0] if self.mode == "changes" else self.window_column
        if self.unique[:1] != (first,):
            raise ValueError(f"{self.title}: unique must begin with {first}")

    @property
    def title(self) -> str:
        return f"{self.platform}/{self.stream}"

    @property
    def table(self) -> str:
        """The table's name in schema raw."""
        return f"{self.platform}__{self.stream}"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def by_source(self) -> dict[str, Column]:
        """Columns by the normalised names that documents use."""
        return {normalise(source): column for column in self.columns for source in column.names}

    @cached_property
    def ignored_names(self) -> frozenset[str]:
        return frozenset(normalise(name) for name in self.ignored)

    @cached_property
    def index(self) -> tuple[str, ...]:
        """The columns of the unique index. The account comes first, as it narrows the search most; but a key that
        exists in one account only finds its rows alone, and the account before it would be compared for nothing with
        every row that comes in: a tenth of the server's work on a large settlement."""
        if self.mode == "changes" and self.key[0] in self.owned:
            return (*self.unique, "_account_id")
        return ("_account_id", *self.unique)

    @cached_property
    def always_filled(self) -> frozenset[str]:
        """Columns without which a row can't be placed, or that may not be empty."""
        placing = {*self.key, *filter(None, (self.version, self.window_column))}
        return frozenset(placing | {column.name for column in self.columns if not column.nullable})

    def missing_in(self, names: Iterable[str]) -> list[str]:
        """The first source name of each required column that ``names`` lack."""
        present = {normalise(name) for name in names}
        return [
            column.names[0]
            for column in self.columns
            if column.required and not any(normalise(source) in present for source in column.names)
        ]


def normalise(name: str) -> str:
    """Fold the ways in which exports spell a column: case, spaces, hyphens, a byte order mark."""
    return re.sub(r"[\s\-]+", "_", name.strip().lstrip("\ufeff").strip().lower())


@dataclass(frozen=True)
class Window:
    """Days of the marketplace, both inclusive."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"the window ends ({self.end}) before it starts ({self.start})")

    def __str__(self) -> str:
        return f"{self.start}..{self.end}"

    def split(self, days: int) -> list[Window]:
        """Cut into consecutive windows of up to ``days`` days."""
        parts, start = [], self.start
        while start <= self.end:
            end = min(start + timedelta(days=days - 1), self.end)
            parts.append(Window(start, end))
            start = end + timedelta(days=1)
        return parts

    def union(self, other: Window) -> Window:
        return Window(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Scope:
    """The part of a window that a document is complete for: rows whose columns equal ``where`` within ``window``."""

    window: Window
    where: tuple[tuple[str, Any], ...] = ()


class ReadAgain(Exception):  # noqa: N818 (a turn that reading takes, no failure)
    """A document in pieces is not what it was taken for: what came so far doesn't count; iterated over once more, it is
    read in another way, which doesn't raise this."""


@dataclass
class Extract:
    """What a stream read from one or more documents: the cells as text, and what they are complete for.

    ``table`` is an Arrow table of strings under the documents' column names, or gives (such a table, its broken lines)
    piece by piece whenever it is iterated over; then ReadAgain may come once. ``scopes`` may stay empty: then the
    mode's default holds. ``broken`` are lines that could not be split into cells: (row number, reason, text).
    ``known_at`` is the instant at which the source knew this (a report's creation); absent, it is known when it is
    loaded.
    """

    table: Any
    window: Window | None = None
    scopes: list[Scope] = field(default_factory=list)
    marketplace_ids: tuple[str, ...] = ()
    sales_channels: tuple[str, ...] = ()
    currency: str | None = None
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.known_at is not None and self.known_at.tzinfo is None:
            raise ValueError("known_at is an instant: it needs its offset from UTC")
