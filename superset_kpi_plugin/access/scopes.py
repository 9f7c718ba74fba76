"""Reads the scope table: whom it lets see, edit and approve what.

A person reaches the union of the subtrees of all rows of their own name and of their roles. Who has no row at all
reaches what KPI_DEFAULT_SCOPE says; KPI Admin and Admin (``can_manage`` on KPI Scopes) always reach everything.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

from flask import g
from superset.extensions import appbuilder, db

from superset_kpi_plugin.access.models import ROLE, USER, Scope
from superset_kpi_plugin.access.reach import EVERYTHING, NOTHING, Reach
from superset_kpi_plugin.access.table import SCOPES
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.warehouse import Reader, Warehouse

#: Every entity with each of the given ones that stands above it (or is it), in both trees, as of today.
BELOW_SQL = """
with recursive below (root_id, entity_id) as (
    select entity_id, entity_id from kpi.kpi_entities where entity_id in :roots
    union
    select below.root_id, edge.child_id
    from below
    inner join kpi.kpi_entity_edges as edge on edge.parent_id = below.entity_id
    where edge.valid_from <= :today and (edge.valid_to is null or edge.valid_to > :today)
)
select root_id, entity_id from below
"""
TOPS_SQL = "select entity_id from kpi.kpi_entities where entity_id in :roots and parent_id is null"


def current_reach() -> Reach:
    """The reach of the request's user, worked out once a request."""
    if not hasattr(g, "kpi_reach"):
        from superset_kpi_plugin.api import current_person

        g.kpi_reach = reach_of(current_person())
    found: Reach = g.kpi_reach
    return found


def reach_of(user: Any) -> Reach:
    """What the request's user reaches. While the warehouse is away: the named entities, without what is below."""
    try:
        return bounded_reach(user, appbuilder.sm.has_access("can_manage", SCOPES))
    except KpiError:
        rows = scopes_of(user)
        return _reach(rows, {row.entity_id: {row.entity_id} for row in rows}, set())


def bounded_reach(user: Any, is_manager: bool) -> Reach:
    """What any user reaches; ``is_manager`` says whether the user may manage scopes.

    :raises WarehouseUnavailable: while the warehouse is away.
    """
    if is_manager:
        return EVERYTHING
    rows = scopes_of(user)
    if not rows:
        return EVERYTHING if setting("KPI_DEFAULT_SCOPE") == "all" else NOTHING
    with Warehouse().reading() as reader:
        return resolve(rows, reader)


def scopes_of(user: Any) -> list[Scope]:
    """The rows of a user and of the user's roles."""
    roles = [role.name for role in appbuilder.sm.get_user_roles(user)]
    name = getattr(user, "username", "") or ""
    condition = (Scope.subject_kind == ROLE) & Scope.subject.in_(roles)
    if name:
        condition = condition | ((Scope.subject_kind == USER) & (Scope.subject == name))
    return list(db.session.query(Scope).filter(condition).order_by(Scope.id))


def resolve(rows: Collection[Scope], reader: Reader) -> Reach:
    """The reach of some rows by today's trees."""
    roots = {row.entity_id for row in rows}
    tops = {found["entity_id"] for found in reader.read(TOPS_SQL, {"roots": roots})}
    below: dict[str, set[str]] = {root: set() for root in roots}
    if roots - tops:
        params = {"roots": roots - tops, "today": datetime.now(timezone.utc).date()}
        for found in reader.read(BELOW_SQL, params):
            below[found["root_id"]].add(found["entity_id"])
    return _reach(rows, below, tops)


def _reach(rows: Collection[Scope], below: dict[str, set[str]], tops: set[str]) -> Reach:
    """``tops`` are entities above everything (the company): their rows reach all."""

    def union(chosen: list[Scope]) -> frozenset[str] | None:
        if any(row.entity_id in tops for row in chosen):
            return None
        return frozenset().union(*(below[row.entity_id] for row in chosen))

    return Reach(
        see=union(list(rows)),
        edit=union([row for row in rows if row.may_edit]),
        approve=union([row for row in rows if row.may_approve]),
    )
