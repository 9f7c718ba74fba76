"""Arithmetic in which a missing number (None) is never zero.

Numbers are decimals of 80 digits: sums and products of amounts are exact, quotients as good as.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, getcontext

Exact = Decimal
Number = Decimal | None
getcontext().prec = 80


def exact(value: Decimal | int | str | None) -> Number:
    """The exact number of a raw cell."""
    return None if value is None or value == "" else Exact(value)


def total(numbers: Iterable[Number]) -> Number:
    """The sum of those that are there; None where none is."""
    there = [number for number in numbers if number is not None]
    return sum(there, Exact(0)) if there else None


def plus(*numbers: Number) -> Number:
    """The sum, None when any is missing."""
    return None if any(number is None for number in numbers) else sum(numbers, Exact(0))  # type: ignore[arg-type]


def minus(first: Number, *others: Number) -> Number:
    rest = plus(*others)
    return None if first is None or rest is None else first - rest


def times(*numbers: Number) -> Number:
    product = Exact(1)
    for number in numbers:
        if number is None:
            return None
        product *= number
    return product


def over(numerator: Number, denominator: Number) -> Number:
    """The ratio, None where an input is missing or the denominator is zero."""
    return None if numerator is None or not denominator else numerator / denominator
