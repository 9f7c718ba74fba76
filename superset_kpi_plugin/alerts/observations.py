"""What a rule sees: one set-based statement on kpi_status, and its rows as observations.

Each entity is judged by its latest decided period: the period that holds its newest covered day, unless that is still
provisional, else the one before. So the turn of a month resolves nothing by itself, and a target of a future month
is no missing data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.alerts.states import Condition, Observation, Status

# Longest length of a grain's period in days.
GRAIN_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}

LATEST_DECIDED = """
with judged as (
    select
        s.entity_id,
        s.period_start,
        s.period_end,
        s.value,
        s.currency,
        s.covered_through,
        s.target_value,
        s.warn_limit,
        s.breach_limit,
        s.pace_share,
        s.owner,
        s.status,
        max(s.covered_through) over (partition by s.entity_id) as newest_day
    from kpi.kpi_status as s
    where
        s.kpi_id = :kpi_id
        and s.entity_kind = :entity_kind
        and s.grain = :grain
        {selection}
),

ranked as (
    select
        j.*,
        row_number() over (
            partition by j.entity_id
            order by case when j.status = 'provisional' then 1 else 0 end, j.period_start desc
        ) as place
    from judged as j
    where j.period_start <= coalesce(j.newest_day, :today)
)

select
    r.entity_id,
    r.period_start,
    r.period_end,
    r.value,
    r.currency,
    r.covered_through,
    (select max(f.covered_through) from kpi.kpi_freshness as f) as data_through,
    r.target_value,
    r.warn_limit,
    r.breach_limit,
    r.pace_share,
    r.owner,
    r.status,
    e.entity_name,
    e.account_id,
    e.account_name,
    p.entity_name as owner_name,
    c.name_en,
    c.name_zh,
    c.unit,
    c.direction,
    c.number_format,
    c.is_additive,
    c.days_until_settled
from ranked as r
left outer join kpi.kpi_entities as e
    on r.entity_id = e.entity_id
left outer join kpi.kpi_entities as p
    on p.entity_id = 'person:' || r.owner
left outer join kpi.kpi_catalogue as c
    on c.kpi_id = :kpi_id
where r.place = 1
order by r.entity_id
"""


@dataclass(frozen=True)
class Watched:
    """One entity as a rule sees it: the observation, and what people want to read about it."""

    entity_id: str
    observation: Observation
    facts: Mapping[str, Any]


def statement(
    kpi_id: str, entity_kind: str, grain: str, entity_ids: Sequence[str] | None, today: date
) -> tuple[str, dict[str, Any]]:
    """The statement of one rule and its parameters; ``entity_ids`` None means every entity of the kind."""
    params: dict[str, Any] = {"kpi_id": kpi_id, "entity_kind": entity_kind, "grain": grain, "today": today}
    selection = ""
    if entity_ids is not None:
        selection = "and s.entity_id in :entity_ids"
        params["entity_ids"] = list(entity_ids)
    return LATEST_DECIDED.format(selection=selection), params


def watch(row: Mapping[str, Any], condition: Condition, grain: str, now: datetime) -> Watched:
    """A row of the statement as an observation at ``now``."""
    status = Status.STALE if is_out_of_date(row, grain) else Status(row["status"])
    limit = limit_to_date(row, condition, status)
    observation = Observation(status, now, exact(row["value"]), limit, row["period_start"])
    return Watched(row["entity_id"], observation, row)


def is_out_of_date(row: Mapping[str, Any], grain: str) -> bool:
    """Whether the judged period ended so long ago that its successor must have been decided.

    Then nobody set a target for the successor, or the entity's own data stopped. Measured against the newest day of
    any feed, not the clock: a warehouse whose build stands still is not judged by the day it's looked at.
    """
    data_through, period_end = row["data_through"], row["period_end"]
    if data_through is None or period_end is None:
        return False
    return int((data_through - period_end).days) > GRAIN_DAYS[grain] + int(row["days_until_settled"] or 0)


def limit_to_date(row: Mapping[str, Any], condition: Condition, status: Status) -> Decimal | None:
    """The limit that applies today, in the KPI's unit: of an additive KPI its share while the period runs."""
    is_breach = condition is Condition.BREACH or status is Status.BREACH
    limit = exact(row["breach_limit"] if is_breach else row["warn_limit"])
    share = exact(row["pace_share"])
    if limit is None or share is None or not row["is_additive"]:
        return limit
    return limit * share


def exact(value: Any) -> Decimal | None:
    """A warehouse number as a decimal; what is no finite number (NaN included) is no number."""
    if value is None:
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    return number if number.is_finite() else None
