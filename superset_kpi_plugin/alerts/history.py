"""The history of an alert's KPI against its limits, for the chart beside it.

Limits of a target come from kpi_status; those of the other conditions are what the rule's own statement held each
period against. Amounts are in the row's currency; days are the marketplace's.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS
from superset_kpi_plugin.alerts.conditions.sql import statement
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import Event
from superset_kpi_plugin.warehouse import Reader, Warehouse

MARKED = (Event.FIRED.value, Event.RESOLVED.value, Event.WITHDRAWN.value)
MOST_MARKS = 500
#: Of these the rule looks at something else than the KPI's series.
WITHOUT_SERIES = frozenset({"no_data", "reconciliation", "freshness", "forecast"})
OF_TARGET = frozenset({"breach", "warn", "pace"})
POINTS = """
select
    v.period_start,
    v.period_end,
    v.value,
    v.currency,
    v.is_settled as settled,
    s.target_value as target,
    s.expected_value as expected,
    s.warn_limit * case when k.is_additive then coalesce(s.pace_share, 1) else 1 end as warn,
    s.breach_limit * case when k.is_additive then coalesce(s.pace_share, 1) else 1 end as breach
from kpi.kpi_values as v
inner join kpi.kpi_catalogue as k on v.kpi_id = k.kpi_id
left outer join kpi.kpi_status as s
    on
        v.kpi_id = s.kpi_id
        and v.entity_id = s.entity_id
        and v.grain = s.grain
        and v.period_start = s.period_start
where v.kpi_id = :kpi_id and v.entity_id = :entity_id and v.grain = :grain and v.period_start >= :since
order by v.period_start
"""


def points(
    row: AlertInstance, rule: AlertRule, periods: int, today: date, warehouse: Warehouse
) -> list[dict[str, Any]]:
    """The latest ``periods`` periods, oldest first; none for a rule that looks at no series.

    :raises WarehouseUnavailable: the warehouse is away.
    """
    if rule.condition in WITHOUT_SERIES:
        return []
    since = today - timedelta(days=(periods + 2) * GRAIN_DAYS[row.grain])
    of_entity = {"kpi_id": row.kpi_id, "entity_id": row.entity_id, "grain": row.grain, "since": since}
    with warehouse.reading() as reader:
        found = series(of_entity, reader)[-periods:]
        if rule.condition not in OF_TARGET and found:
            watch = storage.watch_of(rule)
            sql, params = statement(watch, today, history_since=found[0]["period_start"])
            own = {
                line["period_start"]: line for line in reader.read(sql, params) if line["entity_id"] == row.entity_id
            }
            for point in found:
                line = own.get(point["period_start"])
                point["warn"], point["breach"] = None, line["limit_value"] if line else None
    return [{name: value for name, value in point.items() if name != "currency"} for point in found]


def series(place: dict[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """A KPI's periods of one entity from ``since`` on, oldest first, with what the target asks of each.

    :param place: kpi_id, entity_id, grain and since.
    """
    return reader.read(POINTS, place)


def marks(session: Session, row: AlertInstance) -> list[dict[str, Any]]:
    """When the alert fired and ended, oldest first."""
    wanted = (
        select(AlertEvent)
        .where(AlertEvent.instance_id == row.id, AlertEvent.event.in_(MARKED))
        .order_by(AlertEvent.id.desc())
        .limit(MOST_MARKS)
    )
    return [
        {
            "event": event.event,
            "at": event.happened_at,
            "period_start": event.period_start,
            "incident": event.incident,
        }
        for event in reversed(list(session.execute(wanted).scalars()))
    ]
