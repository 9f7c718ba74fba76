"""Plays the past again: what would have been forecast at earlier origins, against what came.

At each origin the whole procedure runs on what was known then: models see the history up to it; the choice of
a model and the widths of its interval see only the periods of earlier origins that had come by then. So the reported
calibration is honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from airflow_dags.forecast.calibration import Calibration, bounded, calibration, pinball, widened, width_factors
from airflow_dags.forecast.methods import candidates, predict
from airflow_dags.forecast.series import Floats
from airflow_dags.forecast.settings import Grain


@dataclass
class Forecasts:
    """``predictions`` (series, horizon, 3) after the histories, their methods, the back-test of each and of all."""

    predictions: Floats
    methods: list[str]
    by_series: list[Calibration]
    overall: Calibration


@dataclass
class _Origin:
    """``cut`` periods before the end: predictions by method (series, cut, 3) and what came (series, cut)."""

    cut: int
    actuals: Floats
    predictions: dict[str, Floats] = field(default_factory=dict)


def forecast(series: Sequence[Floats], grain: Grain, jobs: int = 1) -> Forecasts:
    """Forecasts of the series of one KPI, whose back-tests are pooled to learn how wide the intervals have to be."""
    positive = np.array([bool((values >= 0).all()) for values in series])
    origins = [_origin(series, cut, grain, jobs) for cut in grain.cuts]
    tested = [_tested(series, origin, origins, grain, positive) for origin in origins]
    final = _predictions(series, 0, grain.horizon, grain, jobs)
    methods, told = _chosen(series, 0, final, origins, grain)
    told = bounded(told, positive)
    # A model that gave nothing even with its fallback leaves the series without a forecast, never with a zero.
    by_series = [calibration(*[_joined(tested, part, n) for part in range(4)]) for n in range(len(series))]
    overall = calibration(*[_joined(tested, part, slice(None)) for part in range(4)])
    return Forecasts(told, methods, by_series, overall)


def _origin(series: Sequence[Floats], cut: int, grain: Grain, jobs: int) -> _Origin:
    steps = min(cut, grain.horizon)
    actuals = np.full((len(series), steps), np.nan)
    for n, values in enumerate(series):
        if _is_long_enough(len(values) - cut, grain):
            actuals[n] = values[len(values) - cut : len(values) - cut + steps]
    return _Origin(cut, actuals, _predictions(series, cut, steps, grain, jobs))


def _is_long_enough(length: int, grain: Grain) -> bool:
    """A back-test makes do with two thirds of what a forecast needs, so that short histories have one at all."""
    return 3 * length >= 2 * grain.minimum


def _predictions(series: Sequence[Floats], cut: int, steps: int, grain: Grain, jobs: int) -> dict[str, Floats]:
    by_method: dict[str, list[int]] = {}
    for n, values in enumerate(series):
        known = len(values) - cut
        if _is_long_enough(known, grain):
            for method in candidates(known, grain):
                by_method.setdefault(method, []).append(n)
    answer = {}
    for method, places in by_method.items():
        told = np.full((len(series), steps, 3), np.nan)
        told[places] = predict(method, [series[n][: len(series[n]) - cut] for n in places], steps, grain, jobs)
        answer[method] = told
    return answer


def _known(origin: _Origin, cut: int) -> Floats:
    """What came of an earlier origin's periods by the time of the origin at ``cut``; NaN from there on."""
    seen = origin.actuals.copy()
    seen[:, max(0, origin.cut - cut) :] = np.nan
    return seen


def _chosen(
    series: Sequence[Floats], cut: int, told: dict[str, Floats], origins: list[_Origin], grain: Grain
) -> tuple[list[str], Floats]:
    """For each series the method with the least loss so far (else the first one), its interval widened."""
    earlier = [origin for origin in origins if origin.cut > cut]
    losses = {method: _losses(method, earlier, cut, len(series)) for method in told}
    factors = {method: _factors(method, earlier, cut) for method in told}
    some = next(iter(told.values()), None)
    steps = some.shape[1] if some is not None else 0
    best, chosen = [], np.full((len(series), steps, 3), np.nan)
    for n, values in enumerate(series):
        allowed = [m for m in candidates(len(values) - cut, grain) if m in told and np.isfinite(told[m][n]).all()]
        if not allowed:
            best.append("")
            continue
        # Compared on the same periods or not at all: a method that could not be tested as far is not better for it.
        fit = {m: losses[m][n] for m in allowed if losses[m][n][1] == losses[allowed[0]][n][1] > 0}
        method = min(fit, key=lambda name: fit[name][0]) if len(fit) > 1 else allowed[0]
        best.append(method)
        chosen[n] = widened(told[method][n], factors[method])
    return best, chosen


def _losses(method: str, origins: list[_Origin], cut: int, count: int) -> list[tuple[float, int]]:
    """Per series the summed loss and the number of periods behind it."""
    total, points = np.zeros(count), np.zeros(count, dtype=int)
    for origin in origins:
        if method in origin.predictions:
            loss = pinball(origin.predictions[method], _known(origin, cut))
            total += np.nansum(loss, axis=1)
            points += np.isfinite(loss).sum(axis=1)
    return list(zip(total.tolist(), points.tolist(), strict=True))


def _factors(method: str, origins: list[_Origin], cut: int) -> tuple[float, float]:
    parts = [(o.predictions[method].reshape(-1, 3), _known(o, cut).ravel()) for o in origins if method in o.predictions]
    if not parts:
        return 1.0, 1.0
    return width_factors(np.concatenate([told for told, _ in parts]), np.concatenate([came for _, came in parts]))


def _tested(
    series: Sequence[Floats], origin: _Origin, origins: list[_Origin], grain: Grain, positive: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Of one origin: predictions, actuals, the naive forecast, and the series' size, each (series, periods)."""
    _, told = _chosen(series, origin.cut, origin.predictions, origins, grain)
    if not told.shape[1]:
        told = np.full((*origin.actuals.shape, 3), np.nan)
    naive, scale = np.full(origin.actuals.shape, np.nan), np.full(origin.actuals.shape, np.nan)
    for n, values in enumerate(series):
        known = values[: len(values) - origin.cut]
        if len(known):
            naive[n], scale[n] = known[-1], np.abs(known).mean()
    return bounded(told, positive), origin.actuals, naive, scale


def _joined(tested: list[tuple[Floats, Floats, Floats, Floats]], part: int, which: int | slice) -> Floats:
    pieces = [one[part][which] for one in tested]
    shape = (-1, 3) if part == 0 else (-1,)
    return np.concatenate([piece.reshape(shape) for piece in pieces])
