"""From measures of periods to KPI values: formulas on measures, as PLATFORMS and the KPIs' descriptions state them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tests.oracle.coverage import Coverage
from tests.oracle.engine import Place, Source, Sums
from tests.oracle.missing import Exact, Number, over
from tests.oracle.periods import end_of

BUSINESS = ("company", "platform", "account", "category", "sku", "team", "person")
ACCOUNTS = ("company", "platform", "account")
ADS = (*BUSINESS, "campaign", "ad_group")
Key = tuple[str, str, str, date]


class Expected(NamedTuple):
    """What kpi_values should say of one KPI, entity and period."""

    numerator: Number
    denominator: Number
    value: Number
    currency: str | None


class Measures:
    """The measures of one place, by name."""

    def __init__(self, sums: Sums, place: Place, sources: dict[str, Source], coverage: Coverage) -> None:
        self.sums, self.place, self.sources, self.coverage = sums, place, sources, coverage

    def __getitem__(self, name: str) -> Number:
        return self.sums.numbers.get((name, self.place))

    def zero(self, name: str) -> Number:
        """The measure of what may just not have happened: 0 where its source covers the entity in the period, and no
        number at all, whatever rows there are, where it doesn't. Money of an unknown rate stays unknown."""
        source = self.sources[name]
        if not self.coverage.covers(source.name, self.place):
            return None
        if self.place in self.sums.broken[source.name] and source.measures[name].endswith("money"):
            return None
        number = self[name]
        return Exact(0) if number is None else number

    def covered_days(self, source: str) -> Number:
        """Days of the period up to the last one that a source covers for the entity."""
        span = self.coverage.of_entity(source, self.place)
        if span is None:
            return None
        last = min(end_of(self.place.grain, self.place.start), span.last)
        return Exact((last - self.place.start).days + 1) if last >= self.place.start else None


Formula = Callable[[Measures], Number]


@dataclass(frozen=True)
class Kpi:
    """A KPI: its entity kinds, formulas above and below the line, and the measures that make it have a row."""

    kpi_id: str
    kinds: tuple[str, ...]
    inputs: tuple[str, ...]
    above: Formula
    below: Formula | None = None
    is_money: bool = False
    # Whether there is a row at all, where that isn't said by the inputs alone.
    exists: Callable[[Measures], bool] | None = None

    def expect(self, measures: Measures) -> tuple[Number, Number, Number]:
        numerator = self.above(measures)
        if self.below is None:
            return numerator, None, numerator
        denominator = self.below(measures)
        return numerator, denominator, over(numerator, denominator)


def simple(kpi_id: str, kinds: tuple[str, ...], measure: str, *, money: bool = False) -> Kpi:
    return Kpi(kpi_id, kinds, (measure,), lambda m: m[measure], None, money)


def ratio(kpi_id: str, kinds: tuple[str, ...], above: str, below: str, *, money: bool = False) -> Kpi:
    return Kpi(kpi_id, kinds, (above, below), lambda m: m[above], lambda m: m[below], money)


def expected_values(
    sums: Sums, sources: Iterable[Source], kpis: Iterable[Kpi], coverage: Coverage
) -> dict[Key, Expected]:
    """Every row that kpi_values should have."""
    by_measure = {name: source for source in sources for name in source.measures}
    found: dict[Key, Expected] = {}
    cached: dict[Place, Measures] = {}
    for kpi in kpis:
        places = set().union(
            *(sums.places.get(source, set()) for source in {by_measure[name].name for name in kpi.inputs})
        )
        for place in places:
            if place.kind not in kpi.kinds:
                continue
            if all(sums.numbers.get((name, place)) is None for name in kpi.inputs):
                continue
            measures = cached.get(place)
            if measures is None:
                measures = cached[place] = Measures(sums, place, by_measure, coverage)
            if kpi.exists and not kpi.exists(measures):
                continue
            currency = sums.currencies[place.entity] if kpi.is_money else None
            found[kpi.kpi_id, place.entity, place.grain, place.start] = Expected(*kpi.expect(measures), currency)
    return found


__all__ = ["ACCOUNTS", "ADS", "BUSINESS", "Expected", "Kpi", "expected_values", "ratio", "simple"]
