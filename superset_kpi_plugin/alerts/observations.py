"""What a rule sees: the rows of its statement (``conditions.sql``) as observations. Imports no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Watch
from superset_kpi_plugin.alerts.states import HOLDS, Condition, Observation, Status

# What these compare with is the newest day itself, so an old period is no old news.
NEVER_OUT_OF_DATE = frozenset({"no_data", "reconciliation", "freshness", "forecast"})


@dataclass(frozen=True)
class Watched:
    """One entity as a rule sees it: the observation, and what people want to read about it."""

    entity_id: str
    observation: Observation
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Margins:
    """Shares of the limit: so far beyond it nothing is said, and so far within it a firing alert must come back."""

    tolerance: Decimal = Decimal(0)
    hysteresis: Decimal = Decimal(0)


def pure_condition(watch: Watch) -> Condition:
    """From which status on the condition holds: all but a warn rule are met by a breach only."""
    return Condition.WARN if watch.condition == "warn" else Condition.BREACH


def observe(row: Mapping[str, Any], watch: Watch, margins: Margins, now: datetime) -> Watched:
    """A row of the statement as an observation at ``now``."""
    status = Status(row["status"])
    value, limit = exact(row["value"]), exact(row["limit_value"])
    if watch.condition not in NEVER_OUT_OF_DATE and is_out_of_date(row, watch.grain):
        status = Status.STALE
    excess = None if value is None or limit is None else row["bad_side"] * (limit - value)
    if status is Status.PROVISIONAL and watch.include_provisional:
        status = Status.NO_DATA if excess is None else _by_excess(excess, pure_condition(watch))
    is_near = False
    if excess is not None and limit is not None:
        if status in HOLDS[pure_condition(watch)] and 0 <= excess <= margins.tolerance * abs(limit) > 0:
            status = Status.OK
        is_near = -excess < margins.hysteresis * abs(limit)
    observation = Observation(status, now, value, limit, row["period_start"], is_near)
    return Watched(row["entity_id"], observation, row)


def _by_excess(excess: Decimal, condition: Condition) -> Status:
    if excess <= 0:
        return Status.OK
    return Status.WARN if condition is Condition.WARN else Status.BREACH


def is_out_of_date(row: Mapping[str, Any], grain: str) -> bool:
    """Whether the judged period ended so long ago that its successor must have been decided.

    Then nobody set a target for the successor, or the entity's own data stopped. Measured against the newest day of
    any feed, not the clock: a warehouse whose build stands still is not judged by the day it's looked at.
    """
    data_through, period_end = row["data_through"], row["period_end"]
    if data_through is None or period_end is None:
        return False
    return int((data_through - period_end).days) > GRAIN_DAYS[grain] + int(row["days_until_settled"] or 0)


def exact(value: Any) -> Decimal | None:
    """A warehouse number as a decimal; what is no finite number (NaN included) is no number."""
    if value is None:
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    return number if number.is_finite() else None
