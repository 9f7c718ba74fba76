"""Reads what the rules of `checks_rules` look at, each relation once, and the waivers of what they find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

import sqlalchemy as sa
from superset.extensions import db, security_manager

from superset_kpi_plugin.access import scopes
from superset_kpi_plugin.access.models import USER, Scope
from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts import owners
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import WarehouseContractBroken
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.targets import checks_rules as rules
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.feasibility import Forecast
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.listing import stored_targets
from superset_kpi_plugin.targets.models import APPROVED, Target, TargetVersion, Waiver
from superset_kpi_plugin.targets.rules import NUMBER_FIELDS, exact_number
from superset_kpi_plugin.targets.storage import Locked
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
FORECAST_SQL = """
select kpi_id, entity_id, p20, p50, p80 from kpi.kpi_forecast
where grain = :grain and period_start = :start and kpi_id in :kpis and entity_id in :entities
"""
LAST_YEAR_SQL = """
select kpi_id, entity_id, value from kpi.kpi_values
where grain = :grain and period_start = :start and kpi_id in :kpis and entity_kind in :kinds and entity_id in :entities
"""
PEAK_SQL = """
select 1 as one from kpi.kpi_calendar
where threshold_factor > 1 and starts_on < :after and ends_on >= :start limit 1
"""
EDGES_SQL = """
select parent_id, child_id from kpi.kpi_entity_edges
where tree = 'business' and parent_id in :entities and valid_from <= :day and (valid_to is null or valid_to > :day)
"""


def find(filters: TargetFilters, reach: Reach, warehouse: Warehouse, *, may_grant: bool = False) -> list[Row]:
    """The findings for a period's targets within the reach, for JSON, each with its waiver if it has one.

    :param may_grant: offer the scopes that owners lack, to somebody who may give them.

    Rules over owners see the owner's other targets too, as far as the reach allows.
    """
    cells = [_cell(row, reach) for row in reach.seen(stored_targets(filters))]
    if not cells:
        return []
    earlier = tree.earlier(filters.grain, filters.period_start, 1)[0]
    before = TargetFilters(grain=filters.grain, period_start=earlier)
    previous = {(row["kpi_id"], row["entity_id"]): _said(row) for row in stored_targets(before)}
    with warehouse.reading() as reader:
        entities = queries.entities_by_id(reader, {cell["entity_id"] for cell in cells})
        plan = _plan(cells, filters, previous, entities, reader)
        people = queries.people_by_id(reader, {cell["said"]["owner"] for cell in cells if cell["said"]["owner"]})
    plan.forecasts = _forecasts(plan, filters, warehouse)
    plan.is_peak = _is_peak(filters.grain, filters.period_start, warehouse)
    plan.was_peak = _is_peak(filters.grain, earlier, warehouse)
    found = rules.check(plan)
    waived = {waiver.key: waiver for waiver in waivers([finding.key for finding in found])}
    names = Names(plan.kpis, entities, people)
    return [_present(finding, names, waived.get(finding.key), may_grant) for finding in found]


def waivers(keys: Collection[str] | None = None) -> list[Waiver]:
    """Waivers that hold today, of these keys or all."""
    query = db.session.query(Waiver).filter(Waiver.ends_on >= datetime.now(timezone.utc).date())
    if keys is not None:
        query = query.filter(Waiver.key.in_(list(keys)))
    return list(query.order_by(Waiver.id))


def crowded(locked: Collection[Locked]) -> list[Row]:
    """Owners who would have too many core KPIs once these targets' drafts are approved, without a waiver."""
    wanted = {(item.draft.owner, item.target.grain, item.target.period_start) for item in locked if item.draft.owner}
    if not wanted:
        return []
    version = TargetVersion.__table__
    target = Target.__table__
    approved = (
        sa.select(version.c.owner, target.c.grain, target.c.period_start, target.c.kpi_id)
        .join(target, target.c.id == version.c.target_id)
        .where(version.c.state == APPROVED, sa.func.coalesce(version.c.weight, 1) != 0)
        .where(version.c.owner.in_({owner for owner, _, _ in wanted}))
        .where(target.c.period_start.in_({first for _, _, first in wanted}))
        .distinct()
    )
    core = {tuple(row) for row in db.session.execute(approved)}
    core |= {
        (item.draft.owner, item.target.grain, item.target.period_start, item.target.kpi_id)
        for item in locked
        if item.draft.weight != 0
    }
    counts = Counter(row[:3] for row in core)
    found = [(*place, counts[place]) for place in sorted(wanted) if counts[place] > rules.TOO_MANY_KPIS]
    keys = {row: rules.crowded_key(*row[:3]) for row in found}
    waived = {waiver.key for waiver in waivers(list(keys.values()))}
    return [{"owner": row[0], "count": row[3], "key": key} for row, key in keys.items() if key not in waived]


def _cell(row: Row, reach: Reach) -> Row:
    can_edit = not row["is_locked"] and reach.covers("edit", row["entity_id"])
    return {**row, "said": _said(row), "can_edit": can_edit}


def _said(row: Row) -> Row:
    """What a target says: its draft, else what is approved; numbers as numbers."""
    said = dict(row["draft"] or row["approved"])
    return {**said, **{name: exact_number(said[name]) for name in NUMBER_FIELDS}}


def _plan(
    cells: list[Row], filters: TargetFilters, previous: Any, entities: Mapping[str, Row], reader: Reader
) -> rules.Plan:
    ids = {cell["entity_id"] for cell in cells}
    params = {
        "grain": filters.grain,
        "start": tree.last_year(filters.grain, filters.period_start),
        "kpis": {cell["kpi_id"] for cell in cells},
        "kinds": {cell["entity_kind"] for cell in cells},
        "entities": ids,
    }
    last_year = {(row["kpi_id"], row["entity_id"]): row["value"] for row in reader.read(LAST_YEAR_SQL, params)}
    children: dict[str | None, list[str]] = {}
    for edge in reader.read(EDGES_SQL, {"entities": ids, "day": filters.period_start}):
        children.setdefault(edge["parent_id"], []).append(edge["child_id"])
    masters = {entity_id: row["owner_id"] for entity_id, row in entities.items()}
    strangers, blind = _owners(cells, masters, reader)
    return rules.Plan(
        cells=cells,
        kpis=queries.catalogue_by_id(reader),
        children=children,
        currencies={entity_id: row["currency"] for entity_id, row in entities.items()},
        owners=masters,
        last_year={place: value for place, value in last_year.items() if value is not None},
        previous=previous,
        strangers=strangers,
        blind=blind,
    )


def _owners(
    cells: list[Row], masters: dict[str, str | None], reader: Reader
) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Owners without a user, and (owner, entity) that the owner's scopes don't reach: of targets and of entities."""
    owned: dict[str, set[str]] = {}
    for cell in cells:
        for name in (cell["said"]["owner"], masters.get(cell["entity_id"])):
            if name:
                owned.setdefault(name, set()).add(cell["entity_id"])
    names = set(owned)
    called = {name: owners.username_of(name) for name in names}
    model = security_manager.user_model
    found = {user.username: user for user in db.session.query(model).filter(model.username.in_(called.values()))}
    users = {name: found[username] for name, username in called.items() if username in found}
    blind = set()
    if db.session.query(Scope.id).first() is not None:
        for name, user in users.items():
            rows = scopes.scopes_of(user)
            reach = scopes.resolve(rows, reader) if rows else None
            blind |= {(name, entity_id) for entity_id in owned[name] if reach and not reach.covers("see", entity_id)}
    return frozenset(names - set(users)), frozenset(blind)


def _forecasts(plan: rules.Plan, filters: TargetFilters, warehouse: Warehouse) -> dict[rules.Place, Forecast]:
    kpis = {cell["kpi_id"] for cell in plan.cells}
    for kpi_id in list(kpis):
        kpis |= {name.strip() for name in str(plan.kpis.get(kpi_id, {}).get("counter_kpis") or "").split(",")}
    params = {
        "grain": filters.grain,
        "start": filters.period_start,
        "kpis": kpis,
        "entities": {cell["entity_id"] for cell in plan.cells},
    }
    try:
        rows = warehouse.read(FORECAST_SQL, params)
    except WarehouseContractBroken:
        return {}
    return {(row["kpi_id"], row["entity_id"]): Forecast(row["p20"], row["p50"], row["p80"]) for row in rows}


def _is_peak(grain: str, start: date, warehouse: Warehouse) -> bool:
    """Whether an event that widens limits falls into the period."""
    after = tree.next_period(grain, start)
    try:
        return bool(warehouse.read(PEAK_SQL, {"start": start, "after": after}))
    except WarehouseContractBroken:
        return False


@dataclass(frozen=True)
class Names:
    """What people call the things that findings are about, in the reader's language; who has no name keeps the id."""

    kpis: Mapping[str, Row]
    entities: Mapping[str, Row]
    people: Mapping[str, str]

    def kpi(self, kpi_id: str) -> str:
        """A KPI's name."""
        known = self.kpis.get(kpi_id, {})
        chinese = known.get("name_zh") if current_locale() == "zh" else None
        return str(chinese or known.get("name_en") or kpi_id)

    def person(self, owner: str) -> str:
        """An owner's name."""
        return self.people.get(owner, owner)

    def of(self, rows: Collection[Row]) -> dict[str, str]:
        """The names of the rows' entities by id."""
        found = {row["entity_id"]: self.entities.get(row["entity_id"], {}).get("entity_name") for row in rows}
        return {entity_id: name for entity_id, name in found.items() if name}

    def values(self, values: Mapping[str, Any]) -> Row:
        """A message's values with names for ids."""
        named = dict(values)
        if "owner" in named:
            named["owner"] = self.person(named["owner"])
        if "counters" in named:
            named["counters"] = ", ".join(self.kpi(kpi_id) for kpi_id in named["counters"])
        return named


def _present(finding: rules.Finding, names: Names, waiver: Waiver | None, may_grant: bool) -> Row:
    own = ("rule", "severity", "key", "targets", "kpi_id", "entity_id", "owner")
    entity = names.entities.get(finding.entity_id or "", {})
    return {
        **{name: getattr(finding, name) for name in own},
        **{name: entity.get(name) for name in ("entity_name", "account_name")},
        "owner_name": names.person(finding.owner) if finding.owner else None,
        "message": translate(finding.message, **names.values(finding.values)),
        "mend": {"rows": finding.rows, "names": names.of(finding.rows)} if finding.rows else None,
        "ask": {"row": finding.ask, "fields": finding.asked} if finding.ask else None,
        "grant": _scope(*finding.lacks) if finding.lacks and may_grant else None,
        "waiver": present_waiver(waiver) if waiver else None,
    }


def _scope(owner: str, entity_id: str) -> Row:
    """The scope that lets an owner see and edit an entity's targets, as POST scopes/ takes it."""
    subject = {"subject_kind": USER, "subject": owners.username_of(owner)}
    return {**subject, "entity_id": entity_id, "may_edit": True, "may_approve": False}


def present_waiver(waiver: Waiver) -> Row:
    """A waiver for JSON."""
    return {name: getattr(waiver, name) for name in ("id", "key", "reason", "ends_on", "created_by", "created_at")}
