"""Quantiles against what came: pinball loss, the factors that widen or narrow an interval, shares below. Pure.

Shapes: predictions (..., 3) are p20, p50, p80; actuals (...). NaN is a period that has not come or has no prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from airflow_dags.forecast.series import Floats

QUANTILES = np.array([0.2, 0.5, 0.8])
# So many points count as much as the model's own statement of its width.
PRIOR_POINTS = 20
NARROWEST, WIDEST = 0.2, 5.0


@dataclass(frozen=True)
class Calibration:
    """Of ``points`` periods: the shares of actuals below each quantile, and the mean absolute errors of p50 and of the
    naive forecast (the last known period), each as a share of the series' mean absolute period. None without points."""

    points: int
    below_p20: float | None = None
    below_p50: float | None = None
    below_p80: float | None = None
    error: float | None = None
    naive_error: float | None = None


def pinball(predictions: Floats, actuals: Floats) -> Floats:
    """The mean loss over the three quantiles, per period: least for the true quantiles."""
    distance = actuals[..., None] - predictions
    return np.maximum(QUANTILES * distance, (QUANTILES - 1) * distance).mean(axis=-1)


def width_factors(predictions: Floats, actuals: Floats) -> tuple[float, float]:
    """What to multiply p50 - p20 and p80 - p50 by, so that a fifth of the actuals would have lain outside of each."""
    below = predictions[..., 1] - predictions[..., 0]
    above = predictions[..., 2] - predictions[..., 1]
    distance = actuals - predictions[..., 1]
    return _factor(-distance, below), _factor(distance, above)


def _factor(distance: Floats, width: Floats) -> float:
    usable = np.isfinite(distance) & (width > 0)
    points = int(usable.sum())
    if points == 0:
        return 1.0
    seen = float(np.clip(np.quantile(distance[usable] / width[usable], 0.8), NARROWEST, WIDEST))
    return float(seen ** (points / (points + PRIOR_POINTS)))


def widened(predictions: Floats, factors: tuple[float, float]) -> Floats:
    low, middle, high = predictions[..., 0], predictions[..., 1], predictions[..., 2]
    return np.stack([middle - factors[0] * (middle - low), middle, middle + factors[1] * (high - middle)], axis=-1)


def bounded(predictions: Floats, is_never_negative: Floats) -> Floats:
    """In order, and not below zero for the series (first axis) that never were."""
    ordered = np.sort(predictions, axis=-1)
    floor = np.where(is_never_negative, 0.0, -np.inf).reshape(-1, *(1,) * (ordered.ndim - 1))
    return np.maximum(ordered, floor)


def calibration(predictions: Floats, actuals: Floats, naive: Floats, scale: Floats) -> Calibration:
    """Over all periods that have both; ``naive`` and ``scale`` are per period too."""
    usable = np.isfinite(actuals) & np.isfinite(predictions).all(axis=-1)
    points = int(usable.sum())
    if points == 0:
        return Calibration(0)
    known, told = actuals[usable], predictions[usable]
    # A figure that is met exactly (a constant, a floor of zero) lies half below.
    below = [float(((known < told[:, n]) + 0.5 * (known == told[:, n])).mean()) for n in range(3)]
    size = np.where(scale[usable] > 0, scale[usable], np.nan)
    errors = [np.abs(known - guess) / size for guess in (told[:, 1], naive[usable])]
    means = [float(np.nanmean(error)) if np.isfinite(error).any() else None for error in errors]
    return Calibration(points, *below, *means)
