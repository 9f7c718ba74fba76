"""The periods of a day, by grain."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

GRAINS = ("day", "week", "month", "quarter", "year")


@cache
def start_of(grain: str, day: date) -> date:
    """The first day of the period of ``grain`` (weeks begin on Monday) that holds ``day``."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1)


@cache
def end_of(grain: str, start: date) -> date:
    """The last day of the period that begins at ``start``."""
    if grain == "day":
        return start
    if grain == "week":
        return start + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    month = start.month - 1 + months
    return date(start.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
