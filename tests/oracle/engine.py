"""From facts to measures of periods: sums, distinct counts, levels, percentiles, by entity, grain and period.

What the measures mean is the domains' (oracle_*.py). Nothing here is rounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from tests.oracle.books import Books
from tests.oracle.facts import Fact, currency_of, entities_of
from tests.oracle.missing import Exact, Number, over
from tests.oracle.periods import GRAINS, start_of


@dataclass(frozen=True)
class Source:
    """A source of measures: how its facts come from a world, and how each of its measures adds up.

    ``measures``: name -> ``sum``, ``money``, ``distinct``, ``level``, ``level_money``, ``mean_money`` (over days with
    rows, account by account) or ``p<percent>``. ``streams``: the raw tables whose loads cover it; ``days``: accounts'
    days that it covers besides.
    """

    name: str
    facts: Callable[[Books], Iterable[Fact]]
    measures: dict[str, str]
    streams: tuple[str, ...] = ()
    days: Callable[[Books], Iterable[tuple[str, date]]] | None = None

    @property
    def levels(self) -> list[str]:
        return [name for name, how in self.measures.items() if how.startswith("level")]

    def of(self, books: Books) -> list[Fact]:
        """All facts of the source."""
        return books.once(_facts, self.facts)


def _facts(books: Books, make: Callable[[Books], Iterable[Fact]]) -> list[Fact]:
    return list(make(books))


class Place(NamedTuple):
    """An entity in a period."""

    kind: str
    entity: str
    grain: str
    start: date


@dataclass
class Sums:
    """All measures of all sources by place; a place is in ``places[source]`` when the source has a row there."""

    places: dict[str, set[Place]] = field(default_factory=dict)
    numbers: dict[tuple[str, Place], Number] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    # Places with a row whose amounts could not be converted, by source: none of the money there is known.
    broken: dict[str, set[Place]] = field(default_factory=dict)


class Sum:
    """A sum of what is there."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number: Number = None

    def add(self, number: Number) -> None:
        if number is not None:
            self.number = number if self.number is None else self.number + number


def measure(books: Books, sources: Iterable[Source]) -> Sums:
    """Every measure of every source, by entity, grain and period."""
    sums = Sums()
    for source in sources:
        _Source(books, source, sums).add_up()
    return sums


Holder = tuple[str, str]


def _holder(fact: Fact) -> Holder:
    """Whose last day counts for a level: the account's, or that of the entity that a row names for an account."""
    return fact.account, fact.entity[1] if fact.entity else ""


Day = tuple[str, str, str, date]  # measure, kind, entity, day


class _Source:
    """Adds up one source's facts: first by day, then the days of each period."""

    def __init__(self, books: Books, source: Source, sums: Sums) -> None:
        self.books, self.source, self.sums = books, source, sums
        self.daily: dict[Day, Sum] = defaultdict(Sum)
        self.distinct: dict[Day, set[Any]] = defaultdict(set)
        self.rows: dict[tuple[str, Place], list[Exact]] = defaultdict(list)
        self.levels: dict[tuple[str, Place], dict[Holder, dict[date, Sum]]] = defaultdict(dict)
        self.means: dict[tuple[str, Place], dict[str, tuple[Sum, set[date]]]] = defaultdict(dict)
        # The last day with rows of each account (or stated entity) in each period: a level is that day's.
        self.last: dict[tuple[Holder, str, date], date] = {}
        self.broken: set[Place] = set()

    def add_up(self) -> None:
        places = self.sums.places[self.source.name] = set()
        has_money = any(how.endswith("money") for how in self.source.measures.values())
        for fact in self.source.of(self.books):
            if any(fact.measures.get(name) is not None for name in self.source.levels):
                for grain in GRAINS:
                    key = (_holder(fact), grain, start_of(grain, fact.day))
                    self.last[key] = max(fact.day, self.last.get(key, fact.day))
            for kind, entity in entities_of(fact, self.books):
                currency = currency_of(kind, entity, fact, self.books)
                self.sums.currencies[entity] = currency
                periods = [Place(kind, entity, grain, start_of(grain, fact.day)) for grain in GRAINS]
                places.update(periods)
                factor = (
                    self.books.factor(fact.currency or self.books.currency(fact.account), currency, fact.day)
                    if has_money
                    else None
                )
                if has_money and factor is None:
                    self.broken.update(periods)
                self._add(fact, kind, entity, periods, factor)
        self._finish()

    def _add(self, fact: Fact, kind: str, entity: str, periods: list[Place], factor: Number) -> None:
        for name, how in self.source.measures.items():
            value = fact.measures.get(name)
            if how == "distinct":
                self.distinct[name, kind, entity, fact.day].update(() if value is None else (value,))
                continue
            if value is not None and how.endswith("money"):
                value = None if factor is None else value * factor
            if how in ("sum", "money"):
                self.daily[name, kind, entity, fact.day].add(value)
            elif how == "mean_money":
                for place in periods:
                    amounts, days_with_rows = self.means[name, place].setdefault(fact.account, (Sum(), set()))
                    amounts.add(value)
                    days_with_rows.add(fact.day)
            elif how.startswith("level"):
                for place in periods:
                    days = self.levels[name, place].setdefault(_holder(fact), {})
                    days.setdefault(fact.day, Sum()).add(value)
            elif value is not None:
                for place in periods:
                    self.rows[name, place].append(value)

    def _finish(self) -> None:
        totals: dict[tuple[str, Place], Sum] = defaultdict(Sum)
        for (name, kind, entity, day), item in self.daily.items():
            for grain in GRAINS:
                totals[name, Place(kind, entity, grain, start_of(grain, day))].add(item.number)
        for (name, kind, entity, day), things in self.distinct.items():
            for grain in GRAINS:
                totals[name, Place(kind, entity, grain, start_of(grain, day))].add(Exact(len(things)))
        for (name, place), holders in self.levels.items():
            for holder, days in holders.items():
                last = self.last.get((holder, place.grain, place.start))
                totals[name, place].add(days[last].number if last in days else None)
        for (name, place), accounts in self.means.items():
            for amounts, days_with_rows in accounts.values():
                totals[name, place].add(over(amounts.number, Exact(len(days_with_rows))))
        self.sums.broken[self.source.name] = self.broken
        numbers = self.sums.numbers
        for (name, place), total in totals.items():
            unknown = place in self.broken and self.source.measures[name].endswith("money")
            numbers[name, place] = None if unknown else total.number
        for (name, place), values in self.rows.items():
            numbers[name, place] = _of_rows(self.source.measures[name], values)


def _of_rows(how: str, values: list[Exact]) -> Number:
    return percentile(values, Exact(int(how[1:])) / 100)


def percentile(values: list[Exact], share: Exact) -> Exact:
    """The continuous percentile: linear between the two values next to rank share x (n - 1)."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)
