"""Sums of measures by entity, and the KPIs that are made of them: what all domains of the truth share.

A domain is a module with `add(book, business, month)`, which writes its measures into the book, and `KPIS`, which says
what is made of them. Money is exact, in the currency of the entity: that of the account for everything inside one,
US dollars, at the day's rate, for company, platform, team and person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.calendar import add_months
from airflow_dags.sandbox.business.catalogue import CURRENCY
from airflow_dags.sandbox.kpi_truth.entities import Entity

CONSOLIDATED = frozenset({"company", "platform", "team", "person"})
ONE, ZERO = Decimal(1), Decimal(0)
Sums = dict[Entity, dict[str, Decimal]]


def money(cents: int) -> Decimal:
    """Whole cents as an amount."""
    return Decimal(cents).scaleb(-2)


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a calendar month up to the last one that counts, seen at a revision of the business."""

    first: date
    last: date
    revision: int

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def month_of(business: Business, first: date, revision: int, through: date | None = None) -> Month:
    end = add_months(first, 1) - timedelta(days=1)
    return Month(first, min(end, business.last_day, through or end), revision)


class Book:
    """Sums of one month."""

    def __init__(self, seed: int) -> None:
        self.sums: Sums = {}
        self._seed = seed
        self._rates: dict[tuple[str, date], Decimal] = {}

    def rate(self, currency: str, day: date) -> Decimal:
        """US dollars for one unit of the currency on the day, as the ERP publishes it."""
        if currency == CURRENCY:
            return ONE
        key = (currency, day)
        if key not in self._rates:
            self._rates[key] = erp_records.fx_rate(self._seed, day, currency)
        return self._rates[key]

    def count(self, entities: Iterable[Entity], **counts: int | Decimal) -> None:
        """Adds what has no currency."""
        for entity in entities:
            measures = self.sums.setdefault(entity, {})
            for name, number in counts.items():
                measures[name] = measures.get(name, ZERO) + number

    def pay(self, entities: Iterable[Entity], currency: str, day: date, **amounts: Decimal) -> None:
        """Adds amounts of the account's currency, at the day's rate where the entity is a consolidated one."""
        rate = self.rate(currency, day)
        for entity in entities:
            measures = self.sums.setdefault(entity, {})
            for name, amount in amounts.items():
                own = amount * rate if entity[0] in CONSOLIDATED else amount
                measures[name] = measures.get(name, ZERO) + own


class Numbers:
    """One entity's measures: `numbers["gmv"]` is None where there are none, `zero` takes that for 0.

    Zero is right where the business knows that nothing happened: the sandbox's sources reach every day.
    """

    def __init__(self, measures: Mapping[str, Decimal]) -> None:
        self._measures = measures

    def __getitem__(self, name: str) -> Decimal | None:
        return self._measures.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._measures

    def zero(self, name: str) -> Decimal:
        return self._measures.get(name, ZERO)

    def less(self, name: str, *others: str) -> Decimal | None:
        """A measure less others; None where one is missing."""
        parts = [self._measures.get(each) for each in (name, *others)]
        if any(part is None for part in parts):
            return None
        first, *rest = (part for part in parts if part is not None)
        return first - sum(rest, ZERO)


Formula = Callable[[Numbers], Decimal | None]


def of(name: str) -> Formula:
    return lambda numbers: numbers[name]


def zero(name: str) -> Formula:
    return lambda numbers: numbers.zero(name)


@dataclass(frozen=True, slots=True)
class Kpi:
    """`inputs`: measures of which an entity needs at least one to have the KPI; no denominator: a sum."""

    inputs: tuple[str, ...]
    numerator: Formula
    denominator: Formula | None = None


def summed(name: str) -> Kpi:
    return Kpi((name,), of(name))


def ratio(numerator: str, denominator: str) -> Kpi:
    return Kpi((numerator, denominator), of(numerator), of(denominator))


@dataclass(frozen=True, slots=True)
class TruthRow:
    kpi_id: str
    entity_kind: str
    entity_id: str
    period_start: date
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None

    def as_dict(self) -> dict[str, str | None]:
        numbers = {"numerator": self.numerator, "denominator": self.denominator, "value": self.value}
        return {
            "kpi_id": self.kpi_id,
            "entity_kind": self.entity_kind,
            "entity_id": self.entity_id,
            "grain": "month",
            "period_start": self.period_start.isoformat(),
            **{name: None if number is None else f"{number:f}" for name, number in numbers.items()},
        }


def rows_of(sums: Sums, kpis: Mapping[str, Kpi], period_start: date) -> Iterator[TruthRow]:
    """Every KPI of every entity that has a measure of it."""
    for (kind, entity_id), measures in sums.items():
        numbers = Numbers(measures)
        for kpi_id, kpi in kpis.items():
            if any(name in numbers for name in kpi.inputs):
                numerator = kpi.numerator(numbers)
                denominator = kpi.denominator(numbers) if kpi.denominator else None
                value = numerator
                if kpi.denominator:
                    value = numerator / denominator if numerator is not None and denominator else None
                yield TruthRow(kpi_id, kind, entity_id, period_start, numerator, denominator, value)
