"""Histories: runs of complete, settled periods without a gap, and the periods that follow them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

import numpy as np

from airflow_dags.forecast.settings import Grain

Floats = np.ndarray


@dataclass(frozen=True)
class Point:
    """One settled period of an entity; ``value`` is None where the KPI has none, ``currency`` but for money."""

    entity_kind: str
    entity_id: str
    period_start: date
    value: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class Series:
    """A history in the KPI's unit, oldest first; ``last_period`` is the first day of its last period."""

    entity_kind: str
    entity_id: str
    currency: str | None
    last_period: date
    values: Floats


def histories(points: Iterable[Point], grain: Grain, is_additive: bool) -> list[Series]:
    """The history of each entity that has a long enough one; ``points`` come ordered by entity and period.

    Of a history with gaps (a period that is missing, has no value or is in another currency) the run after the last
    gap counts: missing is not zero. The first period of an additive KPI's run is left out, because the entity began
    somewhere within it. Entities whose history ended while others of the KPI went on are left out: they are closed.
    """
    runs = []
    for _, rows in groupby(points, key=lambda point: point.entity_id):
        run = _last_run(list(rows), grain)
        if is_additive:
            run = run[1:]
        if len(run) >= grain.minimum:
            runs.append(run)
    latest = max((run[-1].period_start for run in runs), default=date.min)
    return [_series(run) for run in runs if next_period(next_period(run[-1].period_start, grain), grain) >= latest]


def _last_run(rows: list[Point], grain: Grain) -> list[Point]:
    run: list[Point] = []
    for row in rows:
        if row.value is None:
            run = []
            continue
        follows = bool(run) and next_period(run[-1].period_start, grain) == row.period_start
        if not follows or run[-1].currency != row.currency:
            run = []
        run.append(row)
    return run


def _series(run: list[Point]) -> Series:
    last = run[-1]
    values = np.array([float(point.value or 0) for point in run])
    return Series(last.entity_kind, last.entity_id, last.currency, last.period_start, values)


def next_period(start: date, grain: Grain, count: int = 1) -> date:
    """The first day of the period ``count`` periods after the one that starts on ``start``."""
    if grain.name == "week":
        return start + timedelta(weeks=count)
    index = start.year * 12 + start.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def period_days(start: date, grain: Grain) -> int:
    return (next_period(start, grain) - start).days


def days_of(series: Series, grain: Grain, horizon: int) -> Floats:
    """The days of each period of the history and of ``horizon`` periods after it."""
    count = len(series.values)
    first = next_period(series.last_period, grain, 1 - count)
    return np.array([period_days(next_period(first, grain, n), grain) for n in range(count + horizon)], dtype=float)
