"""Marketplace days: when they start in UTC, and how strong demand is on each.

A day is America/Los_Angeles midnight to midnight, so it has 23, 24 or 25 hours. The strength of a day repeats every
364 days (52 whole weeks): last year's daily shape, shifted by 364 days, is therefore the true pace of this year.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MARKETPLACE_ZONE = ZoneInfo("America/Los_Angeles")
CYCLE_DAYS = 364
CYCLE_START = date(2025, 11, 28)  # a Black Friday: day 0 of the cycle
YEARLY_GROWTH = 1.10

WEEKDAYS = (1.04, 1.02, 1.00, 0.98, 0.96, 0.97, 1.05)  # Monday first

# (day of the cycle, level): Q4 high, January low, a quiet spring, summer, the climb to Q4 again. Linear in between.
SEASON = (
    (0, 1.45),
    (24, 1.55),
    (30, 1.00),
    (40, 0.82),
    (80, 0.80),
    (120, 0.88),
    (170, 0.95),
    (200, 1.00),
    (230, 1.00),
    (270, 0.97),
    (310, 1.05),
    (340, 1.20),
    (364, 1.45),
)

# Events by the day of 2025 on which they fell: the strength on top of the season.
EVENTS = {
    date(2025, 7, 8): ("Prime Day", 2.4),
    date(2025, 7, 9): ("Prime Day", 2.0),
    date(2025, 7, 10): ("Prime Day", 1.8),
    date(2025, 7, 11): ("Prime Day", 2.2),
    date(2025, 10, 7): ("Prime Big Deal Days", 1.6),
    date(2025, 10, 8): ("Prime Big Deal Days", 1.5),
    date(2025, 11, 27): ("Thanksgiving", 1.4),
    date(2025, 11, 28): ("Black Friday", 2.2),
    date(2025, 11, 29): ("BFCM weekend", 1.7),
    date(2025, 11, 30): ("BFCM weekend", 1.8),
    date(2025, 12, 1): ("Cyber Monday", 2.3),
}


def day_of_cycle(day: date) -> int:
    return (day - CYCLE_START).days % CYCLE_DAYS


_EVENT_BY_CYCLE = {day_of_cycle(day): event for day, event in EVENTS.items()}


def event_of(day: date) -> str | None:
    """The name of the sales event on this day, or None."""
    event = _EVENT_BY_CYCLE.get(day_of_cycle(day))
    return event[0] if event else None


@lru_cache(maxsize=4096)
def strength(day: date) -> float:
    """Demand of the day relative to an average day of the year in which the cycle starts."""
    position = day_of_cycle(day)
    right = bisect_right(SEASON, (position, float("inf")))
    (from_day, from_level), (to_day, to_level) = SEASON[right - 1], SEASON[min(right, len(SEASON) - 1)]
    span = max(1, to_day - from_day)
    season = from_level + (to_level - from_level) * (position - from_day) / span
    event = _EVENT_BY_CYCLE.get(position)
    growth = YEARLY_GROWTH ** ((day - CYCLE_START).days / CYCLE_DAYS)
    return float(season * WEEKDAYS[day.weekday()] * (event[1] if event else 1.0) * growth)


@lru_cache(maxsize=4096)
def day_start(day: date) -> datetime:
    """The UTC instant at which the marketplace's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=MARKETPLACE_ZONE).astimezone(UTC)


def day_seconds(day: date) -> int:
    """82800, 86400 or 90000: the days of the clock changes are shorter or longer."""
    return int((day_start(day + timedelta(days=1)) - day_start(day)).total_seconds())


def marketplace_day(instant: datetime) -> date:
    return instant.astimezone(MARKETPLACE_ZONE).date()


def marketplace_today() -> date:
    return marketplace_day(datetime.now(UTC))


def month_start(day: date) -> date:
    return day.replace(day=1)


def add_months(first: date, count: int) -> date:
    """The first day of the month `count` months after the month of `first`."""
    index = first.year * 12 + first.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def days_of_month(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((add_months(first, 1) - first).days)]
