"""How far a source reaches: by its rows and by the windows of its loads, for accounts and for entities.

A KPI's input that may just not have happened (a refund, a fee, an ad) counts 0 where its source covers the entity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from tests.oracle.books import Books
from tests.oracle.engine import Place, Source

INACTIVE_DAYS = 30


def served_by(books: Books) -> dict[str, set[str]]:
    """Selling accounts by helpdesk."""
    from tests.oracle.oracle_service import contacts

    served: dict[str, set[str]] = defaultdict(set)
    for fact in contacts(books):
        served[fact.extra["desk"]].add(fact.account)
    return served


class Span(NamedTuple):
    first: date
    last: date


class Coverage:
    """Spans by source; nothing is covered beyond the account's yesterday."""

    def __init__(self, books: Books, sources: Iterable[Source]) -> None:
        self.books = books
        self.yesterday = {
            account: books.day(account, books.as_of) - timedelta(days=1) for account in books.world.selling
        }
        self.spans: dict[str, dict[str, Span]] = {}
        self.accounts: dict[str, set[str]] = defaultdict(set)
        for source in sources:
            self.spans[source.name] = self._of_source(source)
        self._entities: dict[tuple[str, str], Span | None] = {}

    def _of_source(self, source: Source) -> dict[str, Span]:
        """By rows and by loads; of several streams the one that lags counts, unless it ended long ago."""
        days: dict[str, list[date]] = defaultdict(list)
        for fact in source.of(self.books):
            days[fact.account].append(fact.day)
            if fact.sku is not None:
                self._remember_owners(fact.account, fact.sku)
        for account, day in source.days(self.books) if source.days else ():
            days[account].append(day)
        loaded: dict[str, dict[str, Span]] = defaultdict(dict)
        for stream in source.streams:
            for account, (first, last) in self._windows(stream):
                known = loaded[account].get(stream, Span(first, last))
                loaded[account][stream] = Span(min(first, known.first), max(last, known.last))
        spans = {}
        for account in self.books.world.selling:
            known_days, streams = sorted(days[account]), list(loaded[account].values())
            latest = max((span.last for span in streams), default=date.min)
            streams = [span for span in streams if (latest - span.last).days <= INACTIVE_DAYS]
            begins = [*known_days[:1], *([max(span.first for span in streams)] if streams else [])]
            ends = [
                *(known_days[-1:] if len(streams) < 2 else []),
                *([min(span.last for span in streams)] if streams else []),
            ]
            if begins:
                spans[account] = Span(min(begins), min(max(ends), self.yesterday[account]))
        return spans

    def _windows(self, stream: str) -> Iterator[tuple[str, Span]]:
        """Loads' windows by selling account; a helpdesk's loads cover the accounts whose customers ever wrote to it."""
        for account, window in self.books.world.windows(stream):
            if stream.startswith("zendesk"):
                for served in self.books.once(served_by).get(account, ()):
                    yield served, Span(*window)
            else:
                yield account, Span(*window)

    def _remember_owners(self, account: str, sku: str) -> None:
        """The accounts of the SKUs that a person ever owned, and those of a team's people."""
        for owner in self.books.once(Books.owners_ever, account, sku):
            if owner.team:
                self.accounts[f"team:{owner.team}"].add(account)
            if owner.person:
                self.accounts[f"person:{owner.person}"].add(account)

    def covers(self, source: str, place: Place) -> bool:
        span, sales = self.of_entity(source, place), self.of_entity("sales", place)
        if span is None:
            return False
        begin = max(place.start, sales.first) if sales else place.start
        return span.first <= begin and span.last >= place.start

    def of_entity(self, source: str, place: Place) -> Span | None:
        """What the source covers in all of the entity's active accounts."""
        key = source, place.entity
        if key not in self._entities:
            self._entities[key] = self._of_entity(source, self.accounts_of(place))
        return self._entities[key]

    def _of_entity(self, source: str, accounts: set[str]) -> Span | None:
        """None where an account that sells has nothing of the source: what is missing there is unknown."""
        active = self._active(source, accounts)
        if not active or self._active("sales", accounts).keys() - active.keys():
            return None
        return Span(max(span.first for span in active.values()), min(span.last for span in active.values()))

    def _active(self, source: str, accounts: set[str]) -> dict[str, Span]:
        """The accounts whose data of the source didn't end long before the others'."""
        spans = {account: self.spans[source][account] for account in accounts if account in self.spans[source]}
        latest = max((span.last for span in spans.values()), default=date.min)
        return {account: span for account, span in spans.items() if (latest - span.last).days <= INACTIVE_DAYS}

    def accounts_of(self, place: Place) -> set[str]:
        everyone = set(self.books.world.selling)
        if place.kind == "company":
            return everyone
        name = place.entity.split(":", 1)[1]
        if place.kind == "platform":
            return {account for account in everyone if self.books.platform(account) == name}
        if place.kind in ("person", "team"):
            return self.accounts.get(place.entity) or everyone
        return {name.split("/", 1)[0]}
