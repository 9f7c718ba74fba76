"""Dice for random businesses: days, instants, amounts and choices of one seed, unkind ones more often than in life."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

Choice = TypeVar("Choice")

# Days around which a business has its history: both changes of the clock in Los Angeles, leap day, the ends of
# quarters and years, and an ISO week that lies in two years.
ANCHORS = (
    date(2024, 2, 29),
    date(2024, 12, 30),
    date(2025, 11, 2),
    date(2026, 1, 1),
    date(2026, 3, 8),
    date(2026, 6, 30),
    date(2026, 9, 30),
    date(2026, 11, 1),
)
# The build's clock; nothing happens after it.
AS_OF = "2026-11-25 12:00:00-08:00"
LAST_DAY = date(2026, 11, 23)


class Maker:
    """All that is random in one business. ``days`` are its days, in order; ``special`` those that matter most."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.name = f"b{seed:03}"
        self.anchor = ANCHORS[seed % len(ANCHORS)]
        before = self.rng.randint(15, 60)
        first = self.anchor - timedelta(days=before)
        last = min(self.anchor + timedelta(days=self.rng.randint(25, 60)), LAST_DAY)
        self.days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        ends = [day for day in self.days if (day + timedelta(days=1)).day == 1 or day.day == 1]
        near = [day for day in self.days if abs((day - self.anchor).days) <= 1]
        self.special = [*near, *ends]
        self._serial = 0

    @property
    def window(self) -> tuple[date, date]:
        return self.days[0], self.days[-1]

    def serial(self) -> int:
        """A number that nothing else of this business has."""
        self._serial += 1
        return self._serial

    def big_serial(self) -> int:
        """A number that no other business has either."""
        return int(self.name[1:]) * 1_000_000 + 7_000_000_000 + self.serial()

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def one(self, choices: Sequence[Choice]) -> Choice:
        return self.rng.choice(choices)

    def some(self, choices: Sequence[Choice], least: int = 0) -> list[Choice]:
        """Any of the choices, in their order."""
        count = self.rng.randint(least, len(choices))
        return [choices[n] for n in sorted(self.rng.sample(range(len(choices)), count))]

    def whole(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    def day(self) -> date:
        return self.one(self.special) if self.chance(0.35) else self.one(self.days)

    def any_days(self, low: int, high: int) -> list[date]:
        """Some different days, in order."""
        return sorted({self.day() for _ in range(self.whole(low, high))})

    def later(self, day: date, low: int = 0, high: int = 12) -> date:
        """A day some days after (or before, with a negative ``low``), within the business's days."""
        found = day + timedelta(days=self.whole(low, high))
        return min(max(found, self.days[0]), self.days[-1])

    def instant(self, day: date, zone: str) -> datetime:
        """An instant of that day in the zone, in UTC; often close to midnight or to a change of the clock."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        following = day + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone))
        start = midnight.astimezone(timezone.utc)
        seconds = int((end.astimezone(timezone.utc) - start).total_seconds())
        offset = self.one((0, 1, seconds - 1, seconds - 1, 3600, 2 * 3600 + 1800, self.whole(0, seconds - 1)))
        return start + timedelta(seconds=min(offset, seconds - 1))

    def money(self, low: float = 0, high: float = 60, *, digits: int = 2) -> Decimal:
        step = Decimal(1).scaleb(-digits)
        return Decimal(self.rng.randint(int(low * 10**digits), int(high * 10**digits))) * step

    def unkind(
        self, low: float = 0, high: float = 60, *, null: float = 0.05, zero: float = 0.08, negative: float = 0.04
    ) -> Decimal | None:
        """An amount that may be missing, zero or negative."""
        dice = self.rng.random()
        if dice < null:
            return None
        if dice < null + zero:
            return Decimal("0.00")
        amount = self.money(low, high)
        return -amount if dice < null + zero + negative else amount

    def count(self, low: int = 0, high: int = 20, *, null: float = 0.04, zero: float = 0.1) -> int | None:
        dice = self.rng.random()
        return None if dice < null else 0 if dice < null + zero else self.whole(low, high)
