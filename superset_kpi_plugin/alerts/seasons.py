"""Seasons and promotions (kpi_calendar): which of them an alert falls into, and whether its rule holds in them.

Days are the marketplace's. Imports no framework.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

EVENTS = """
select c.event, c.name_en, c.name_zh, c.platform, c.account_id, c.starts_on, c.ends_on
from kpi.kpi_calendar as c
where c.ends_on >= :since and c.starts_on <= :until and (c.threshold_factor <> 1 or c.pace_factor <> 1)
order by c.starts_on, c.calendar_id
"""
#: How far back the day that an alert speaks of may lie.
LOOK_BACK = timedelta(days=400)
Calendar = list[dict[str, Any]]


def active(calendar: Iterable[Mapping[str, Any]], facts: Mapping[str, Any], today: date) -> list[Mapping[str, Any]]:
    """The events of the day that a row's data reaches, and those of most of its period, on its platform and account."""
    day = facts.get("covered_through") or facts.get("data_through") or today
    first, last = facts.get("period_start") or day, facts.get("period_end") or day
    return [
        event
        for event in calendar
        if (event["starts_on"] <= day <= event["ends_on"] or _covers_most(event, first, last))
        and event["platform"] in (None, facts.get("platform"))
        and event["account_id"] in (None, facts.get("account_id"))
    ]


def _covers_most(event: Mapping[str, Any], first: date, last: date) -> bool:
    """Whether the event lasts for more than half of the days from ``first`` to ``last``: December is peak season."""
    shared = min(event["ends_on"], last) - max(event["starts_on"], first)
    return bool(2 * (shared.days + 1) > (last - first).days + 1)


def is_in_season(seasons: Mapping[str, list[str]] | None, events: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a rule with these seasons holds while these events last."""
    if not seasons:
        return True
    names = {event["event"] for event in events}
    if "only" in seasons:
        return not names.isdisjoint(seasons["only"])
    return names.isdisjoint(seasons.get("except", []))


def names(events: Iterable[Mapping[str, Any]], locale: str) -> str | None:
    """The events' names in one line, or None."""
    listed = [str(event[f"name_{locale}"] or event["name_en"]) for event in events]
    return ("、" if locale == "zh" else ", ").join(dict.fromkeys(listed)) or None
