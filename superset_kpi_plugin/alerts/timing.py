"""When a message may go out: the quiet hours of its channel. Pure; instants are aware, zones are IANA names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


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


def not_before(now: datetime, severity: str, quiet: Quiet | None, at_once: Collection[str] = ("critical",)) -> datetime:
    """When a message of ``severity`` that is written now may go out; what is urgent doesn't wait."""
    return quiet.until(now) if quiet and severity not in at_once else now
