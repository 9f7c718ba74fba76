"""The rule packs beside the stored rules: what of a pack is there already, what differs, and switching it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

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
from superset_kpi_plugin.warehouse import Reader, Warehouse

NEW, SAME, DIFFERS = "new", "same", "differs"
#: A site's own: whom a rule tells, whether it is on, and where it came from are no differences.
OWN = ("channels", "is_enabled", "source")


def packs(warehouse: Warehouse | None = None) -> list[dict[str, Any]]:
    """Every pack with its rules, each beside the stored rule of its name (see `_beside`).

    The warehouse is asked over one connection, and each thing once. Without it the packs can be read all the same;
    switching a rule on says what is wrong.
    """
    try:
        with (warehouse or Warehouse()).reading() as reader:
            return _packs(_Remembering(reader.connection))
    except WarehouseUnavailable:
        return _packs(None)


class _Remembering(Reader):
    """A reader that asks the same thing once: rules of a pack name the same KPIs."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.found: dict[str, list[dict[str, Any]]] = {}

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        asked = repr((sql, sorted((params or {}).items())))
        if asked not in self.found:
            self.found[asked] = super().read(sql, params)
        return self.found[asked]


def _packs(reader: Reader | None) -> list[dict[str, Any]]:
    stored = {rule.name: rule for rule in live_rules()}
    return [
        {"name": name, "rules": [_beside(rule, stored.get(rule["name"]), reader) for rule in read_pack(name, [])]}
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


def _beside(rule: Mapping[str, Any], stored: AlertRule | None, reader: Reader | None) -> dict[str, Any]:
    """A pack's rule with ``state`` (new, same, differs), the stored rule's ``rule_id`` and ``is_enabled``,
    ``differences`` as (field, stored, pack) and ``problems``: why it can't be made, as far as the warehouse tells."""
    shown = {name: value for name, value in rule.items() if name != "channels"}
    shown["parameters"] = stored_parameters(rule.get("parameters") or {})
    if stored is None:
        return {**shown, "state": NEW, "rule_id": None, "is_enabled": None, "differences": [],
                "problems": check_rule(rule, reader) if reader else []}  # fmt: skip
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
