"""Deliver what the outbox holds: at least once per recipient, always under the message's own key.

A message is locked, sent and recorded in one transaction. When the process dies between sending and recording, the
lock goes with it and the message is sent again, with the same key; that is the only window for a duplicate.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import channels, steps, storage
from superset_kpi_plugin.alerts.channels.retries import Outcome, is_final, wait_before
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


def _due_channels(now: datetime | None) -> list[str]:
    due = select(OutboxMessage.channel).where(
        OutboxMessage.state == "pending", OutboxMessage.next_attempt_at <= _instant(now)
    )
    with storage.transaction() as session:
        return list(session.execute(due.group_by(OutboxMessage.channel).order_by(OutboxMessage.channel)).scalars())


def _deliver_next(channel: str, now: datetime | None) -> str | None:
    """Take, send and record the channel's next due message: sent, failed or postponed; None when there is none."""
    with storage.transaction() as session:
        due = (
            select(OutboxMessage)
            .where(
                OutboxMessage.state == "pending",
                OutboxMessage.channel == channel,
                OutboxMessage.next_attempt_at <= _instant(now),
            )
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        message = session.execute(due).scalar_one_or_none()
        if message is None:
            return None
        steps.reached("message taken")
        outcome = _send(message)
        steps.reached("message sent")
        result = _record(session, message, outcome, now)
        steps.reached("message recorded")
    steps.reached("record committed")
    return result


def _send(message: OutboxMessage) -> Outcome:
    channel = channels.get(message.channel)
    locale = channels.locale_of(channel, message.recipient) or setting_locale()
    try:
        write = WRITERS.get(message.event, render)
        rendered = write(message.key, message.payload, locale, str(setting("KPI_PUBLIC_URL") or ""))
        kind = notify_type(message.payload)
    except Exception:  # one message that can't be written must not hold up all that wait behind it
        logger.exception("Alert message %s can't be written", message.key)
        return UNWRITABLE
    return channels.send(message.channel, message.recipient, rendered, kind)


def _record(session: Session, message: OutboxMessage, outcome: Outcome, now: datetime | None) -> str:
    at = now or storage.utc_now()
    message.attempts += 1
    message.last_error = outcome.error
    if outcome.is_sent:
        message.state, message.sent_at = "sent", storage.to_database(at)
        return "sent"
    if is_final(outcome, message.attempts):
        message.state = "failed"
        logger.error("Alert message %s by channel %s was given up: %s", message.key, message.channel, outcome.error)
        return "failed"
    message.next_attempt_at = storage.to_database(at + wait_before(message.attempts, outcome.retry_after))
    return "postponed"


def setting_locale() -> str:
    """The site's language, for channels that name none."""
    from flask import current_app

    return str(current_app.config.get("BABEL_DEFAULT_LOCALE") or "en")


def _instant(now: datetime | None) -> datetime | None:
    return storage.to_database(now or storage.utc_now())


def _count_pending() -> int:
    with storage.transaction() as session:
        return session.execute(
            select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "pending")
        ).scalar_one()
