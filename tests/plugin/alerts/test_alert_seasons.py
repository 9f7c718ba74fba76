"""Which seasons hold for what an alert speaks of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from superset_kpi_plugin.alerts import seasons

TODAY = date(2027, 2, 20)
CALENDAR: list[dict[str, Any]] = [
    {"event": "peak_season", "starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 24)},
    {"event": "bfcm", "starts_on": date(2026, 11, 26), "ends_on": date(2026, 11, 30)},
]


def events(first: str, last: str, through: str | None = None) -> set[str]:
    calendar = [{**event, "platform": None, "account_id": None} for event in CALENDAR]
    facts = {"period_start": date.fromisoformat(first), "period_end": date.fromisoformat(last)}
    facts["covered_through"] = date.fromisoformat(through or last)
    return {event["event"] for event in seasons.active(calendar, facts, TODAY)}


@pytest.mark.parametrize(
    ("period", "found"),
    [(("2026-12-01", "2026-12-31"), {"peak_season"}),  # 24 of its 31 days
     (("2026-11-01", "2026-11-30"), {"peak_season", "bfcm"}),  # its data reach the promotion's last day
     (("2026-11-01", "2026-11-30", "2026-11-15"), {"peak_season"}),
     (("2026-12-21", "2026-12-27"), {"peak_season"}),  # four days of the week
     (("2026-12-22", "2026-12-28"), set()),  # three of seven
     (("2027-01-01", "2027-01-31"), set()), (("2026-12-24", "2026-12-24"), {"peak_season"}),
     (("2026-12-25", "2026-12-25"), set())],
)  # fmt: skip
def test_a_season_holds_where_the_data_reach_it_or_it_lasted_most_of_the_period(
    period: tuple[str, ...], found: set[str]
) -> None:
    assert events(*period) == found


def test_without_a_period_the_day_decides() -> None:
    facts = {"covered_through": None, "data_through": TODAY - timedelta(days=60)}
    calendar = [{**event, "platform": None, "account_id": None} for event in CALENDAR]
    assert [event["event"] for event in seasons.active(calendar, facts, TODAY)] == ["peak_season"]
