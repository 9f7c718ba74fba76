"""Deliver what the outbox holds: at least once per recipient, always under the message's own key.

A message is locked, sent and recorded in one transaction. When the process dies between sending and recording, the
lock goes with it and the message is sent again, with the same key; that is the only window for a duplicate.

Rows of one group are one message under the group's key, taken by their first row, sent and recorded together. The rows
of a digest become a group when it is due, in a transaction before any sending: what comes later is the next message,
and a digest that is sent again is the same.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from superset_kpi_plugin.alerts import channels, steps, storage
from superset_kpi_plugin.alerts.channels.retries import Outcome, is_final, wait_before
from superset_kpi_plugin.alerts.digest import render_several
from superset_kpi_plugin.alerts.message import Message, notify_type, render
from superset_kpi_plugin.alerts.models import OutboxMessage
from superset_kpi_plugin.config import setting

logger = logging.getLogger(__name__)
# A channel that failed so often in a row is left for the next call, so that it doesn't hold up the others.
FAILURES_IN_A_ROW = 3
#: Who writes a message, by the event of its outbox row; alerts are written by `alerts.message.render`.
WRITERS: dict[str, Callable[[str, Mapping[str, Any], str, str], Message]] = {}
UNWRITABLE = Outcome(False, True, "The message's text could not be written; see the log.")


def deliver(seconds: float = 60, limit: int = 5000, now: datetime | None = None) -> dict[str, int]:
    """Send the messages that are due, one channel after the other, for at most about ``seconds``.

    Several deliverers may run at once: each message is taken by one of them. ``now`` is only given by tests.

    :returns: sent and failed (given up) by this call, and pending: still waiting, for now or for a later attempt.
    """
    started = time.monotonic()
    counts: Counter[str] = Counter()
    gather_digests(now)
    waiting = _due_channels(now)
    failures: Counter[str] = Counter()
    while waiting and sum(counts.values()) < limit and time.monotonic() - started < seconds:
        channel = waiting.pop(0)
        outcome = _deliver_next(channel, now)
        if outcome is None:
            continue
        counts["sent" if outcome == "sent" else outcome] += 1
        failures[channel] = 0 if outcome == "sent" else failures[channel] + 1
        if failures[channel] < FAILURES_IN_A_ROW:
            waiting.append(channel)  # in turn: a long queue of one channel doesn't hold up the others
    return {"sent": counts["sent"], "failed": counts["failed"], "pending": _count_pending()}


def gather_digests(now: datetime | None = None) -> None:
    """Make one group of each recipient's rows whose digest is due; a single row goes out as it is."""
    with storage.transaction() as session:
        due = (
            select(OutboxMessage)
            .where(
                OutboxMessage.state == "pending",
                OutboxMessage.digest_at <= _instant(now),
                OutboxMessage.next_attempt_at <= _instant(now),  # not in quiet hours
                OutboxMessage.group_key.is_(None),
            )
            .order_by(OutboxMessage.id)
            .with_for_update(skip_locked=True)
        )
        digests: defaultdict[tuple[str, str], list[OutboxMessage]] = defaultdict(list)
        for row in session.execute(due).scalars():
            digests[row.channel, row.recipient].append(row)
        for rows in digests.values():
            key = storage.group_key(row.key for row in rows) if len(rows) > 1 else None
            for row in rows:
                row.group_key, row.digest_at = key, row.digest_at if key else None


def _due_channels(now: datetime | None) -> list[str]:
    due = select(OutboxMessage.channel).where(
        OutboxMessage.state == "pending", OutboxMessage.next_attempt_at <= _instant(now)
    )
    with storage.transaction() as session:
        return list(session.execute(due.group_by(OutboxMessage.channel).order_by(OutboxMessage.channel)).scalars())


def _deliver_next(channel: str, now: datetime | None) -> str | None:
    """Take, send and record the channel's next due message: sent, failed or postponed; None when there is none."""
    with storage.transaction() as session:
        rows = _take_next(session, channel, now)
        if not rows:
            return None
        key = rows[0].group_key or rows[0].key
        steps.reached("message taken", key)
        outcome = _send(rows)
        steps.reached("message sent", key)
        result = _record(rows, outcome, now)
        steps.reached("message recorded", key)
    steps.reached("record committed", key)
    return result


def _take_next(session: Session, channel: str, now: datetime | None) -> list[OutboxMessage]:
    """The rows of the channel's next due message, locked: one, or a whole group by its first row; none when there is
    nothing to send."""
    before = aliased(OutboxMessage)
    is_behind = exists().where(
        before.group_key == OutboxMessage.group_key, before.state == "pending", before.id < OutboxMessage.id
    )
    due = (
        select(OutboxMessage)
        .where(
            OutboxMessage.state == "pending",
            OutboxMessage.channel == channel,
            OutboxMessage.next_attempt_at <= _instant(now),
            or_(OutboxMessage.digest_at.is_(None), OutboxMessage.group_key.is_not(None)),
            ~is_behind,
        )
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    first = session.execute(due).scalar_one_or_none()
    if first is None or first.group_key is None:
        return [first] if first is not None else []
    group = select(OutboxMessage).where(OutboxMessage.group_key == first.group_key, OutboxMessage.state == "pending")
    return list(session.execute(group.order_by(OutboxMessage.id).with_for_update()).scalars())


def _send(rows: Sequence[OutboxMessage]) -> Outcome:
    first = rows[0]
    channel = channels.get(first.channel)
    locale = channels.locale_of(channel, first.recipient) or setting_locale()
    try:
        rendered = _write(rows, locale)
        kind = notify_type(rendered.payload)
    except Exception:  # one message that can't be written must not hold up all that wait behind it
        logger.exception("Alert message %s can't be written", first.group_key or first.key)
        return UNWRITABLE
    return channels.send(first.channel, first.recipient, rendered, kind)


def _write(rows: Sequence[OutboxMessage], locale: str) -> Message:
    first, address = rows[0], str(setting("KPI_PUBLIC_URL") or "")
    if first.group_key is None:
        return WRITERS.get(first.event, render)(first.key, first.payload, locale, address)
    payloads = [row.payload for row in rows]
    return render_several(first.group_key, payloads, locale, address, is_digest=first.digest_at is not None)


def _record(rows: Sequence[OutboxMessage], outcome: Outcome, now: datetime | None) -> str:
    first, at = rows[0], now or storage.utc_now()
    attempts = first.attempts + 1
    values: dict[str, Any] = {"attempts": attempts, "last_error": outcome.error}
    result = "postponed"
    if outcome.is_sent:
        result, values["state"], values["sent_at"] = "sent", "sent", storage.to_database(at)
    elif is_final(outcome, attempts):
        result = values["state"] = "failed"
        key = first.group_key or first.key
        logger.error("Alert message %s by channel %s was given up: %s", key, first.channel, outcome.error)
    else:
        values["next_attempt_at"] = storage.to_database(at + wait_before(attempts, outcome.retry_after))
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
    return result


def setting_locale() -> str:
    """The site's language, for channels that name none."""
    from flask import current_app

    return str(current_app.config.get("BABEL_DEFAULT_LOCALE") or "en")


def _instant(now: datetime | None) -> datetime | None:
    return storage.to_database(now or storage.utc_now())


def _count_pending() -> int:
    with storage.transaction() as session:
        return session.execute(
            select(func.count(func.distinct(func.coalesce(OutboxMessage.group_key, OutboxMessage.key)))).where(
                OutboxMessage.state == "pending"
            )
        ).scalar_one()
