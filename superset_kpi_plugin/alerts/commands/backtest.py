"""Backtest a rule: what it would have done over a span of days, before it is switched on or at any time.

The rule's own statement and the state machine do it; see `replay` for what a replay can't know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.access.reach import EVERYTHING, Reach
from superset_kpi_plugin.alerts import seasons, storage, votes
from superset_kpi_plugin.alerts.commands.rules import DEFAULTS, FIELDS, check_rule
from superset_kpi_plugin.alerts.commands.validation import problem, stored_parameters
from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Watch
from superset_kpi_plugin.alerts.conditions.sql import statement
from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.alerts.observations import Margins
from superset_kpi_plugin.alerts.replay import (
    SHORT_DAYS,
    Firing,
    InSeason,
    by_entity,
    decided_on,
    lead_days,
    median,
    replay,
    watched_days,
)
from superset_kpi_plugin.errors import NotFound, ValidationFailed
from superset_kpi_plugin.inbound import is_id
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.warehouse import Warehouse

LONGEST_SPAN = 400
MOST_FIRINGS = 500
MOST_ENTITIES = 100
FOR_DAYS = (0, 1, 2, 3, 7)
TOLERANCES = (Decimal(0), Decimal("0.05"), Decimal("0.1"), Decimal("0.2"))
SHARE_STEP = Decimal("0.0001")
Series = Mapping[str, Sequence[Mapping[str, Any]]]


def backtest(
    body: Mapping[str, Any], since: date, until: date, reach: Reach = EVERYTHING, warehouse: Warehouse | None = None
) -> dict[str, Any]:
    """What a rule would have done from ``since`` to ``until``, on the entities that ``reach`` lets see.

    ``body`` is a rule's fields, or ``{"id": n}`` for a stored one.

    :returns: the answer of POST alert_rules/backtest: firings by day, entity and owner, days open, firings per 1,000
        entity-days (days on which an entity had a decided value), the estimate of noise, votes, lead time in days, and
        how often it would have fired with other for-durations and tolerances. ``can_replay`` false says with its
        ``reason`` that the warehouse keeps no history of what the condition looks at.
    :raises NotFound: no such rule.
    :raises ValidationFailed: a rule that can't be accepted, or no span of at most 400 days.
    :raises WarehouseUnavailable: the warehouse is away.
    """
    if not 0 <= (until - since).days < LONGEST_SPAN:
        message = translate("A backtest spans from 1 to {most} days.", most=LONGEST_SPAN)
        raise ValidationFailed(details={"errors": [{"field": "to", "message": message}]})
    warehouse = warehouse or Warehouse()
    rule = _rule(body, warehouse)
    watch = storage.watch_of(rule)
    plain = {"from": since, "to": until, "days": (until - since).days + 1}
    if not watch.kind.can_replay:
        reason = translate(
            "The warehouse keeps no history of what the condition {condition} looks at, so it can't be replayed.",
            condition=watch.condition,
        )
        return {"can_replay": False, "reason": reason, "caveats": [], **plain}
    return {
        "can_replay": True,
        "reason": None,
        "caveats": _caveats(watch),
        **plain,
        **_Backtest(rule, (since, until), reach, warehouse).run(),
    }


class _Backtest:
    """One rule over one span."""

    def __init__(self, rule: AlertRule, span: tuple[date, date], reach: Reach, warehouse: Warehouse) -> None:
        self.rule, self.span, self.reach, self.warehouse = rule, span, reach, warehouse
        self.watch = storage.watch_of(rule)
        self.pure_rule = storage.pure_rule(rule)
        self.margins = storage.margins_of(rule)
        self.in_season = self._seasons() if rule.seasons else None

    def run(self) -> dict[str, Any]:
        series = self._series(self.watch)
        found = self._replay(series)
        watched = watched_days(series, self.watch.grain, self.span)
        entity_days = sum(watched.values())
        short = sum(firing.is_short for firing in found)
        lead = lead_days(found, self._harder(series))
        return {
            "entities": len(watched),
            "entity_days": entity_days,
            "fired": len(found),
            "open_days": sum(firing.days for firing in found),
            "per_1000": _share(1000 * len(found), entity_days),
            "short": short,
            "noise_share": _share(short, len(found)),
            "votes": self._votes(),
            "lead_days": median(lead),
            "lead_n": len(lead),
            "firings": [self._told(firing) for firing in reversed(found[-MOST_FIRINGS:])],
            "by_entity": self._by_entity(found),
            "hints": self._hints(series),
        }

    def _series(self, watch: Watch) -> Series:
        # A period that was decided within the span may have begun long before.
        before = timedelta(days=2 * GRAIN_DAYS[watch.grain] + 31)
        sql, params = statement(watch, storage.utc_now().date(), history_since=self.span[0] - before)
        return by_entity(self.reach.seen(self.warehouse.read(sql, params)))

    def _replay(self, series: Series, for_days: int | None = None, margins: Margins | None = None) -> list[Firing]:
        rule = self.pure_rule if for_days is None else replace(self.pure_rule, for_duration=timedelta(days=for_days))
        return replay(series, self.watch, rule, margins or self.margins, self.span, self.in_season)

    def _hints(self, series: Series) -> dict[str, Any]:
        """How often the rule would have fired, had it waited longer or tolerated more."""
        waits, margins = [], []
        for days in FOR_DAYS:
            waits.append({"for_days": days, **_counted(self._replay(series, for_days=days))})
        for tolerance in TOLERANCES:
            found = self._replay(series, margins=replace(self.margins, tolerance=tolerance))
            margins.append({"parameter": "tolerance", "value": tolerance, **_counted(found)})
        return {"for_days": waits, "limits": margins}

    def _harder(self, series: Series) -> dict[str, list[date]]:
        """The days on which the line was crossed that the rule warns of; nothing where it warns of none."""
        if self.watch.condition == "standard" and self.watch.parameter("share") < 1:
            series = self._series(replace(self.watch, parameters={**self.watch.parameters, "share": 1}))
        elif self.watch.condition != "warn":
            return {}
        return {
            entity_id: [decided_on(row) for row in rows if row["status"] == "breach"]
            for entity_id, rows in series.items()
        }

    def _seasons(self) -> InSeason:
        since, until = self.span
        calendar = self.warehouse.read(seasons.EVENTS, {"since": since - seasons.LOOK_BACK, "until": until})

        def in_season(row: Mapping[str, Any], day: date) -> bool:
            return seasons.is_in_season(self.rule.seasons, seasons.active(calendar, row, day))

        return in_season

    def _votes(self) -> dict[str, Any]:
        if self.rule.id is None:
            return votes.measured()
        since = datetime.combine(self.span[0], time.min)
        until = datetime.combine(self.span[1], time.min) + timedelta(days=1)
        with storage.transaction() as session:
            return votes.of_rules(session, self.rule.id, since, until).get(self.rule.id) or votes.measured()

    def _told(self, firing: Firing) -> dict[str, Any]:
        row = firing.row
        return {
            "entity_id": firing.entity_id,
            "entity_name": row["entity_name"] or firing.entity_id,
            "owner": row["owner"] or self.rule.owner,
            "owner_name": row["owner_name"] or row["owner"] or self.rule.owner,
            "fired_on": firing.fired_on,
            "resolved_on": firing.resolved_on,
            "days": firing.days,
            "period_start": row["period_start"],
            "value": row["value"],
            "limit": row["limit_value"],
        }

    def _by_entity(self, found: Sequence[Firing]) -> list[dict[str, Any]]:
        counts = Counter(firing.entity_id for firing in found)
        days: Counter[str] = Counter()
        latest = {firing.entity_id: self._told(firing) for firing in found}
        for firing in found:
            days[firing.entity_id] += firing.days
        listed = sorted(counts, key=lambda one: (-counts[one], -days[one], one))[:MOST_ENTITIES]
        return [
            {
                **{name: latest[one][name] for name in ("entity_id", "entity_name", "owner", "owner_name")},
                "fired": counts[one],
                "open_days": days[one],
            }
            for one in listed
        ]


def _rule(body: Mapping[str, Any], warehouse: Warehouse) -> AlertRule:
    """The stored rule, or one that was never stored, checked as if it were to be."""
    if set(body) == {"id"}:
        with storage.transaction() as session:
            stored = session.get(AlertRule, body["id"]) if is_id(body["id"]) else None
        if stored is None or stored.deleted_at is not None:
            raise NotFound("There is no alert rule {id}.", id=body["id"])
        return stored
    wanted = {"name": "backtest", **{name: value for name, value in body.items() if value is not None}}
    problems = check_rule(wanted, warehouse)
    if problems:
        raise ValidationFailed("The rule can't be tested: some values can't be accepted.", details={"errors": problems})
    values = {**DEFAULTS, **{name: wanted[name] for name in FIELDS if name in wanted}}
    return AlertRule(**{**values, "parameters": stored_parameters(values["parameters"])})


def span_of(begin: Any, end: Any) -> tuple[date, date]:
    """The span that a request names by two ISO dates; without them the 180 days before today.

    :raises ValidationFailed: one is no date.
    """
    today = datetime.now(timezone.utc).date()
    found = {"from": today - timedelta(days=180), "to": today - timedelta(days=1)}
    for name, text in (("from", begin), ("to", end)):
        if text is None:
            continue
        try:
            found[name] = date.fromisoformat(text)
        except (TypeError, ValueError):
            wrong = problem(name, "This must be a date such as 2026-11-01.")
            raise ValidationFailed(details={"errors": [wrong]}) from None
    return found["from"], found["to"]


def _caveats(watch: Watch) -> list[str]:
    told = [
        translate("Values, targets and owners are those that stand today, corrections included."),
        translate("What a firing parent, a silence or a snooze would have held back is counted."),
        translate("A firing that ended within {days} days counts as noise.", days=SHORT_DAYS),
    ]
    if watch.grain != "day":
        told.insert(
            1, translate("Only whole, settled periods are replayed; within a running period the rule may fire earlier.")
        )
    return told


def _counted(found: Sequence[Firing]) -> dict[str, int]:
    return {"fired": len(found), "short": sum(firing.is_short for firing in found)}


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(SHARE_STEP) if whole else None
