"""The statement of a rule: one set-based SELECT on the contract, every value bound.

Each condition writes the relation ``seen``, one row per entity and period (value, limit, side, status); the rest is
the same for all: the latest decided period of each entity, and what people want to read about it. So the turn of a
month resolves nothing by itself, and a target of a future month is no missing data. Limits are "to date": of an
additive KPI with a target the share of the running period. ``bad_side`` is 1 where the bad side is below the
limit, -1 where it is above. What reads kpi_values or kpi_status is `materialized`: PostgreSQL copies these views, which
are large, into each relation that builds on theirs otherwise, and plans longer than it reads. Imports no framework.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from superset_kpi_plugin.alerts.conditions import Watch
from superset_kpi_plugin.alerts.conditions.sql.of_others import forecast, freshness, reconciliation
from superset_kpi_plugin.alerts.conditions.sql.of_targets import TARGET_LIMITS, of_target
from superset_kpi_plugin.alerts.conditions.sql.of_values import of_values

# Entities below one entity, itself included, by the edges that hold today.
SUBTREE = """
subtree as (
    select cast(:within as text) as entity_id
    union
    select d.child_id
    from kpi.kpi_entity_edges as d
    inner join subtree as t on d.parent_id = t.entity_id
    where (d.valid_from is null or d.valid_from <= :today) and (d.valid_to is null or d.valid_to > :today)
),
"""

LATEST = """
judged as (
    select s.*, max(s.source_through) over (partition by s.entity_id) as newest_day from seen as s
),
ranked as (
    select
        j.*,
        row_number() over (
            partition by j.entity_id
            order by case when j.status = 'provisional' then :provisional_last else 0 end, j.period_start desc
        ) as place
    from judged as j
    where {is_ahead} or j.period_start is null or j.period_start <= coalesce(j.newest_day, :today)
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
    r.limit_value,
    r.bad_side,
    r.status,
    r.detail,
    coalesce(r.owner, e.owner_id) as owner,
    coalesce(p.entity_name, case when r.owner is null then e.owner_name end) as owner_name,
    coalesce(e.team_id, p.team_id) as team_id,
    e.entity_name,
    e.platform,
    e.account_id,
    e.account_name,
    c.name_en,
    c.name_zh,
    c.unit,
    c.direction,
    c.number_format,
    c.is_additive,
    c.days_until_settled,
    c.drivers,
    c.domain
from ranked as r
left outer join kpi.kpi_entities as e
    on r.entity_id = e.entity_id
left outer join kpi.kpi_entities as p
    on p.entity_id = 'person:' || coalesce(r.owner, e.owner_id)
left outer join kpi.kpi_catalogue as c
    on c.kpi_id = :kpi_id
where {places}
order by r.entity_id, r.period_start
"""


def statement(watch: Watch, today: date, *, history_since: date | None = None) -> tuple[str, dict[str, Any]]:
    """The statement of a rule and its parameters.

    One row per entity: its latest decided period; with ``history_since`` every period from that day on.
    """
    params: dict[str, Any] = {
        "kpi_id": watch.kpi_id,
        "today": today,
        "provisional_last": 0 if watch.include_provisional else 1,
    }
    text = _seen(watch, today, history_since, params)
    if watch.within is not None:
        text = SUBTREE + text
        params["within"] = watch.within
    places = "r.place = 1" if history_since is None else "r.period_start >= :history_since"
    if history_since is not None:
        params["history_since"] = history_since
    is_ahead = "true" if watch.condition == "forecast" else "false"
    return "with recursive " + text.strip() + LATEST.format(places=places, is_ahead=is_ahead), params


def _seen(watch: Watch, today: date, history_since: date | None, params: dict[str, Any]) -> str:
    if watch.condition in TARGET_LIMITS:
        return of_target(watch, params)
    if watch.condition == "forecast":
        return forecast(watch, today, params)
    if watch.condition == "reconciliation":
        return reconciliation(watch, today, params)
    if watch.condition == "freshness":
        return freshness(watch, params)
    return of_values(watch, today, history_since, params)
