"""Which channels and recipients a notice goes to: the rule's channels, and every route of KPI_ROUTES that matches.

A route is ``{"channels": [...]}`` with any of ``owner``, ``team``, ``severity``, ``kpi`` (one or a list) and
``within`` (an entity: it and all below it). All that it names must match. Nobody gets what they may not see: a channel
with a ``user``, and an owner with one, only get what that user may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from superset_kpi_plugin.alerts import channels, owners
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.notices import Notice
from superset_kpi_plugin.alerts.timing import not_before
from superset_kpi_plugin.alerts.visibility import visible_entities
from superset_kpi_plugin.config import setting


@dataclass(frozen=True)
class Delivery:
    """One recipient of a channel, and from when on it may be sent."""

    channel: str
    recipient: str
    not_before: datetime


class Router:
    """The routes of one evaluation; what users may see is asked once for each."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._seen: dict[tuple[str, str], bool] = {}

    def deliveries(
        self, rule: AlertRule, row: AlertInstance, notice: Notice, step: int, ancestors: Collection[str]
    ) -> Iterator[Delivery]:
        """Every recipient of a notice, once. Escalation goes to its step's channels only."""
        told: set[tuple[str, str]] = set()
        for name in self._channels(rule, row, notice, step, ancestors):
            channel = channels.get(name)
            at = self.now
            if channel is not None:
                at = not_before(self.now, rule.severity, channel.quiet, channel.at_once)
                if channel.user and not self._may_see(channel.user, row.entity_id):
                    continue
            for recipient in self._recipients(channel, name, row, step + 1 if notice is Notice.ESCALATED else 0):
                if (name, recipient) not in told:
                    told.add((name, recipient))
                    yield Delivery(name, recipient, at)

    def _channels(
        self, rule: AlertRule, row: AlertInstance, notice: Notice, step: int, ancestors: Collection[str]
    ) -> list[str]:
        if notice is Notice.ESCALATED:
            return list(rule.escalation[step]["channels"])
        routed = [
            name
            for route in setting("KPI_ROUTES") or []
            if matches(route, rule, row, ancestors)
            for name in route.get("channels", [])
        ]
        return list(dict.fromkeys([*rule.channels, *routed]))

    def _recipients(self, channel: channels.Channel | None, name: str, row: AlertInstance, step: int) -> Iterator[str]:
        if channel is None or not channel.is_to_owner:
            yield from channels.recipients(name)
            return
        wanted = row.assignee if row.assignee and step == 0 else row.owner
        owner = owners.at_step(wanted, step)
        if owner is None or not owner.email:
            # The message waits where people see it, rather than vanish.
            yield channels.unknown_owner(wanted if owner is None else owner.name)
        elif owner.user is None or self._may_see(owner.user, row.entity_id):
            yield owner.email

    def _may_see(self, user: str, entity_id: str) -> bool:
        key = (user, entity_id)
        if key not in self._seen:
            self._seen[key] = bool(visible_entities(user, [entity_id]))
        return self._seen[key]


def matches(route: Mapping[str, Any], rule: AlertRule, row: AlertInstance, ancestors: Collection[str]) -> bool:
    """Whether everything that a route names is true of an alert."""
    facts = {
        "owner": {row.owner, row.owner_name},
        "team": {row.team_id},
        "severity": {rule.severity},
        "kpi": {row.kpi_id},
        "within": {row.entity_id, *ancestors},
    }
    return all(not facts[name].isdisjoint(_listed(route[name])) for name in facts if name in route)


def uses_ancestors() -> bool:
    """Whether any route asks where an entity belongs."""
    return any("within" in route for route in setting("KPI_ROUTES") or [])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [value]
