"""Evaluate the alert rules: read what they watch, move the states, and write down whom to tell.

A rule is one statement on the warehouse and one transaction on the metadata database. The rule's row is locked before
the warehouse is read, so of two evaluators the second sees the first one's states, and no breach is enqueued twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import channels, storage
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule, OutboxMessage
from superset_kpi_plugin.alerts.observations import Watched, exact, statement, watch
from superset_kpi_plugin.alerts.states import (
    NOTIFIED,
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
    :raises KpiError: when not one rule could be evaluated, the first rule's error.
    """
    warehouse = warehouse or Warehouse()
    with storage.transaction() as session:
        wanted = select(AlertRule.id).where(AlertRule.is_enabled.is_(True), AlertRule.deleted_at.is_(None))
        rule_ids = session.execute(wanted.order_by(AlertRule.id)).scalars().all()
    total: Counter[str] = Counter(rules=len(rule_ids))
    first_error: KpiError | None = None
    for rule_id in rule_ids:
        try:
            total.update(evaluate_rule(rule_id, now, warehouse))
        except KpiError as error:
            logger.warning("Alert rule %s was not evaluated: %s", rule_id, error.message)
            first_error = first_error or error
            total["failed"] += 1
    if first_error is not None and total["failed"] == len(rule_ids):
        raise first_error
    return {name: total[name] for name in COUNTED}


def evaluate_rule(rule_id: int, now: datetime | None, warehouse: Warehouse) -> Counter[str]:
    """Evaluate one rule in one transaction; a rule that was switched off or deleted meanwhile counts nothing."""
    with storage.transaction() as session:
        rule = session.execute(select(AlertRule).where(AlertRule.id == rule_id).with_for_update()).scalar_one()
        if not rule.is_enabled or rule.deleted_at is not None:
            return Counter()
        at = now or storage.utc_now()  # after the lock: of two evaluators the second is also the later
        sql, params = statement(rule.kpi_id, rule.entity_kind, rule.grain, rule.entity_ids, at.date())
        pure = storage.pure_rule(rule)
        watched = [watch(row, pure.condition, rule.grain, at) for row in warehouse.read(sql, params)]
        rule.last_evaluated_at = storage.to_database(at)
        return _Evaluation(session, rule, at).run(watched)


class _Evaluation:
    """One rule's evaluation inside its transaction."""

    def __init__(self, session: Session, rule: AlertRule, now: datetime) -> None:
        self.session = session
        self.rule = rule
        self.pure_rule = storage.pure_rule(rule)
        self.now = now
        self.counts: Counter[str] = Counter()
        self.changes: list[tuple[AlertInstance, Instance, Event]] = []
        self.recipients = [(name, recipient) for name in rule.channels for recipient in channels.recipients(name)]

    def run(self, watched: Iterable[Watched]) -> Counter[str]:
        found = select(AlertInstance).where(AlertInstance.rule_id == self.rule.id)
        rows = {row.entity_id: row for row in self.session.execute(found).scalars()}
        for seen in watched:
            row = rows.pop(seen.entity_id, None)
            if row is None:
                row = self._new_row(seen)
            _describe(row, seen, self.rule)
            self._move(row, seen.observation)
        for row in rows.values():
            self._without_target(row)
        self.session.flush()  # gives new instances their ids
        self._record()
        everywhere = update(AlertInstance).where(AlertInstance.rule_id == self.rule.id)
        stamp = {"last_evaluated_at": storage.to_database(self.now)}
        self.session.execute(everywhere.values(stamp).execution_options(synchronize_session=False))
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

    def _without_target(self, row: AlertInstance) -> None:
        """An instance whose entity has no target any more, or was taken out of the rule."""
        selected = self.rule.entity_ids
        if selected is not None and row.entity_id not in selected:
            instance, event = withdraw(storage.pure_instance(row), self.now)
            self._store(row, instance, event)
            return
        row.status = Status.STALE.value
        self._move(row, Observation(Status.STALE, self.now))

    def _move(self, row: AlertInstance, observation: Observation) -> None:
        instance, event = step(self.pure_rule, storage.pure_instance(row), observation)
        self._store(row, instance, event)
        self.counts["evaluated"] += 1

    def _store(self, row: AlertInstance, instance: Instance, event: Event | None) -> None:
        storage.write_state(row, instance)
        self.counts["firing"] += instance.state is State.FIRING
        self.counts["pending"] += instance.state is State.PENDING
        self.counts["resolved"] += event is Event.RESOLVED
        if event is Event.FIRED:
            row.acknowledged_by = row.acknowledged_at = row.comment = None
        if event is not None:
            self.changes.append((row, instance, event))

    def _record(self) -> None:
        """Write the events, and for those that people are told of one message per recipient."""
        at = storage.to_database(self.now)
        events = [storage.event_values(row, event.value, at) for row, _, event in self.changes]
        messages: list[dict[str, Any]] = []
        for row, instance, event in self.changes:
            if event in NOTIFIED:
                messages += self._messages(row, instance, event)
        self.session.bulk_insert_mappings(AlertEvent, events)
        self.session.bulk_insert_mappings(OutboxMessage, messages)
        self.counts["enqueued"] += len(messages)

    def _messages(self, row: AlertInstance, instance: Instance, event: Event) -> Iterable[dict[str, Any]]:
        payload = {"event": event.value, **storage.facts(self.rule, row)}
        at = storage.to_database(self.now)
        for name, recipient in self.recipients:
            place = f"{name}\x1f{recipient}"
            yield {
                "key": storage.message_key(self.rule.id, row.entity_id, instance, event.value, place),
                "instance_id": row.id,
                "event": event.value,
                "channel": name,
                "recipient": recipient,
                "payload": payload,
                "state": "pending",
                "attempts": 0,
                "created_at": at,
                "next_attempt_at": at,
            }


def _describe(row: AlertInstance, seen: Watched, rule: AlertRule) -> None:
    """Copy what the inbox shows. A provisional observation changes nothing of an instance that has been decided."""
    facts, observation = seen.facts, seen.observation
    row.kpi_name_en, row.kpi_name_zh = facts["name_en"], facts["name_zh"]
    row.unit, row.direction, row.number_format = facts["unit"], facts["direction"], facts["number_format"]
    row.entity_name = facts["entity_name"]
    row.account_id, row.account_name = facts["account_id"], facts["account_name"]
    row.owner = facts["owner"] or rule.owner
    row.owner_name = facts["owner_name"] or row.owner
    if observation.status is Status.PROVISIONAL and row.status is not None:
        return
    row.currency = facts["currency"]
    row.period_start, row.period_end = facts["period_start"], facts["period_end"]
    row.covered_through = facts["covered_through"]
    row.status = effective_status(observation).value
    row.value, row.limit_value = _stored(observation.value), _stored(observation.limit)
    row.target_value = _stored(exact(facts["target_value"]))


def _stored(number: Decimal | None) -> Decimal | None:
    """The number in the tables' scale, so that an unchanged value is no change."""
    return None if number is None else number.quantize(NUMBER_STEP, context=WIDE)
