"""Rules as YAML, kept in git: read a file, make the stored rules equal to it, and write the stored rules as one.

A file is ``rules:`` with a list of rules, each with the fields of the API; ``name`` tells them apart. Applying a file
twice changes nothing the second time. Rules that came from the same ``source`` and left the file are switched off only
when that is asked for (``prune``); rules of other sources are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.commands.rules import DEFAULTS, FIELDS, create_rule, delete_rule, update_rule
from superset_kpi_plugin.alerts.commands.validation import stored_parameters
from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.errors import ValidationFailed
from superset_kpi_plugin.warehouse import Warehouse

PACKS = Path(__file__).parent.parent / "packs"
MOST_BYTES = 2_000_000


def pack_names() -> list[str]:
    """The rule packs that come with the plugin."""
    return sorted(file.stem for file in PACKS.glob("*.yaml"))


def read_pack(name: str, channels: list[str]) -> list[dict[str, Any]]:
    """A pack's rules, told to ``channels``.

    :raises ValidationFailed: no such pack.
    """
    if name not in pack_names():
        raise ValidationFailed("There is no rule pack {name}.", name=name)
    rules = read_rules((PACKS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [{**rule, "channels": channels} for rule in rules]


def read_rules(text: str) -> list[dict[str, Any]]:
    """The rules of a YAML text.

    :raises ValidationFailed: it is no YAML, or not a list of rules with different names.
    """
    if len(text) > MOST_BYTES:
        raise ValidationFailed("Nothing was saved: the file is too large for a file of rules.")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ValidationFailed("Nothing was saved: the file is not valid YAML (line {line}).", line=line) from None
    rules = content.get("rules") if isinstance(content, dict) else None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) and rule.get("name") for rule in rules):
        raise ValidationFailed("Nothing was saved: the file must hold a list named rules, each rule with a name.")
    names = [str(rule["name"]) for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValidationFailed("Nothing was saved: the file names a rule twice: {names}.", names=", ".join(twice))
    return rules


def apply_rules(
    rules: list[dict[str, Any]], user: str, source: str, warehouse: Warehouse | None = None, *, prune: bool = False
) -> dict[str, list[str]]:
    """Make the stored rules of these names equal to ``rules``.

    :returns: the names that were created, changed, left as they are, and deleted.
    :raises ValidationFailed: ``details.errors`` names rule and field; the rules before it are already applied, and
        applying the mended file again does no harm.
    """
    warehouse = warehouse or Warehouse()
    done: dict[str, list[str]] = {"created": [], "changed": [], "unchanged": [], "deleted": []}
    stored = {rule.name: rule for rule in live_rules()}
    for wanted in rules:
        name, body = str(wanted["name"]), {**wanted, "source": source}
        try:
            if name not in stored:
                create_rule(body, user, warehouse)
                done["created"].append(name)
            elif differences(stored[name], body):
                update_rule(stored[name].id, {**DEFAULTS, **body}, user, warehouse)
                done["changed"].append(name)
            else:
                done["unchanged"].append(name)
        except ValidationFailed as error:
            found = [{"rule": name, **entry} for entry in error.details.get("errors", [])]
            raise ValidationFailed(
                "The rule {name} can't be accepted: {reasons}",
                details={"errors": found},
                name=repr(name),
                reasons="; ".join(f"{entry['field']}: {entry['message']}" for entry in found),
            ) from None
    if prune:
        left = {str(rule["name"]) for rule in rules}
        for name, rule in stored.items():
            if rule.source == source and name not in left:
                delete_rule(rule.id, user)
                done["deleted"].append(name)
    return done


def export_rules(source: str | None = None) -> str:
    """The stored rules as YAML that ``apply_rules`` reads; fields that have their default are left out."""
    rules = [rule for rule in live_rules() if source is None or rule.source == source]
    listed = [_written(rule) for rule in rules]
    return yaml.safe_dump({"rules": listed}, allow_unicode=True, sort_keys=False, width=120)


def live_rules() -> list[AlertRule]:
    """The rules that were not deleted, by name."""
    with storage.transaction() as session:
        wanted = select(AlertRule).where(AlertRule.deleted_at.is_(None)).order_by(AlertRule.name)
        return list(session.execute(wanted).scalars())


def differences(rule: AlertRule, body: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Each field in which a stored rule differs from what is written, as (stored, written) in YAML's own types."""
    wanted = {**DEFAULTS, **body}
    pairs = {name: (_plain(name, getattr(rule, name)), _plain(name, wanted[name])) for name in FIELDS if name in wanted}
    return {name: (stored, written) for name, (stored, written) in pairs.items() if stored != written}


def _written(rule: AlertRule) -> dict[str, Any]:
    fields = {name: _plain(name, getattr(rule, name)) for name in FIELDS if name != "source"}
    return {name: value for name, value in fields.items() if name not in DEFAULTS or value != DEFAULTS[name]}


def _plain(name: str, value: Any) -> Any:
    """A field in YAML's own types, the same for what is stored and what is written."""
    if name in ("tolerance", "hysteresis"):
        return float(value or 0)
    if name == "minimum_volume":
        return None if value is None else _number(value)
    if name == "parameters":
        return {key: _number(item) for key, item in stored_parameters(value or {}).items()}
    return value


def _number(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number.is_integer() else number
