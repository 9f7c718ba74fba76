"""The rule packs beside the stored rules: what of a pack is there already, what differs, and switching it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from superset_kpi_plugin.alerts.commands.rule_files import (
    apply_rules,
    differences,
    live_rules,
    pack_names,
    read_pack,
)
from superset_kpi_plugin.alerts.commands.rules import FIXED, check_rule
from superset_kpi_plugin.alerts.commands.validation import problem, stored_parameters
from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.errors import NotFound, ValidationFailed, WarehouseUnavailable
from superset_kpi_plugin.warehouse import Warehouse

NEW, SAME, DIFFERS = "new", "same", "differs"
#: A site's own: whom a rule tells, whether it is on, and where it came from are no differences.
OWN = ("channels", "is_enabled", "source")


def packs(warehouse: Warehouse | None = None) -> list[dict[str, Any]]:
    """Every pack with its rules, each beside the stored rule of its name (see `_beside`)."""
    warehouse = warehouse or Warehouse()
    stored = {rule.name: rule for rule in live_rules()}
    return [
        {"name": name, "rules": [_beside(rule, stored.get(rule["name"]), warehouse) for rule in read_pack(name, [])]}
        for name in pack_names()
    ]


def switch_on(
    name: str, wanted: Any, channels: Any, user: str, warehouse: Warehouse | None = None
) -> dict[str, list[str]]:
    """Make rules of a pack as the pack has them, and switch them on. A stored rule goes on telling whom it tells.

    :param wanted: names of the pack's rules; None is those that are not there yet.
    :param channels: whom new rules tell.
    :returns: names that were created, changed and left as they are.
    :raises NotFound: no such pack.
    :raises ValidationFailed: a rule that the pack hasn't, or that can't be accepted (the ones before it are applied).
    """
    if name not in pack_names():
        raise NotFound("There is no rule pack {name}.", name=name)
    stored = {rule.name: rule for rule in live_rules()}
    rules = {rule["name"]: rule for rule in read_pack(name, channels if channels is not None else [])}
    if wanted is None:
        wanted = [rule for rule in rules if rule not in stored]
    if not isinstance(wanted, list) or not all(isinstance(rule, str) and rule in rules for rule in wanted):
        error = problem("rules", "This must be a list of names of rules of the pack.")
        raise ValidationFailed("Nothing was saved: some values can't be accepted.", details={"errors": [error]})
    chosen = [
        {**rules[rule], **({"channels": stored[rule].channels} if rule in stored else {})}
        for rule in dict.fromkeys(wanted)
    ]
    done = apply_rules(chosen, user, f"pack:{name}", warehouse)
    return {what: done[what] for what in ("created", "changed", "unchanged")}


def _beside(rule: Mapping[str, Any], stored: AlertRule | None, warehouse: Warehouse) -> dict[str, Any]:
    """A pack's rule with ``state`` (new, same, differs), the stored rule's ``rule_id`` and ``is_enabled``,
    ``differences`` as (field, stored, pack) and ``problems``: why it can't be made, as far as the warehouse tells."""
    shown = {name: value for name, value in rule.items() if name != "channels"}
    shown["parameters"] = stored_parameters(rule.get("parameters") or {})
    if stored is None:
        return {**shown, "state": NEW, "rule_id": None, "is_enabled": None, "differences": [],
                "problems": _problems(rule, warehouse)}  # fmt: skip
    found = {name: pair for name, pair in differences(stored, rule).items() if name not in OWN}
    fixed = [problem(name, "This can't be changed; create another rule.") for name in FIXED if name in found]
    return {
        **shown,
        "state": DIFFERS if found else SAME,
        "rule_id": stored.id,
        "is_enabled": stored.is_enabled,
        "differences": [{"field": name, "stored": mine, "pack": theirs} for name, (mine, theirs) in found.items()],
        "problems": fixed,
    }


def _problems(rule: Mapping[str, Any], warehouse: Warehouse) -> list[dict[str, str]]:
    try:
        return check_rule(rule, warehouse)
    except WarehouseUnavailable:
        return []  # the pack can be read; switching it on says so
