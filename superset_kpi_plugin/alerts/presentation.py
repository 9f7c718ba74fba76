"""Rules, instances and events as the API answers them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from superset_kpi_plugin.alerts import silences
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule, AlertSilence, OutboxMessage
from superset_kpi_plugin.etags import content_etag

RULE_FIELDS = (
    "id",
    "name",
    "kpi_id",
    "entity_kind",
    "entity_ids",
    "within",
    "grain",
    "condition",
    "parameters",
    "tolerance",
    "hysteresis",
    "seasons",
    "minimum_volume",
    "volume_kpi_id",
    "include_provisional",
    "for_minutes",
    "keep_firing_minutes",
    "severity",
    "channels",
    "group_above",
    "digest",
    "escalation",
    "owner",
    "name_zh",
    "playbook_en",
    "playbook_zh",
    "source",
    "is_enabled",
    "last_evaluated_at",
)
INSTANCE_FIELDS = (
    "id",
    "rule_id",
    "kpi_id",
    "unit",
    "direction",
    "number_format",
    "currency",
    "entity_kind",
    "entity_id",
    "entity_name",
    "account_id",
    "account_name",
    "grain",
    "period_start",
    "period_end",
    "covered_through",
    "state",
    "status",
    "value",
    "limit_value",
    "target_value",
    "owner",
    "owner_name",
    "pending_since",
    "firing_since",
    "resolved_at",
    "acknowledged_by",
    "acknowledged_at",
    "comment",
    "incident",
    "inhibited_by",
    "silence_id",
    "snoozed_until",
    "assignee",
    "detail",
    "season_en",
    "season_zh",
    "driver",
)


def rule_json(rule: AlertRule) -> dict[str, Any]:
    """A rule with its etag, which an evaluation doesn't change."""
    return {**{name: getattr(rule, name) for name in RULE_FIELDS}, "etag": rule_etag(rule)}


def rule_etag(rule: AlertRule) -> str:
    """The etag of a rule as it is stored."""
    return content_etag({name: getattr(rule, name) for name in RULE_FIELDS if name != "last_evaluated_at"})


def instance_json(row: AlertInstance, rule: AlertRule, locale: str) -> dict[str, Any]:
    """An instance with the names of its rule and KPI, in the reader's language where they have one."""
    kpi_name = (row.kpi_name_zh if locale == "zh" else None) or row.kpi_name_en or row.kpi_id
    shown = {name: getattr(row, name) for name in INSTANCE_FIELDS}
    shown["entity_name"] = row.entity_name or row.entity_id
    return {
        **shown,
        "last_evaluated_at": rule.last_evaluated_at,  # of all its instances at once
        "rule_name": (rule.name_zh if locale == "zh" else None) or rule.name,
        "severity": rule.severity,
        "condition": rule.condition,
        "kpi_name": kpi_name,
    }


def detail_json(row: AlertInstance, rule: AlertRule, locale: str) -> dict[str, Any]:
    """An instance with what helps whoever opens it: the rule's playbook, in the reader's language where it has one."""
    playbook = (rule.playbook_zh if locale == "zh" else rule.playbook_en) or rule.playbook_en or rule.playbook_zh
    return {**instance_json(row, rule, locale), "playbook": playbook}


def event_json(event: AlertEvent) -> dict[str, Any]:
    """``by`` is null for what the evaluation did."""
    return {
        "id": event.id,
        "event": event.event,
        "at": event.happened_at,
        "by": event.user,
        "comment": event.comment,
        "period_start": event.period_start,
        "status": event.status,
        "value": event.value,
        "limit_value": event.limit_value,
    }


def silence_json(silence: AlertSilence, rule_name: str | None, now: datetime) -> dict[str, Any]:
    """A silence with its state at ``now`` (aware, UTC)."""
    names = ("id", "kpi_id", "entity_id", "rule_id", "severity", "starts_at", "ends_at", "reason")
    more = ("created_by", "created_at", "ended_by")
    shown = {name: getattr(silence, name) for name in (*names, *more)}
    return {**shown, "rule_name": rule_name, "state": silences.state_of(silence, now)}


def delivery_json(messages: Iterable[OutboxMessage]) -> list[dict[str, Any]]:
    """How the messages of an alert fare, by channel; who exactly receives them is not told."""
    names = ("event", "channel", "state", "attempts", "created_at", "sent_at", "last_error")
    return [{name: getattr(message, name) for name in names} for message in messages]
