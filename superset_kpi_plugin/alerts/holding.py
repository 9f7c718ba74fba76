"""What holds alerts back: a firing alert on the same KPI, of an entity above or more severe on the entity itself.

It does so while it is silenced or snoozed too: the trouble is the same, and who doesn't want to hear of it now doesn't
want to hear of its smaller half. When it ends while the milder one still fires, that one is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import State
from superset_kpi_plugin.warehouse import Warehouse

SEVERITY_RANK = {"info": 0, "warning": 1, "critical": 2}
#: Parents are evaluated before their children, so that the children know of them.
DEPTH = {"company": 0, "platform": 1, "team": 1, "account": 2, "person": 2, "category": 3, "campaign": 3}
DEEPEST = 4

ANCESTORS = """
with recursive up as (
    select d.child_id as entity_id, d.parent_id as ancestor_id
    from kpi.kpi_entity_edges as d
    where
        d.child_id in :entity_ids
        and (d.valid_from is null or d.valid_from <= :today)
        and (d.valid_to is null or d.valid_to > :today)
    union
    select u.entity_id, d.parent_id
    from up as u
    inner join kpi.kpi_entity_edges as d on d.child_id = u.ancestor_id
    where (d.valid_from is null or d.valid_from <= :today) and (d.valid_to is null or d.valid_to > :today)
)
select u.entity_id, u.ancestor_id from up as u
"""


def ancestors(warehouse: Warehouse, entity_ids: Collection[str], today: date) -> dict[str, set[str]]:
    """Every entity above each of the entities, in both trees, by today's edges."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    if entity_ids:
        for row in warehouse.read(ANCESTORS, {"entity_ids": sorted(entity_ids), "today": today}):
            found[row["entity_id"]].add(row["ancestor_id"])
    return found


def firing_parents(session: Session, rule: AlertRule) -> dict[str, int]:
    """(entity, alert) that hold back a rule's alerts below the entity: as severe as the rule, on the same KPI."""
    wanted = (
        select(AlertInstance.entity_id, AlertInstance.id, AlertRule.severity)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(
            AlertInstance.state == State.FIRING.value,
            AlertInstance.kpi_id == rule.kpi_id,
            AlertInstance.entity_kind != rule.entity_kind,
            AlertRule.id != rule.id,
            AlertRule.deleted_at.is_(None),
        )
        .order_by(AlertInstance.id.desc())
    )
    least = SEVERITY_RANK[rule.severity]
    rows = session.execute(wanted).all()
    return {entity_id: number for entity_id, number, severity in rows if SEVERITY_RANK[severity] >= least}


def more_severe(session: Session, rule: AlertRule) -> dict[str, int]:
    """(entity, alert) that hold back a rule's alert on the entity itself: more severe, on the same KPI."""
    harder = [name for name, rank in SEVERITY_RANK.items() if rank > SEVERITY_RANK[rule.severity]]
    wanted = (
        select(AlertInstance.entity_id, AlertInstance.id)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(
            AlertInstance.state == State.FIRING.value,
            AlertInstance.kpi_id == rule.kpi_id,
            AlertInstance.entity_kind == rule.entity_kind,
            AlertRule.severity.in_(harder),
            AlertRule.deleted_at.is_(None),
        )
        .order_by(AlertInstance.id.desc())
    )
    return {row.entity_id: row.id for row in session.execute(wanted).all()}


def inhibited_by(parents: Mapping[str, int], above: Collection[str]) -> int | None:
    """The parent's alert that holds an entity's back, or None."""
    return min((parents[entity_id] for entity_id in above if entity_id in parents), default=None)
