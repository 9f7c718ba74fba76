"""The inbox's filters, from the query string to conditions on the tables, and how many alerts stand how."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.access.scopes import BELOW_SQL, TOPS_SQL
from superset_kpi_plugin.alerts import listing, owners, storage
from superset_kpi_plugin.alerts.commands.rules import SEVERITIES
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import OPEN, State
from superset_kpi_plugin.catalogue.queries import like_pattern
from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.warehouse import Warehouse

STATES = tuple(state.value for state in State)
#: What somebody, or something, did about an open alert. One alert may be several of them.
HANDLED = ("acknowledged", "snoozed", "silenced")
#: The owner of whoever asks.
ME = "me"
SEARCHED = (
    AlertInstance.entity_name,
    AlertInstance.entity_id,
    AlertInstance.account_name,
    AlertInstance.kpi_name_en,
    AlertInstance.kpi_name_zh,
    AlertInstance.owner_name,
    AlertRule.name,
    AlertRule.name_zh,
)
Condition = Any  # an SQL expression


def conditions(wanted: Mapping[str, str], reach: Reach, user: Any, now: datetime) -> list[Condition]:
    """The filters of a query string, all of which must hold; instances of deleted rules are history and not listed.

    :param now: aware.
    :raises BadRequest: a filter that is none.
    :raises WarehouseUnavailable: ``within`` is asked for while the tree of entities can't be read.
    """
    found = listing.conditions(reach, kpi_id=wanted.get("kpi_id"))
    states = _words("state", wanted, (*STATES, *HANDLED))
    if states:
        handled = _handled(now)
        is_in = AlertInstance.state.in_([state for state in states if state in STATES])
        found.append(or_(is_in, *(handled[name] for name in HANDLED if name in states)))
    severities = _words("severity", wanted, SEVERITIES)
    if severities:
        found.append(AlertRule.severity.in_(severities))
    if wanted.get("rule_id"):
        found.append(AlertInstance.rule_id == _rule_id(wanted["rule_id"]))
    if wanted.get("within"):
        below = _below(wanted["within"], now.date(), reach)
        if below is not None:
            found.append(AlertInstance.entity_id.in_(below))
    if wanted.get("owner"):
        found.append(_owned_by(wanted["owner"], user))
    if wanted.get("q"):
        pattern = like_pattern(wanted["q"])
        found.append(or_(*(func.lower(column).like(pattern, escape="!") for column in SEARCHED)))
    return found


def count(session: Session, found: list[Condition], now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """How many instances are in each state, and how many open ones are acknowledged, snoozed and silenced."""
    sums = [func.sum(case((condition, 1), else_=0)) for condition in _handled(now).values()]
    counted = (
        select(AlertInstance.state, func.count(), *sums)
        .join(AlertRule, AlertRule.id == AlertInstance.rule_id)
        .where(*found)
        .group_by(AlertInstance.state)
    )
    rows = session.execute(counted).all()
    handled = {name: sum(int(row[place] or 0) for row in rows) for place, name in enumerate(HANDLED, start=2)}
    return {row[0]: int(row[1]) for row in rows}, handled


def _handled(now: datetime) -> dict[str, Condition]:
    at = storage.to_database(now)
    is_open = AlertInstance.state.in_(OPEN)
    found = (
        AlertInstance.acknowledged_at.isnot(None),
        AlertInstance.snoozed_until > at,
        AlertInstance.silence_id.isnot(None),
    )
    return {name: and_(is_open, condition) for name, condition in zip(HANDLED, found, strict=True)}


def _owned_by(name: str, user: Any) -> Condition:
    """Whoever an alert was given to has it; the owner has the others."""
    names: Collection[str] = {name}
    if name == ME:
        names = owners.names_of(user)
    is_owner = or_(AlertInstance.owner.in_(names), AlertInstance.owner_name.in_(names))
    return or_(AlertInstance.assignee.in_(names), and_(AlertInstance.assignee.is_(None), is_owner))


def _below(entity_id: str, today: date, reach: Reach) -> set[str] | None:
    """The entity and all below it within the reach; None where it stands above everything, as with scopes."""
    with Warehouse().reading() as reader:
        if reader.read(TOPS_SQL, {"roots": [entity_id]}):
            return None
        rows = reader.read(BELOW_SQL, {"roots": [entity_id], "today": today})
    return {row["entity_id"] for row in reach.seen(rows)}


def _words(name: str, wanted: Mapping[str, str], allowed: tuple[str, ...]) -> list[str]:
    words = [word for word in wanted.get(name, "").split(",") if word]
    if not set(allowed).issuperset(words):
        raise BadRequest("The parameter {name} must be one of: {allowed}.", name=name, allowed=", ".join(allowed))
    return words


def _rule_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("The parameter rule_id must be a whole number.")
    return int(text)
