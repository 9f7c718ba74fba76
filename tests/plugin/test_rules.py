"""The pure rules of targets: numbers, periods and the order of values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superset_kpi_plugin.targets.rules import (
    GRAINS,
    VALUE_FIELDS,
    Kpi,
    exact_number,
    first_day,
    order_problems,
    value_problems,
)

MONEY = st.decimals(min_value=-(10**17), max_value=10**17, places=6, allow_nan=False, allow_infinity=False)


def values(**given_values: str) -> dict[str, Decimal | None]:
    return {name: Decimal(given_values[name]) if name in given_values else None for name in VALUE_FIELDS}


@given(MONEY)
def test_a_number_survives_exactly_whether_text_or_json(number: Decimal) -> None:
    assert exact_number(format(number, "f")) == number
    assert exact_number(number) == number


@pytest.mark.parametrize("text", ["1e5", "0x1", "1_000", " ", "--1", "1.2.3", "inf", "NaN", "٣", "1 000", "1,5", "$5"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Must be"):
        exact_number(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0012.50", "12.5"), (".5", "0.5"), ("5.", "5"), ("-0", "0"), (" 7 ", "7"), ("+3", "3"), ("", None)],
)
def test_ways_to_write_a_number(text: str, number: str | None) -> None:
    assert exact_number(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("digits", "is_good"), [("9" * 18, True), ("9" * 19, False), ("0.000001", True), ("0.0000001", False)]
)
def test_digits_are_limited_to_what_the_column_holds(digits: str, is_good: bool) -> None:
    if is_good:
        assert exact_number(digits) == Decimal(digits)
    else:
        with pytest.raises(ValueError, match="too many digits"):
            exact_number(digits)


@given(st.sampled_from(GRAINS), st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_the_first_day_is_a_fixed_point_at_or_before_the_day(grain: str, day: date) -> None:
    first = first_day(grain, day)
    assert first_day(grain, first) == first
    assert timedelta(0) <= day - first < timedelta(days=366)


@pytest.mark.parametrize(
    ("grain", "day", "first"),
    [
        ("week", date(2026, 11, 22), date(2026, 11, 16)),  # a Sunday belongs to the week that began on Monday
        ("week", date(2027, 1, 1), date(2026, 12, 28)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1)),
        ("quarter", date(2026, 3, 31), date(2026, 1, 1)),
        ("year", date(2024, 2, 29), date(2024, 1, 1)),
        ("month", date(2024, 2, 29), date(2024, 2, 1)),
    ],
)
def test_first_days_by_hand(grain: str, day: date, first: date) -> None:
    assert first_day(grain, day) == first


@given(st.lists(st.integers(-(10**6), 10**6), min_size=5, max_size=5))
def test_sorted_values_are_in_order_and_mirrored_ones_too(numbers: list[int]) -> None:
    breach, warn, target, stretch = (Decimal(number) for number in sorted(numbers)[:4])
    good = {"breach_limit": breach, "warn_limit": warn, "floor_value": warn, "target_value": target}
    rising = {**values(), **good, "stretch_value": stretch}
    assert order_problems(0, "higher", rising) == []
    falling = {name: None if number is None else -number for name, number in rising.items()}
    assert order_problems(0, "lower", falling) == []
    assert order_problems(0, "band", falling) == []


def test_each_broken_order_is_told_once() -> None:
    wrong = values(target_value="100", floor_value="110", stretch_value="90", warn_limit="120", breach_limit="130")
    found = {(problem.field, problem.message) for problem in order_problems(0, "higher", wrong)}
    assert {field for field, _ in found} == {"floor_value", "stretch_value", "warn_limit"}
    assert order_problems(0, "lower", values(target_value="0.2", warn_limit="0.25", breach_limit="0.3")) == []


def test_signs_depend_on_the_unit() -> None:
    def kpi(unit: str) -> Kpi:
        return Kpi("x", unit, "higher", frozenset({"account"}))

    assert value_problems(0, kpi("money"), values(target_value="-5")) == []
    assert [item.field for item in value_problems(0, kpi("count"), values(target_value="-5"))] == ["target_value"]
