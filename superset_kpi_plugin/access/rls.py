"""Makes Superset's row level security equal to the scope table, for every dataset of the plugin.

A user's rows hang on a role of their own (``KPI scope: name``) that holds no permission, because Superset's rules know
roles only. Rules of one group are joined by OR, so that several scopes add up. With KPI_DEFAULT_SCOPE "none" a base
rule hides everything from everybody whom no scope names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from superset_kpi_plugin.access.models import ROLE, USER, Scope
from superset_kpi_plugin.config import setting

PREFIX = "KPI scope: "
GROUP = "KPI scope"
EVERYWHERE = "KPI scope (everybody else)"
NOBODY = "1 = 0"
_PLAIN = re.compile(r"[\w:/.@ +-]+")

#: Compared with a dataset's own column; quotes are doubled. A recursion, so that new entities need no new rule.
#: PostgreSQL joins a bare `in`, takes it for one row, and reads the dataset again for each of thousands of entities.
#: As a value that `is true` it is looked up in a hash, for which distinct rows always count as few enough.
CLAUSE = """({column} in (
    with recursive kpi_below (entity_id) as (
        select entity_id from kpi.kpi_entities where entity_id in ({roots})
        union
        select edge.child_id from kpi_below
        inner join kpi.kpi_entity_edges as edge on edge.parent_id = kpi_below.entity_id
        where edge.valid_from <= current_date and (edge.valid_to is null or edge.valid_to > current_date)
    )
    select distinct {selected} from kpi_below{join}
)) is true"""


def clause(entity_ids: list[str], by_account: bool) -> str:
    """The rule for a dataset with entities, or (``by_account``) for one that knows accounts only."""
    roots = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(entity_ids))
    if by_account:
        join = "\n    inner join kpi.kpi_entities as member on member.entity_id = kpi_below.entity_id"
        return CLAUSE.format(
            column="account_id", roots=roots, selected="member.account_id", join=join + " and member.account_id > ''"
        )
    return CLAUSE.format(column="entity_id", roots=roots, selected="entity_id", join="")


def is_usable(entity_id: str) -> bool:
    """Whether an id may stand in a rule: rules are templates and SQL, so nothing but plain characters gets in."""
    return bool(_PLAIN.fullmatch(entity_id))


def sync_rules(security_manager: Any, session: Any) -> list[str]:
    """Bring roles and rules in line with the scope table; returns what changed. A second run changes nothing."""
    from superset.connectors.sqla.models import RowLevelSecurityFilter as Rule

    wanted = _wanted_by_role(security_manager, session)
    tables = _datasets(session)
    changed: list[str] = []
    names = set()
    for role_name, entity_ids in sorted(wanted.items()):
        role = security_manager.find_role(role_name) or security_manager.add_role(role_name)
        for by_account in (False, True):
            chosen = [table for table in tables if _is_by_account(table) == by_account]
            name = f"{PREFIX}{role_name.removeprefix(PREFIX)}" + (" (accounts)" if by_account else "")
            names.add(name)
            _put(session, _Rule(name, chosen, [role], clause(entity_ids, by_account)), changed)
    if setting("KPI_DEFAULT_SCOPE") != "all" and tables:
        exempt = [security_manager.find_role(name) for name in ("Admin", "KPI Admin")]
        names.add(EVERYWHERE)
        _put(session, _Rule(EVERYWHERE, tables, [role for role in exempt if role], NOBODY, "Base"), changed)
    for rule in session.query(Rule).filter(Rule.group_key == GROUP):
        if rule.name not in names:
            changed.append(f"deleted {rule.name}")
            session.delete(rule)
    _assign(security_manager, session, set(wanted), changed)
    session.flush()
    return changed


def _wanted_by_role(security_manager: Any, session: Any) -> dict[str, list[str]]:
    """Entity ids by the role that carries their rule; who manages scopes is bound by none."""
    wanted: dict[str, list[str]] = {}
    for row in session.query(Scope).order_by(Scope.id):
        if row.subject_kind == USER:
            user = security_manager.find_user(username=row.subject)
            if user is None or _is_manager(security_manager, user):
                continue
            wanted.setdefault(PREFIX + row.subject, []).append(row.entity_id)
        elif row.subject_kind == ROLE and security_manager.find_role(row.subject) is not None:
            wanted.setdefault(row.subject, []).append(row.entity_id)
    return wanted


def _is_manager(security_manager: Any, user: Any) -> bool:
    return bool({"Admin", "KPI Admin"} & {role.name for role in security_manager.get_user_roles(user)})


def _datasets(session: Any) -> list[Any]:
    """The plugin's datasets that name entities or accounts."""
    from uuid import UUID

    from superset.connectors.sqla.models import SqlaTable

    from superset_kpi_plugin.assets.editions import load

    uuids = [UUID(config["uuid"]) for config in load().datasets.values()]
    found = session.query(SqlaTable).filter(SqlaTable.uuid.in_(uuids)).order_by(SqlaTable.id)
    return [table for table in found if {"entity_id", "account_id"} & {column.column_name for column in table.columns}]


def _is_by_account(table: Any) -> bool:
    return "entity_id" not in {column.column_name for column in table.columns}


@dataclass(frozen=True)
class _Rule:
    """A rule as it should be."""

    name: str
    tables: list[Any]
    roles: list[Any]
    clause: str
    kind: str = "Regular"


def _put(session: Any, wanted: _Rule, changed: list[str]) -> None:
    """Create or change one rule; one without datasets is left out (they are not installed yet)."""
    from superset.connectors.sqla.models import RowLevelSecurityFilter as Rule

    rule = session.query(Rule).filter_by(name=wanted.name).one_or_none()
    if not wanted.tables:
        if rule is not None:
            session.delete(rule)
            changed.append(f"deleted {wanted.name}")
        return
    if rule is None:
        rule = Rule(name=wanted.name, group_key=GROUP, filter_type=wanted.kind)
        session.add(rule)
    same = (
        rule.clause == wanted.clause
        and {table.id for table in rule.tables} == {table.id for table in wanted.tables}
        and {role.id for role in rule.roles} == {role.id for role in wanted.roles}
    )
    if not same:
        rule.clause, rule.tables, rule.roles = wanted.clause, wanted.tables, wanted.roles
        rule.description = "Made from the KPI plugin's scopes; change them there."
        changed.append(f"set {wanted.name}")


def _assign(security_manager: Any, session: Any, wanted: set[str], changed: list[str]) -> None:
    """Give each user with a scope the role that carries it, and take away those that carry none any more."""
    for name in sorted(item for item in wanted if item.startswith(PREFIX)):
        role = security_manager.find_role(name)
        user = security_manager.find_user(username=name.removeprefix(PREFIX))
        if user is not None and role not in user.roles:
            user.roles.append(role)
            changed.append(f"{user.username} got {name}")
    model = security_manager.role_model
    for role in session.query(model).filter(model.name.like(PREFIX + "%")):
        if role.name not in wanted:
            session.delete(role)
            changed.append(f"deleted the role {role.name}")
