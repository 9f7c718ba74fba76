"""Between the pure state machine and the tables: instants, instances, messages to enqueue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import states
from superset_kpi_plugin.alerts.conditions import Watch
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule
from superset_kpi_plugin.alerts.notices import Held, Told
from superset_kpi_plugin.alerts.observations import Margins, Watched, exact, pure_condition
from superset_kpi_plugin.api import decimal_text
from superset_kpi_plugin.assets.editions import LANGUAGES, slug

#: How long a text of an instance may be; what people read is cut to it.
LONGEST = {
    column.name: column.type.length
    for column in AlertInstance.__table__.c
    if isinstance(column.type, String) and column.type.length
}
#: What is compared or counted with: cut, it would be another one.
EXACT = ("entity_id", "account_id", "team_id", "currency")
#: Numbers of the tables have up to 26 digits before the point.
LARGEST = Decimal(10) ** 26
INSTANTS = ("pending_since", "firing_since", "clear_since", "resolved_at")


def utc_now() -> datetime:
    """The present instant, to the second (some metadata databases keep no more)."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def to_database(instant: datetime | None) -> datetime | None:
    """An aware instant as the database keeps it: UTC without a zone."""
    return None if instant is None else instant.astimezone(timezone.utc).replace(tzinfo=None)


def from_database(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(tzinfo=timezone.utc)


@contextmanager
def transaction() -> Iterator[Session]:
    """A transaction of its own on the metadata database, apart from the request's session."""
    from superset.extensions import db

    with Session(bind=db.engine, future=True, expire_on_commit=False) as session, session.begin():
        yield session


def pure_rule(rule: AlertRule) -> states.Rule:
    """The part of a stored rule that decides over states."""
    return states.Rule(
        pure_condition(watch_of(rule)),
        timedelta(minutes=rule.for_minutes),
        timedelta(minutes=rule.keep_firing_minutes),
    )


def watch_of(rule: AlertRule) -> Watch:
    """The part of a stored rule that decides over its statement."""
    return Watch(
        rule.kpi_id,
        rule.entity_kind,
        rule.grain,
        rule.condition,
        rule.parameters or {},
        None if rule.entity_ids is None else tuple(rule.entity_ids),
        rule.within,
        bool(rule.include_provisional),
        None if rule.minimum_volume is None else Decimal(rule.minimum_volume),
        rule.volume_kpi_id,
    )


def margins_of(rule: AlertRule) -> Margins:
    """A rule's tolerance and hysteresis."""
    return Margins(Decimal(rule.tolerance or 0), Decimal(rule.hysteresis or 0))


def pure_instance(row: AlertInstance) -> states.Instance:
    """The stored state of an instance."""
    instants = {name: from_database(getattr(row, name)) for name in INSTANTS}
    recent = tuple(datetime.fromisoformat(text) for text in row.recent_firings or ())
    return states.Instance(state=states.State(row.state), incident=row.incident, recent_firings=recent, **instants)


def assign(row: AlertInstance, **values: Any) -> None:
    """Set what differs: of thousands of instances hardly one changes, and a row that was not touched is not written.

    A name longer than its column is cut: names come from the warehouse, which knows no such limit.
    """
    for name, value in values.items():
        if isinstance(value, str) and len(value) > LONGEST.get(name, len(value)):
            value = value[: LONGEST[name] - 1] + "…"  # noqa: PLW2901
        if getattr(row, name) != value:
            setattr(row, name, value)


def unfit(seen: Watched) -> str | None:
    """The fact that keeps an entity from being kept (an id or a number that is too long), or None."""
    for name in EXACT:
        if len(str(seen.facts.get(name) or "")) > LONGEST[name]:
            return name
    numbers = {
        "value": seen.observation.value,
        "limit_value": seen.observation.limit,
        "target_value": exact(seen.facts["target_value"]),
    }
    return next((name for name, number in numbers.items() if number is not None and abs(number) >= LARGEST), None)


def write_state(row: AlertInstance, instance: states.Instance) -> None:
    """Copy a state into its row."""
    recent = [instant.isoformat() for instant in instance.recent_firings]
    if recent != (row.recent_firings or []):
        row.recent_firings = recent
    instants = {name: to_database(getattr(instance, name)) for name in INSTANTS}
    assign(row, state=instance.state.value, incident=instance.incident, **instants)


def told_of(row: AlertInstance) -> Told:
    """What people were told of an instance."""
    return Told(row.told_incident or 0, from_database(row.told_at), row.escalated or 0)


def write_told(row: AlertInstance, told: Told) -> None:
    """Copy what people were told into the row."""
    row.told_incident, row.told_at, row.escalated = told.incident, to_database(told.at), told.escalated


def held_of(row: AlertInstance) -> Held:
    """What holds an instance back."""
    return Held(row.inhibited_by, from_database(row.snoozed_until), row.silence_id)


def event_values(
    row: AlertInstance, event: str, at: datetime | None, user: str | None = None, comment: str | None = None
) -> dict[str, Any]:
    """The columns of an event that happens to an instance as it stands now."""
    return {
        "instance_id": row.id,
        "event": event,
        "incident": row.incident,
        "happened_at": at,
        "period_start": row.period_start,
        "status": row.status,
        "value": row.value,
        "limit_value": row.limit_value,
        "user": user,
        "comment": comment,
    }


def editions(session: Session, english: str) -> dict[str, str]:
    """Language -> slug of a dashboard's installed editions; none where a site goes without our dashboards."""
    from superset.models.dashboard import Dashboard

    wanted = {language: slug(english, language) for language in LANGUAGES}
    there = set(session.execute(select(Dashboard.slug).where(Dashboard.slug.in_(wanted.values()))).scalars())
    return {language: name for language, name in wanted.items() if name in there}


def message_key(rule_id: int, entity_id: str, instance: states.Instance, event: str, recipient: str) -> str:
    """The stable key of a message: the same for every evaluator and every attempt, another one for every incident."""
    since = instance.firing_since.isoformat() if instance.firing_since else ""
    parts = (str(rule_id), entity_id, str(instance.incident), since, event, recipient)
    return "kpi-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:48]


def group_key(keys: Iterable[str]) -> str:
    """The stable key of one message about several, by theirs."""
    return "kpi-" + hashlib.sha256("\x1f".join(sorted(keys)).encode()).hexdigest()[:48]


def facts(rule: AlertRule, row: AlertInstance) -> dict[str, Any]:
    """Everything a message says, JSON-ready: numbers as strings, instants in UTC."""
    instants = {name: _instant(getattr(row, name)) for name in ("pending_since", "firing_since", "resolved_at")}
    numbers = {name: _number(getattr(row, name)) for name in ("value", "limit_value", "target_value")}
    days = {name: _day(getattr(row, name)) for name in ("period_start", "period_end", "covered_through")}
    names = ("kpi_id", "kpi_name_en", "kpi_name_zh", "unit", "direction", "number_format", "currency", "entity_kind")
    more = (
        *("entity_id", "entity_name", "account_id", "account_name", "grain", "state", "status", "owner", "owner_name"),
        *("team_id", "assignee", "detail", "season_en", "season_zh", "driver"),
    )
    plain = {name: getattr(row, name) for name in (*names, *more)}
    return {
        "alert_id": row.id,
        "rule_id": rule.id,
        "rule_name": rule.name,
        "rule_name_zh": rule.name_zh,
        "playbook_en": rule.playbook_en,
        "playbook_zh": rule.playbook_zh,
        "parameters": rule.parameters or {},
        "severity": rule.severity,
        "condition": rule.condition,
        "incident": row.incident,
        **plain,
        **numbers,
        **days,
        **instants,
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat() + "Z"


def _number(value: Any) -> str | None:
    return None if value is None else decimal_text(value)


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()
