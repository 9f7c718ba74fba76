"""Evaluate the alert rules: read what they watch, move the states, and write down whom to tell.

A rule is one statement on the warehouse and one transaction on the metadata database. The rule's row is locked before
the warehouse is read, so of two evaluators the second sees the first one's states, and no breach is enqueued twice.
Parents are evaluated before their children, and severe rules before others, so that a firing parent and a more severe
alert hold messages back.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import dashboards, drivers, holding, routing, seasons, silences, steps, storage
from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, Kind
from superset_kpi_plugin.alerts.conditions.sql import statement
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule, OutboxMessage
from superset_kpi_plugin.alerts.notices import Notice, notices
from superset_kpi_plugin.alerts.observations import Watched, exact, observe
from superset_kpi_plugin.alerts.states import (
    OPEN,
    Event,
    Instance,
    Observation,
    State,
    Status,
    effective_status,
    step,
    withdraw,
)
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.warehouse import Warehouse

logger = logging.getLogger(__name__)
COUNTED = ("rules", "evaluated", "firing", "pending", "resolved", "enqueued", "failed")
NUMBER_STEP = Decimal(1).scaleb(-12)
WIDE = Context(prec=60)


def evaluate(now: datetime | None = None, warehouse: Warehouse | None = None) -> dict[str, int]:
    """Evaluate every enabled rule once.

    ``now`` is an aware instant and only given by tests and replays. A rule that can't be read is counted under
    ``failed`` and leaves its states alone; the others are evaluated all the same.

    :returns: rules, evaluated (instances), firing and pending (now), resolved and enqueued (by this call), failed.
    :raises KpiError: when not one rule could be evaluated, the first rule's error (the database's own included).
    """
    warehouse = warehouse or Warehouse()
    rule_ids = _rules_in_order()
    calendar = _calendar(warehouse, (now or storage.utc_now()).date()) if rule_ids else []
    total: Counter[str] = Counter(rules=len(rule_ids))
    first_error: KpiError | SQLAlchemyError | None = None
    for rule_id in rule_ids:
        try:
            total.update(evaluate_rule(rule_id, now, warehouse, calendar))
        except (KpiError, SQLAlchemyError) as error:
            logger.warning("Alert rule %s was not evaluated: %s", rule_id, error)
            first_error = first_error or error
            total["failed"] += 1
    if first_error is not None and total["failed"] == len(rule_ids):
        raise first_error
    return {name: total[name] for name in COUNTED}


def evaluate_rule(
    rule_id: int, now: datetime | None, warehouse: Warehouse, calendar: seasons.Calendar | None
) -> Counter[str]:
    """Evaluate one rule in one transaction; a rule that was switched off or deleted meanwhile counts nothing.

    ``calendar`` None means that the seasons could not be read: a rule that depends on them is not evaluated.
    """
    with storage.transaction() as session:
        rule = session.execute(select(AlertRule).where(AlertRule.id == rule_id).with_for_update()).scalar_one()
        if not rule.is_enabled or rule.deleted_at is not None:
            return Counter()
        steps.reached("rule locked", str(rule_id))
        if rule.seasons and calendar is None:
            raise KpiError("The rule depends on seasons, and kpi_calendar can't be read.")
        at = now or storage.utc_now()  # after the lock: of two evaluators the second is also the later
        watch, margins = storage.watch_of(rule), storage.margins_of(rule)
        sql, params = statement(watch, at.date())
        watched = [observe(row, watch, margins, at) for row in warehouse.read(sql, params)]
        steps.reached("warehouse read", str(rule_id))
        rule.last_evaluated_at = storage.to_database(at)
        counts = _Evaluation(session, rule, at, warehouse, calendar or []).run(watched)
        steps.reached("outbox written", str(rule_id))
    steps.reached("states committed", str(rule_id))
    return counts


def _rules_in_order() -> list[int]:
    with storage.transaction() as session:
        wanted = select(AlertRule.id, AlertRule.entity_kind, AlertRule.severity).where(
            AlertRule.is_enabled.is_(True), AlertRule.deleted_at.is_(None)
        )
        rules = session.execute(wanted.order_by(AlertRule.id)).all()

    def place(rule: Any) -> tuple[int, int, int]:
        depth = holding.DEPTH.get(rule.entity_kind, holding.DEEPEST)
        return depth, -holding.SEVERITY_RANK[rule.severity], rule.id

    return [rule.id for rule in sorted(rules, key=place)]


def _calendar(warehouse: Warehouse, today: date) -> seasons.Calendar | None:
    """The seasons of late; None where the warehouse has no calendar."""
    try:
        return warehouse.read(seasons.EVENTS, {"since": today - seasons.LOOK_BACK, "until": today})
    except KpiError as error:
        logger.warning("Alerts are evaluated without seasons: %s", error.message)
        return None


class _Evaluation:
    """One rule's evaluation inside its transaction."""

    def __init__(
        self, session: Session, rule: AlertRule, now: datetime, warehouse: Warehouse, calendar: seasons.Calendar
    ) -> None:
        self.session = session
        self.rule = rule
        self.pure_rule = storage.pure_rule(rule)
        self.kind = storage.watch_of(rule).kind
        self.now = now
        self.warehouse = warehouse
        self.calendar = calendar
        self.counts: Counter[str] = Counter()
        self.changes: list[tuple[AlertInstance, Event]] = []
        self.moved: list[tuple[AlertInstance, Instance, Event | None]] = []
        self.drivers: list[str] = []
        self.domain: str | None = None
        self.dashboards: Mapping[str, str] = {}

    def run(self, watched: Iterable[Watched]) -> Counter[str]:
        found = select(AlertInstance).where(AlertInstance.rule_id == self.rule.id)
        rows = {row.entity_id: row for row in self.session.execute(found).scalars()}
        for seen in watched:
            self.domain = self.domain or seen.facts["domain"]
            self.drivers = self.drivers or drivers.driver_ids(seen.facts["drivers"])
            too_long = storage.unfit(seen)
            if too_long is not None:  # one entity's odd master data stops no other one's alerts
                logger.warning("Rule %s leaves out %.80r: its %s is too long", self.rule.id, seen.entity_id, too_long)
                continue
            row = rows.pop(seen.entity_id, None)
            if row is None:
                row = self._new_row(seen)
            self._watch(row, seen)
        for row in rows.values():
            self._without_target(row)
        self.session.flush()  # gives new instances their ids
        self._tell()
        return self.counts

    def _new_row(self, seen: Watched) -> AlertInstance:
        row = AlertInstance(
            rule_id=self.rule.id,
            kpi_id=self.rule.kpi_id,
            entity_kind=self.rule.entity_kind,
            entity_id=seen.entity_id,
            grain=self.rule.grain,
            state=State.OK.value,
            incident=0,
        )
        self.session.add(row)
        return row

    def _watch(self, row: AlertInstance, seen: Watched) -> None:
        events = seasons.active(self.calendar, seen.facts, self.now.date()) if self.calendar else []
        storage.assign(row, **_described(row, seen, self.rule, self.kind))
        storage.assign(row, season_en=seasons.names(events, "en"), season_zh=seasons.names(events, "zh"))
        if not seasons.is_in_season(self.rule.seasons, events):
            self._store(row, *withdraw(storage.pure_instance(row), self.now))
            return
        self._move(row, seen.observation)

    def _without_target(self, row: AlertInstance) -> None:
        """An instance whose entity the statement doesn't see any more, or that was taken out of the rule."""
        selected = self.rule.entity_ids
        if selected is not None and row.entity_id not in selected:
            self._store(row, *withdraw(storage.pure_instance(row), self.now))
            return
        storage.assign(row, status=Status.STALE.value)
        self._move(row, Observation(Status.STALE, self.now))

    def _move(self, row: AlertInstance, observation: Observation) -> None:
        instance, event = step(self.pure_rule, storage.pure_instance(row), observation)
        self._store(row, instance, event)
        self.counts["evaluated"] += 1

    def _store(self, row: AlertInstance, instance: Instance, event: Event | None) -> None:
        was_open = row.state in OPEN
        storage.write_state(row, instance)
        if row.state in OPEN and not was_open:  # what was said of the last one doesn't hold for this one
            row.assignee = row.snoozed_until = row.snoozed_by = None
        self.counts["firing"] += instance.state is State.FIRING
        self.counts["pending"] += instance.state is State.PENDING
        self.counts["resolved"] += event is Event.RESOLVED
        if event is Event.FIRED:
            row.acknowledged_by = row.acknowledged_at = row.comment = None
        if instance.state is not State.FIRING:
            storage.assign(row, inhibited_by=None, silence_id=None)
        if event is not None:
            self.changes.append((row, event))
        if instance.state is State.FIRING or event is Event.RESOLVED:
            self.moved.append((row, instance, event))

    def _tell(self) -> None:
        """Write the events, and one message per recipient for those that people are told of."""
        above = self._hold_back() if self.moved else {}
        self._explain([row for row, instance, event in self.moved if event is Event.FIRED])
        router = routing.Router(self.now)
        if self.moved:
            english = dashboards.slug_of(self.domain, self.rule.condition)
            self.dashboards = storage.editions(self.session, english)
        escalation = [timedelta(minutes=entry["after_minutes"]) for entry in self.rule.escalation or []]
        messages: list[dict[str, Any]] = []
        at = storage.to_database(self.now)
        events = [storage.event_values(row, event.value, at) for row, event in self.changes]
        for row, instance, event in self.moved:
            told, found = notices(
                instance,
                event,
                storage.held_of(row),
                storage.told_of(row),
                escalation,
                self.now,
                is_acknowledged=row.acknowledged_at is not None,
            )
            for notice, number in found:
                if notice is Notice.ESCALATED:
                    events.append(storage.event_values(row, notice.value, at))
                deliveries = list(router.deliveries(self.rule, row, notice, number, above.get(row.entity_id, ())))
                messages += self._messages(row, instance, notice, number, deliveries)
                if notice is Notice.FIRED and deliveries:
                    # Nobody was told before the digest's hour, or in quiet hours: the escalation counts from then.
                    told = replace(told, at=min(delivery.not_before for delivery in deliveries))
            if told != storage.told_of(row):
                storage.write_told(row, told)
        self.session.bulk_insert_mappings(AlertEvent, events)
        steps.reached("events written", str(self.rule.id))
        _group(messages, routing.group_above(self.rule))
        self.session.bulk_insert_mappings(OutboxMessage, messages)
        self.counts["enqueued"] += len(messages)

    def _hold_back(self) -> Mapping[str, set[str]]:
        """Note on what fires whether another alert or a silence holds it back; returns each entity's ancestors."""
        parents = holding.firing_parents(self.session, self.rule)
        harder = holding.more_severe(self.session, self.rule)
        quiet = silences.active(self.session, self.rule, self.now)
        above: Mapping[str, set[str]] = {}
        if parents or routing.uses_ancestors() or silences.uses_ancestors(quiet):
            entity_ids = {row.entity_id for row, _, _ in self.moved}
            above = holding.ancestors(self.warehouse, entity_ids, self.now.date())
        for row, instance, _ in self.moved:
            ancestors = above.get(row.entity_id, set())
            if instance.state is State.FIRING:
                row.silence_id = silences.silenced_by(quiet, row, ancestors)
                self._inhibit(row, holding.inhibited_by(parents, ancestors) or harder.get(row.entity_id))
        return above

    def _inhibit(self, row: AlertInstance, parent: int | None) -> None:
        if (parent is None) == (row.inhibited_by is None):
            row.inhibited_by = parent
            return
        row.inhibited_by = parent
        self.changes.append((row, Event.RELEASED if parent is None else Event.INHIBITED))

    def _explain(self, fired: list[AlertInstance]) -> None:
        """Find the driver that moved most, for what fires now; without it the alert is told all the same."""
        periods = {row.entity_id: row.period_start for row in fired if row.period_start is not None}
        if not periods or not self.drivers:
            return
        since = min(periods.values()) - timedelta(days=2 * GRAIN_DAYS[self.rule.grain])
        params = {"drivers": self.drivers, "entity_ids": list(periods), "grain": self.rule.grain, "since": since}
        try:
            found = drivers.strongest(self.warehouse.read(drivers.MOVES, params), periods)
        except KpiError as error:
            logger.warning("Alerts of rule %s are told without their driver: %s", self.rule.id, error.message)
            return
        for row in fired:
            row.driver = found.get(row.entity_id)

    def _messages(
        self,
        row: AlertInstance,
        instance: Instance,
        notice: Notice,
        number: int,
        deliveries: Iterable[routing.Delivery],
    ) -> Iterable[dict[str, Any]]:
        payload = {
            "event": notice.value,
            "step": number,
            **storage.facts(self.rule, row),
            "dashboards": self.dashboards,
        }
        what = f"{notice.value}{number}" if notice is Notice.ESCALATED else notice.value
        for one in deliveries:
            place = f"{one.channel}\x1f{one.recipient}"
            yield {
                "key": storage.message_key(self.rule.id, row.entity_id, instance, what, place),
                "instance_id": row.id,
                "event": notice.value,
                "channel": one.channel,
                "recipient": one.recipient,
                "payload": payload,
                "state": "pending",
                "attempts": 0,
                "created_at": storage.to_database(self.now),
                "next_attempt_at": storage.to_database(one.not_before),
                "digest_at": storage.to_database(one.digest_at),
                "group_key": None,
            }


def _group(messages: Iterable[dict[str, Any]], above: int | None) -> None:
    """Give what is told at once to one recipient, of one event and owner, the key of a group where it is many."""
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        if message["digest_at"] is None:
            told = message["payload"]
            groups[
                message["channel"], message["recipient"], f"{message['event']} {told['step']}", told["owner"]
            ].append(message)
    for group in groups.values():
        if above is not None and len(group) > max(above, 1):
            key = storage.group_key(message["key"] for message in group)
            for message in group:
                message["group_key"] = key


def _described(row: AlertInstance, seen: Watched, rule: AlertRule, kind: Kind) -> dict[str, Any]:
    """What the inbox shows. A provisional observation changes nothing of an instance that has been decided."""
    facts, observation, subject = seen.facts, seen.observation, kind.subject
    owner = facts["owner"] or rule.owner
    named = {
        "kpi_name_en": facts["name_en"] or (subject.name_en if subject else None),
        "kpi_name_zh": facts["name_zh"] or (subject.name_zh if subject else None),
        "unit": kind.unit or (subject.unit if subject else None) or facts["unit"],
        "direction": {1: "higher", -1: "lower"}[facts["bad_side"]],
        "number_format": None if kind.unit or subject else facts["number_format"],
        **{name: facts[name] for name in ("entity_name", "account_id", "account_name", "team_id")},
        "owner": owner,
        "owner_name": facts["owner_name"] or owner,
    }
    if observation.status is Status.PROVISIONAL and row.status is not None:
        return named
    return {
        **named,
        **{name: facts[name] for name in ("currency", "period_start", "period_end", "covered_through", "detail")},
        "status": effective_status(observation).value,
        "value": _stored(observation.value),
        "limit_value": _stored(observation.limit),
        "target_value": _stored(exact(facts["target_value"])),
    }


def _stored(number: Decimal | None) -> Decimal | None:
    """The number in the tables' scale, so that an unchanged value is no change."""
    return None if number is None else number.quantize(NUMBER_STEP, context=WIDE)
