"""The windows that reports are about: days, weeks, two weeks and months that have ended. Pure; imports no framework.

Weeks begin on Mondays. Two-week windows are counted from one fixed Monday, so that every plan of the company cuts the
year alike. Days are the days of kpi_values, which belong to the marketplaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAILY, WEEKLY, BIWEEKLY, MONTHLY = "daily", "weekly", "biweekly", "monthly"
CADENCES = (DAILY, WEEKLY, BIWEEKLY, MONTHLY)
#: The grain of kpi_values that a cadence's window is made of, and how many of its periods make one window.
GRAINS = {DAILY: ("day", 1), WEEKLY: ("week", 1), BIWEEKLY: ("week", 2), MONTHLY: ("month", 1)}
#: How many periods of the grain a trend shows.
TREND = {DAILY: 28, WEEKLY: 13, BIWEEKLY: 14, MONTHLY: 13}
_FIRST_MONDAY = date(1970, 1, 5)


@dataclass(frozen=True)
class Window:
    """From ``start`` to ``end``, both included, for one cadence."""

    cadence: str
    start: date
    end: date

    @property
    def grain(self) -> str:
        """The grain of the periods that it is made of."""
        return GRAINS[self.cadence][0]

    @property
    def periods(self) -> tuple[date, ...]:
        """First days of the periods that it is made of."""
        first, count = self.start, GRAINS[self.cadence][1]
        return tuple(first + timedelta(weeks=number) for number in range(count))

    @property
    def month(self) -> date:
        """First day of the month that it ends in: its targets are the ones that count."""
        return self.end.replace(day=1)

    def before(self) -> Window:
        """The window of the same length right before it."""
        return containing(self.cadence, self.start - timedelta(days=1))

    def last_year(self) -> Window:
        """The same month of last year; days and weeks go back 52 weeks, so that weekdays match."""
        if self.cadence == MONTHLY:
            return containing(self.cadence, self.start.replace(year=self.start.year - 1))
        back = timedelta(weeks=52)
        return Window(self.cadence, self.start - back, self.end - back)

    def trend(self) -> tuple[date, ...]:
        """First days of the periods of a trend that ends with the window, the earliest first."""
        if self.cadence == MONTHLY:
            months = [self.start.year * 12 + self.start.month - 1 - back for back in range(TREND[self.cadence])]
            return tuple(date(month // 12, month % 12 + 1, 1) for month in reversed(months))
        step = timedelta(days=1 if self.grain == "day" else 7)
        return tuple(self.periods[-1] - back * step for back in reversed(range(TREND[self.cadence])))


def containing(cadence: str, day: date) -> Window:
    """The window of a cadence that holds the day."""
    if cadence == DAILY:
        return Window(cadence, day, day)
    if cadence == MONTHLY:
        start = day.replace(day=1)
        return Window(cadence, start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    weeks = GRAINS[cadence][1]
    number = (day - _FIRST_MONDAY).days // 7
    start = _FIRST_MONDAY + timedelta(weeks=number - number % weeks)
    return Window(cadence, start, start + timedelta(weeks=weeks) - timedelta(days=1))


def latest(cadence: str, day: date) -> Window:
    """The last window that has ended by the end of the day."""
    found = containing(cadence, day)
    return found if found.end <= day else found.before()
