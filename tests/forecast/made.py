"""Made series whose next values are known in distribution."""

from __future__ import annotations

import numpy as np

NOISE = 8.0


def seasonal(count: int, length: int, season: int, seed: int = 3, amplitude: float = 0.4) -> list[np.ndarray]:
    """``count`` series around 100 with a sine of the season, each shifted, and normal noise of 8."""
    rng = np.random.default_rng(seed)
    time = np.arange(length)
    return [
        100 * (1 + amplitude * np.sin(2 * np.pi * (time + n) / season)) + rng.normal(0, NOISE, length)
        for n in range(count)
    ]


def flat(count: int, length: int, seed: int = 3) -> list[np.ndarray]:
    return seasonal(count, length, 12, seed, amplitude=0.0)
