"""What a site may set about forecasts (environment), and what a forecast of each grain is."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from airflow_dags.errors import ConfigurationError

KINDS = ("company", "platform", "account", "category", "team", "person", "sku")


@dataclass(frozen=True)
class Grain:
    """Lengths are in periods. ``cuts``: the back-test's origins, that far before the end of the history."""

    name: str
    season: int
    horizon: int
    minimum: int
    cuts: tuple[int, ...]


MONTH = Grain("month", season=12, horizon=12, minimum=9, cuts=(12, 9, 6, 3))
WEEK = Grain("week", season=52, horizon=26, minimum=26, cuts=(26, 19, 13, 6))
GRAINS = (MONTH, WEEK)


@dataclass(frozen=True)
class Settings:
    """``seconds``: after it no further KPI is begun. ``series``: at most so many of a KPI and grain, the largest."""

    seconds: float = 900
    series: int = 100
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    hours: float = 20
    kinds: tuple[str, ...] = KINDS

    @staticmethod
    def of_environment() -> Settings:
        """KPI_FORECAST_SECONDS, _SERIES, _JOBS (0: a process for each core), _HOURS, _KINDS (separated by commas)."""
        kinds = tuple(kind.strip() for kind in os.environ.get("KPI_FORECAST_KINDS", "").split(",") if kind.strip())
        return Settings(
            seconds=_number("KPI_FORECAST_SECONDS", 900),
            series=int(_number("KPI_FORECAST_SERIES", 100)),
            jobs=int(_number("KPI_FORECAST_JOBS", 0)) or os.cpu_count() or 1,
            hours=_number("KPI_FORECAST_HOURS", 20),
            kinds=kinds or KINDS,
        )


def _number(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1
    if value < 0:
        raise ConfigurationError(f"{name} must be a number that is not negative, not {text!r}")
    return value
