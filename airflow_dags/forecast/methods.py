"""The models. Each answers p20, p50 and p80 for the periods after a history; all but one are statsforecast's.

Shapes: histories are a list of one-dimensional arrays, an answer is (series, horizon, 3), NaN where a model gave none.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from airflow_dags.forecast.series import Floats
from airflow_dags.forecast.settings import Grain

# 80 % quantile of the standard normal distribution, and the interval between p20 and p80.
Z80 = 0.8416
LEVEL = 60
# Below it a pool of processes costs more than it saves.
SERIES_PER_JOB = 150


def candidates(length: int, grain: Grain) -> tuple[str, ...]:
    """The methods that a history of ``length`` periods allows, the one to prefer without a back-test first."""
    if length >= 2 * grain.season:
        return ("seasonal_ets", "seasonal_theta", "calendar_naive")
    if length >= grain.season:
        return ("calendar_naive", "theta", "ets")
    return ("theta", "ets")


def predict(method: str, series: Sequence[Floats], horizon: int, grain: Grain, jobs: int = 1) -> Floats:
    if not series:
        return np.empty((0, horizon, 3))
    if method == "calendar_naive":
        return np.stack([calendar_naive(values, horizon, grain.season) for values in series])
    return _statsforecast(method, series, horizon, grain, jobs)


def calendar_naive(values: Floats, horizon: int, season: int) -> Floats:
    """The same period a year ago, times the growth of the last quarter of a year over that of the year before.

    The growth is held to 0.5..2 and pulled towards none where few periods say it. The width comes from how much
    neighbouring periods differ, which a season's shape widens rather than narrows; the back-test corrects it.
    """
    pairs = min(len(values) - season, max(1, season // 4))
    growth = 1.0
    if pairs > 0:
        recent, before = values[-pairs:].sum(), values[-pairs - season : len(values) - season].sum()
        if recent > 0 and before > 0:
            growth = float(np.clip(recent / before, 0.5, 2.0)) ** (pairs / (pairs + 0.5))
    last_year = values[-season:]
    middle = np.array([last_year[step % season] for step in range(horizon)]) * growth
    half = Z80 * _noise(values) * np.sqrt(1 + np.arange(horizon) / season)
    return np.stack([middle - half, middle, middle + half], axis=-1)


def _noise(values: Floats) -> float:
    """A robust standard deviation of single periods: neighbours' differences hold the noise twice."""
    return float(1.4826 * np.median(np.abs(np.diff(values))) / np.sqrt(2))


def _statsforecast(method: str, series: Sequence[Floats], horizon: int, grain: Grain, jobs: int) -> Floats:
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS, AutoTheta, Naive

    models = {
        # Additive: business with a season may have zero and negative periods.
        "seasonal_ets": lambda: AutoETS(season_length=grain.season, model="AZA", damped=True, alias="model"),
        "seasonal_theta": lambda: AutoTheta(season_length=grain.season, alias="model"),
        "theta": lambda: AutoTheta(season_length=1, alias="model"),
        "ets": lambda: AutoETS(season_length=1, model="ZZN", damped=True, alias="model"),
    }
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(series)), [len(values) for values in series]),
            "ds": np.concatenate([np.arange(len(values)) for values in series]),
            "y": np.concatenate(series),
        }
    )
    jobs = min(jobs, 1 + len(series) // SERIES_PER_JOB)
    with warnings.catch_warnings():
        # A constant series divides zero by zero in a test for seasons.
        warnings.simplefilter("ignore")
        engine = StatsForecast(models=[models[method]()], freq=1, n_jobs=jobs, fallback_model=Naive(alias="model"))
        answer = engine.forecast(df=frame, h=horizon, level=[LEVEL])
    columns = [f"model-lo-{LEVEL}", "model", f"model-hi-{LEVEL}"]
    return answer[columns].to_numpy(dtype=float).reshape(len(series), horizon, 3)
