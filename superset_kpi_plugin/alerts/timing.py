"""When a message may go out: the quiet hours of its channel, the hour of its digest.

Pure; instants are aware, zones are IANA names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Quiet:
    """No messages from ``begin`` to ``end`` of each day in ``zone``; ``begin`` after ``end`` spans midnight."""

    begin: time
    end: time
    zone: ZoneInfo

    def until(self, now: datetime) -> datetime:
        """The first instant from ``now`` on that is not quiet, in UTC."""
        local = now.astimezone(self.zone)
        at = local.time().replace(tzinfo=None)
        if self.begin == self.end:
            return now
        if self.begin < self.end:
            is_quiet, days = self.begin <= at < self.end, 0
        else:
            is_quiet, days = at >= self.begin or at < self.end, int(at >= self.begin)
        if not is_quiet:
            return now
        day = local.date() + timedelta(days=days)
        return max(now, datetime.combine(day, self.end, self.zone).astimezone(timezone.utc))


@dataclass(frozen=True)
class Digest:
    """One message a day at ``at`` in ``zone``, on the days of the week ``days`` (0 is Monday)."""

    at: time
    zone: ZoneInfo
    days: tuple[int, ...] = tuple(range(7))

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Digest:
        """The digest that ``{"at": "08:00", "time_zone": "Asia/Shanghai", "days": ["mon", ...]}`` describes.

        :raises ValueError: it describes none.
        """
        try:
            unknown = set(entry) - {"at", "time_zone", "days"}
            days = tuple(sorted({WEEKDAYS.index(day) for day in entry.get("days", WEEKDAYS)}))
            at, zone = time.fromisoformat(entry["at"]), ZoneInfo(entry.get("time_zone", "UTC"))
        except (KeyError, TypeError, OSError, ZoneInfoNotFoundError, AttributeError) as error:
            raise ValueError(str(error)) from None
        if unknown or not days or at.tzinfo is not None:
            raise ValueError("no digest")
        return cls(at, zone, days)

    def after(self, now: datetime) -> datetime:
        """The first digest after ``now``, in UTC."""
        day = now.astimezone(self.zone).date()
        while True:
            found = datetime.combine(day, self.at, self.zone).astimezone(timezone.utc)
            if found > now and day.weekday() in self.days:
                return found
            day += timedelta(days=1)


def not_before(now: datetime, severity: str, quiet: Quiet | None, at_once: Collection[str] = ("critical",)) -> datetime:
    """When a message of ``severity`` that is written now may go out; what is urgent doesn't wait."""
    return quiet.until(now) if quiet and severity not in at_once else now
