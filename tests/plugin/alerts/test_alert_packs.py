"""Packs by the API: what of a pack is there, what differs, and switching on what was chosen and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from superset_kpi_plugin.warehouse import Reader, Warehouse
from tests.plugin.conftest import error_of

ACOS = "Ad group over its ACoS line"


@pytest.fixture(autouse=True)
def channels(site: Any) -> None:
    site.channels(hook="json://127.0.0.1:9/alerts", mail="mailto://127.0.0.1/?from=k@example.com&to=o@example.com")


def pack(client: Any, name: str = "ad_waste") -> dict[str, dict[str, Any]]:
    packs = {one["name"]: one["rules"] for one in client.get("alert_rules/packs").get_json()["result"]}
    return {rule["name"]: rule for rule in packs[name]}


def stored(client: Any) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in client.get("alert_rules/").get_json()["result"]}


def test_a_pack_shows_what_is_missing_and_what_can_not_be_made_here(site: Any, viewer: Any) -> None:
    rules = pack(viewer)
    assert (rules[ACOS]["state"], rules[ACOS]["rule_id"], rules[ACOS]["problems"]) == ("new", None, [])
    assert rules[ACOS]["condition"] == "breach"
    assert rules[ACOS]["name_zh"]
    wasted = rules["Wasted ad cost over a third"]  # the small warehouse has no such KPI
    assert [one["field"] for one in wasted["problems"]] == ["kpi_id"]
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    assert pack(viewer)["Wasted ad cost over a third"]["problems"] == []  # nobody can say, and the pack is read


def test_packs_ask_the_warehouse_each_thing_once_over_one_connection(
    site: Any, viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    connections: list[Any] = []
    read, reading = Reader.read, Warehouse.reading

    def counted(self: Reader, sql: str, params: Any = None) -> Any:
        asked.append((sql, repr(params)))
        return read(self, sql, params)

    def opened(self: Warehouse) -> Any:
        connections.append(self)
        return reading(self)

    monkeypatch.setattr(Reader, "read", counted)
    monkeypatch.setattr(Warehouse, "reading", opened)
    assert len(pack(viewer)) > 1
    assert len(asked) == len(set(asked)) > 5
    assert len(connections) == 1


def test_what_was_chosen_is_switched_on_and_a_second_time_changes_nothing(site: Any, admin: Any) -> None:
    wanted = {"rules": [ACOS], "channels": ["hook"]}
    answer = admin.post("alert_rules/packs/ad_waste", wanted).get_json()
    assert answer == {"created": [ACOS], "changed": [], "unchanged": []}
    [rule] = stored(admin).values()
    assert (rule["name"], rule["channels"], rule["source"], rule["is_enabled"]) == (
        ACOS,
        ["hook"],
        "pack:ad_waste",
        True,
    )
    shown = pack(admin)[ACOS]
    assert (shown["state"], shown["rule_id"], shown["is_enabled"]) == ("same", rule["id"], True)
    assert admin.post("alert_rules/packs/ad_waste", wanted).get_json()["unchanged"] == [ACOS]


def test_a_changed_rule_is_told_and_made_again_only_when_it_is_named(site: Any, admin: Any) -> None:
    admin.post("alert_rules/packs/ad_waste", {"rules": [ACOS], "channels": ["hook"]})
    rule_id = stored(admin)[ACOS]["id"]
    mine = {"severity": "critical", "hysteresis": "0.1", "channels": ["mail"], "is_enabled": False}
    assert admin.put(f"alert_rules/{rule_id}", mine).status_code == 200
    shown = pack(admin)[ACOS]
    assert (shown["state"], shown["is_enabled"]) == ("differs", False)
    # Whom it tells and whether it is on are the site's own.
    assert {one["field"]: (one["stored"], one["pack"]) for one in shown["differences"]} == {
        "severity": ("critical", "warning"),
        "hysteresis": ("0.1", "0"),
    }
    assert admin.post("alert_rules/packs/ad_waste", {"rules": []}).get_json()["changed"] == []
    assert stored(admin)[ACOS]["severity"] == "critical"
    assert admin.post("alert_rules/packs/ad_waste", {"rules": [ACOS], "channels": ["hook"]}).status_code == 200
    rule = stored(admin)[ACOS]
    assert (rule["severity"], rule["is_enabled"], rule["channels"]) == ("warning", True, ["mail"])


def test_what_another_rule_watches_under_the_name_can_not_be_made(site: Any, admin: Any) -> None:
    other = {"name": ACOS, "kpi_id": "gmv", "entity_kind": "account", "grain": "month"}
    assert admin.post("alert_rules/", other).status_code == 201
    assert {one["field"] for one in pack(admin)[ACOS]["problems"]} == {"kpi_id", "entity_kind"}
    assert admin.post("alert_rules/packs/ad_waste", {"rules": [ACOS]}).status_code == 422
    assert stored(admin)[ACOS]["kpi_id"] == "gmv"


def test_what_is_wrong_is_named(site: Any, admin: Any, owner: Any) -> None:
    def errors(**body: Any) -> list[tuple[str | None, str]]:
        details = error_of(admin.post("alert_rules/packs/ad_waste", body), 422)["details"]
        return [(one.get("rule"), one["field"]) for one in details["errors"]]

    assert errors(rules=["no such rule"]) == errors(rules="all") == [(None, "rules")]
    assert errors(rules=[ACOS], channels=["pager"]) == [(ACOS, "channels")]
    assert errors(rules=[ACOS], channels="hook") == [(ACOS, "channels")]
    assert stored(admin) == {}
    error_of(admin.post("alert_rules/packs/nothing", {}), 404)
    error_of(admin.post("alert_rules/packs/..%2Fpacks%2Fmargin", {}), 404)
    error_of(owner.post("alert_rules/packs/ad_waste", {"rules": []}), 403)
