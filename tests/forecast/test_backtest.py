"""What comes lies below p20, p50 and p80 as often as they say, and a season is seen where two years show it."""

from __future__ import annotations

import numpy as np
import pytest

from airflow_dags.forecast.backtest import forecast
from airflow_dags.forecast.settings import MONTH, WEEK

from .made import flat, seasonal


@pytest.mark.parametrize(
    ("name", "series", "grain"),
    [
        ("five years of months", seasonal(50, 60 + 12, 12), MONTH),
        ("twenty months without a season", flat(60, 20 + 12), MONTH),
        ("two and a half years of weeks", seasonal(40, 130 + 26, 52), WEEK),
        ("forty weeks without a season", flat(40, 40 + 26), WEEK),
    ],
)
def test_calibration_of_the_back_test_and_of_the_forecast_itself(name: str, series: list, grain: object) -> None:
    """The last horizon is held out: the reported calibration and that of what was never shown are near 20/50/80."""
    horizon = grain.horizon
    made = forecast([values[:-horizon] for values in series], grain)
    came = np.stack([values[-horizon:] for values in series])
    assert made.overall.points > 500
    reported = (made.overall.below_p20, made.overall.below_p50, made.overall.below_p80)
    held_out = tuple(float((came < made.predictions[..., n]).mean()) for n in range(3))
    for shares in (reported, held_out):
        assert shares == pytest.approx((0.2, 0.5, 0.8), abs=0.08), name


@pytest.mark.parametrize(("length", "grain"), [(36, MONTH), (120, WEEK)])
def test_a_seasonal_series_beats_the_naive_forecast(length: int, grain: object) -> None:
    made = forecast(seasonal(20, length, grain.season), grain)
    assert made.overall.error < 0.5 * made.overall.naive_error
    assert sum(one.error < one.naive_error for one in made.by_series) >= 0.9 * len(made.by_series)


def test_one_year_is_enough_for_last_years_shape() -> None:
    """18 months: no model can fit a season, last year's months can; the peak of the sine comes again where it was."""
    series = seasonal(30, 18, 12)
    made = forecast(series, MONTH)
    assert set(made.methods) <= {"calendar_naive", "theta", "ets"}
    assert made.methods.count("calendar_naive") > 15
    shape = [values[6:18] for values in series]
    told = [made.predictions[n, :, 1] for n in range(30) if made.methods[n] == "calendar_naive"]
    kept = [shape[n] for n in range(30) if made.methods[n] == "calendar_naive"]
    assert all(np.corrcoef(one, other)[0, 1] > 0.99 for one, other in zip(told, kept, strict=True))


def test_quantiles_are_in_order_and_not_negative_where_the_history_is_not() -> None:
    rng = np.random.default_rng(5)
    never = [np.maximum(0, rng.normal(2, 4, 40)) for _ in range(20)]
    losses = [rng.normal(-2, 4, 40) for _ in range(20)]
    made = forecast([*never, *losses], WEEK)
    low, middle, high = np.moveaxis(made.predictions, -1, 0)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (low[:20] >= 0).all()
    assert (low[20:] < 0).any()


def test_odd_histories_have_a_forecast_or_none_but_never_an_error() -> None:
    odd = [np.zeros(15), np.full(30, 7.0), np.arange(9.0), np.r_[np.zeros(20), 1e9], np.array([1e-9] * 12)]
    made = forecast(odd, MONTH)
    assert made.predictions.shape == (5, 12, 3)
    assert np.isfinite(made.predictions).all()
    assert (made.predictions[0] == 0).all()
    assert made.predictions[1] == pytest.approx(7)
    nothing = forecast([], MONTH)
    assert nothing.overall.points == 0
    assert nothing.overall.below_p20 is None


def test_an_interval_learns_from_the_other_series_of_its_kpi() -> None:
    """A series whose own back-test is short: its interval comes out wider among series that models misjudge."""
    rng = np.random.default_rng(7)
    calm = flat(1, 12)
    wild = [100 + np.cumsum(rng.standard_t(2, 40) * 20) for _ in range(40)]
    alone, among = forecast(calm, MONTH), forecast([*calm, *wild], MONTH)
    assert alone.methods[0] == among.methods[0]

    def width(made: object) -> float:
        return float((made.predictions[0, :, 2] - made.predictions[0, :, 0]).mean())

    assert width(among) != pytest.approx(width(alone), rel=1e-3)
