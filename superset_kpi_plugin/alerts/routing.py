"""Which channels and recipients a notice goes to: the rule's channels, and every route of KPI_ROUTES that matches.

A route is ``{"channels": [...]}`` with any of ``owner``, ``team``, ``severity``, ``kpi`` (one or a list) and
``within`` (an entity: it and all below it). All that it names must match. Nobody gets what they may not see: a channel
with a ``user``, and an owner with one, only get what that user may see.

A rule and a route may name a ``digest``: what they tell waits for its hour. What is told at once is grouped when it is
more than the rule's ``group_above`` (or KPI_GROUP_ABOVE): one message for a recipient, owner and event.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from superset_kpi_plugin.alerts import channels, owners
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.notices import Notice
from superset_kpi_plugin.alerts.timing import Digest, not_before
from superset_kpi_plugin.alerts.visibility import visible_entities
from superset_kpi_plugin.config import setting

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """One recipient of a channel, from when on it may be sent, and the digest that it waits for."""

    channel: str
    recipient: str
    not_before: datetime
    digest_at: datetime | None = None


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
        for name, digest in self._channels(rule, row, notice, step, ancestors).items():
            channel = channels.get(name)
            digest_at = digest.after(self.now) if digest else None
            at = digest_at or self.now
            if channel is not None:
                at = not_before(at, rule.severity, channel.quiet, channel.at_once)
                if channel.user and not self._may_see(channel.user, row.entity_id):
                    continue
            for recipient in self._recipients(channel, name, row, step + 1 if notice is Notice.ESCALATED else 0):
                if (name, recipient) not in told:
                    told.add((name, recipient))
                    yield Delivery(name, recipient, at, digest_at)

    def _channels(
        self, rule: AlertRule, row: AlertInstance, notice: Notice, step: int, ancestors: Collection[str]
    ) -> dict[str, Digest | None]:
        """Channel -> its digest. Who is named twice gets what the first says; escalation doesn't wait."""
        if notice is Notice.ESCALATED:
            return dict.fromkeys(rule.escalation[step]["channels"])
        own = digest_of(rule.digest)
        found: dict[str, Digest | None] = dict.fromkeys(rule.channels, own)
        for route in setting("KPI_ROUTES") or []:
            if matches(route, rule, row, ancestors):
                digest = digest_of(route["digest"]) if "digest" in route else own
                found = {**dict.fromkeys(route.get("channels", []), digest), **found}
        return found

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


def digest_of(entry: Any) -> Digest | None:
    """The digest that an entry names; None where it can't be read, so that a typing error delays nothing."""
    if not entry:
        return None
    try:
        return Digest.of(entry)
    except ValueError:
        logger.warning("The digest of a route or rule can't be read: its alerts are told at once")
        return None


def group_above(rule: AlertRule) -> int | None:
    """More messages than this of one evaluation are grouped; None never groups."""
    above = rule.group_above if rule.group_above is not None else setting("KPI_GROUP_ABOVE")
    return None if above is None else int(above)


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
