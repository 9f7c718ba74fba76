"""A rule as the API takes it, for its documentation; what is accepted is decided in `commands.rules`."""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, KINDS

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "description": "A share of the limit"}
_SHORT = {**_TEXT, "maxLength": 200, "nullable": True}
_PLAYBOOK = {**_TEXT, "maxLength": 4000, "nullable": True, "description": "What to do"}

#: Fields by name; the first four are required where a rule is made.
RULE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {**_TEXT, "maxLength": 200},
        "kpi_id": _TEXT,
        "entity_kind": _TEXT,
        "grain": {**_TEXT, "enum": list(GRAIN_DAYS)},
        "entity_ids": {**_TEXTS, "nullable": True, "description": "null is every entity"},
        "within": {**_TEXT, "nullable": True, "description": "Only what is below this entity"},
        "condition": {**_TEXT, "enum": list(KINDS), "default": "breach"},
        "parameters": {"type": "object", "description": "What the condition asks for", "additionalProperties": True},
        "tolerance": _SHARE,
        "hysteresis": _SHARE,
        "seasons": {
            "type": "object",
            "nullable": True,
            "properties": {"only": _TEXTS, "except": _TEXTS},
            "description": "Events of kpi_calendar, under one of both",
        },
        "minimum_volume": {
            "type": "number",
            "nullable": True,
            "description": "A period with fewer cases (its denominator, or volume_kpi_id's value) is not judged",
        },
        "volume_kpi_id": {**_TEXT, "nullable": True, "description": "The KPI that counts the cases"},
        "include_provisional": {"type": "boolean", "default": False},
        "for_minutes": {"type": "integer", "default": 0},
        "keep_firing_minutes": {"type": "integer", "default": 0},
        "severity": {**_TEXT, "enum": ["info", "warning", "critical"], "default": "warning"},
        "channels": {**_TEXTS, "description": "Names in KPI_CHANNELS"},
        "group_above": {
            "type": "integer",
            "nullable": True,
            "description": "More alerts than this at once are one message; null is KPI_GROUP_ABOVE",
        },
        "digest": {
            "type": "object",
            "nullable": True,
            "properties": {"at": _TEXT, "time_zone": _TEXT, "days": _TEXTS},
            "description": 'When to tell of all at once, such as {"at": "08:00", "time_zone": "Asia/Shanghai"}',
        },
        "escalation": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"after_minutes": {"type": "integer"}, "channels": _TEXTS},
            },
        },
        "owner": {**_SHORT, "description": "Where the target names no owner"},
        "name_zh": _SHORT,
        "playbook_en": _PLAYBOOK,
        "playbook_zh": _PLAYBOOK,
        "source": {**_SHORT, "description": "Which file or pack the rule is from"},
        "is_enabled": {"type": "boolean", "default": True},
    },
}
