"""Compares what kpi_values says with what the oracle expects."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.exempt import EXEMPT
from tests.oracle.kpis import Expected, Key
from tests.oracle.missing import Exact
from tests.oracle.warehouse import Value

# numeric division keeps at least 16 significant digits; sums of money without a conversion are exact.
MONEY = Exact("1e-9")
RATIO = Exact("1e-9")
ZERO = Exact(0)


@dataclass
class Comparison:
    """What was compared, the biggest differences, and the keys that differ with both sides; the KPIs with a value."""

    compared: int = 0
    money: Exact = ZERO
    ratio: Exact = ZERO
    differences: list[tuple[Key, str, Any, Any]] = field(default_factory=list)
    kpis: set[str] = field(default_factory=set)

    def add(self, other: Comparison) -> None:
        self.compared += other.compared
        self.money, self.ratio = max(self.money, other.money), max(self.ratio, other.ratio)
        self.differences += other.differences
        self.kpis |= other.kpis

    @property
    def by_kpi(self) -> Counter[tuple[str, str]]:
        return Counter((key[0], what) for key, what, _, _ in self.differences)

    def __str__(self) -> str:
        return (
            f"{self.compared} values compared, {len(self.differences)} different; biggest difference of money "
            f"{float(self.money):.1e}, of ratios and counts {float(self.ratio):.1e}"
        )


def compare(expected: dict[Key, Expected], found: dict[Key, Value]) -> Comparison:
    """Every value on both sides, but for the KPIs that are exempt."""
    result = Comparison()
    for key, wanted in expected.items():
        row = found.get(key)
        if row is None:
            result.differences.append((key, "no row", wanted, None))
            continue
        result.compared += 1
        result.kpis.add(key[0])
        _row(key, wanted, row, result)
    for key in found.keys() - expected.keys():
        if key[0] not in EXEMPT:
            result.differences.append((key, "unexpected row", None, found[key]))
    return result


def _row(key: Key, wanted: Expected, row: Value, result: Comparison) -> None:
    if wanted.currency != row.currency:
        result.differences.append((key, "currency", wanted.currency, row.currency))
    is_money = wanted.currency is not None and wanted.denominator is None
    for what in ("numerator", "denominator", "value"):
        number, cell = getattr(wanted, what), getattr(row, what)
        if number is None or cell is None:
            if not (number is None and cell is None):
                result.differences.append((key, what, number, cell))
            continue
        difference = abs(Exact(cell) - number)
        if is_money:
            result.money = max(result.money, difference)
        else:
            difference /= max(abs(number), 1)
            result.ratio = max(result.ratio, difference)
        if difference > (MONEY if is_money else RATIO):
            result.differences.append((key, what, +number, cell))
