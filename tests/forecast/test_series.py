"""A history is the run of settled periods after the last gap; a gap is missing, never zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_dags.forecast.calibration import bounded, calibration, pinball, width_factors
from airflow_dags.forecast.series import Point, days_of, histories, next_period
from airflow_dags.forecast.settings import MONTH, WEEK


def months(entity: str, first: date, values: list, currency: str | None = None) -> list[Point]:
    return [
        Point("sku", entity, next_period(first, MONTH, n), None if value is None else Decimal(value), currency)
        for n, value in enumerate(values)
    ]


def test_a_sum_leaves_its_first_period_out_and_a_ratio_does_not() -> None:
    points = months("sku:a/1", date(2025, 1, 1), list(range(10)))
    (summed,) = histories(points, MONTH, is_additive=True)
    assert summed.values.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert (summed.last_period, summed.entity_kind) == (date(2025, 10, 1), "sku")
    (ratio,) = histories(points, MONTH, is_additive=False)
    assert len(ratio.values) == 10


@pytest.mark.parametrize("gap", ["absent", "no value", "another currency"])
def test_the_run_after_a_gap_counts(gap: str) -> None:
    points = months("sku:a/1", date(2024, 1, 1), list(range(24)), "USD")
    if gap == "absent":
        points.pop(9)
    else:
        points[9] = Point("sku", "sku:a/1", points[9].period_start, None if gap == "no value" else Decimal(1), "EUR")
    (found,) = histories(points, MONTH, is_additive=False)
    assert found.values.tolist() == list(range(10, 24))
    # Eight periods after the gap: too few, whatever lies before it.
    early = [point for point in points if point.period_start < date(2025, 7, 1)]
    assert histories(early, MONTH, is_additive=False) == []


def test_an_entity_that_ended_has_no_forecast() -> None:
    closed = months("sku:a/1", date(2024, 1, 1), [1] * 12)
    alive = months("sku:a/2", date(2024, 1, 1), [1] * 24)
    assert [one.entity_id for one in histories([*closed, *alive], MONTH, is_additive=False)] == ["sku:a/2"]


def test_days_know_leap_years() -> None:
    (found,) = histories(months("sku:a/1", date(2023, 5, 1), [1] * 9), MONTH, is_additive=False)
    # May 2023 to January 2024, then February of a leap year.
    assert days_of(found, MONTH, 2).tolist() == [31, 30, 31, 31, 30, 31, 30, 31, 31, 29, 31]
    assert next_period(date(2024, 12, 30), WEEK) == date(2025, 1, 6)


def test_shares_below_by_hand() -> None:
    told = np.array([[[10.0, 20.0, 30.0]] * 4])
    came = np.array([[5.0, 15.0, 25.0, np.nan]])
    found = calibration(told, came, np.full((1, 4), 20.0), np.full((1, 4), 10.0))
    # 5 alone lies under 10; 5 and 15 under 20; all under 30. p50 is off by 15, 5, 5; so is the naive 20.
    assert (found.points, found.below_p20, found.below_p50, found.below_p80) == (
        3,
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
        1,
    )
    assert found.error == pytest.approx(25 / 3 / 10)
    # The loss of 5: 0.8*5, 0.5*15, 0.2*25 = 16.5, a third of it.
    assert pinball(told[0, 0], np.array(5.0)) == pytest.approx(16.5 / 3)


def test_factors_widen_what_was_too_narrow() -> None:
    rng = np.random.default_rng(1)
    came = rng.normal(0, 10, 4000)
    told = np.stack([np.full(4000, -1.0), np.zeros(4000), np.full(4000, 1.0)], axis=-1)
    # Limited to five times; a statement of the right width stays.
    assert width_factors(told, came) == pytest.approx((5, 5), rel=0.02)
    assert width_factors(told * 8.416, came) == pytest.approx((1, 1), abs=0.06)
    assert width_factors(told, np.full(4000, np.nan)) == (1, 1)


@given(
    st.lists(st.tuples(*[st.floats(-1e9, 1e9)] * 3), min_size=1, max_size=8),
    st.booleans(),
)
def test_bounded_is_ordered_and_keeps_the_floor(rows: list[tuple[float, float, float]], is_positive: bool) -> None:
    told = bounded(np.array([rows]), np.array([is_positive]))
    assert (np.diff(told, axis=-1) >= 0).all()
    assert not is_positive or (told >= 0).all()
