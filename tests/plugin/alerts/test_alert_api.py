"""The alerts' API: rights, CSRF, shapes, and rules that are refused field by field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.alerts.conftest import AURORA, BOREALIS
from tests.plugin.conftest import error_of

RULE = {"name": "GMV pace", "kpi_id": "gmv", "entity_kind": "account", "grain": "month", "channels": ["hook"]}
INSTANCE = {
    "id", "rule_id", "rule_name", "severity", "kpi_id", "kpi_name", "unit", "number_format", "entity_kind", "entity_id",
    "entity_name", "grain", "period_start", "state", "status", "value", "limit_value", "target_value", "owner",
    "pending_since", "firing_since", "resolved_at", "last_evaluated_at", "acknowledged_by", "acknowledged_at",
    "comment",
}  # fmt: skip


@pytest.fixture(autouse=True)
def channels(site: Any) -> None:
    site.channels(hook="json://127.0.0.1:9/alerts", mail="mailto://127.0.0.1/?from=k@example.com&to=o@example.com")


def problems(response: Any) -> dict[str, str]:
    error = error_of(response, 422)
    assert error["code"] == "validation_failed"
    return {problem["field"]: problem["message"] for problem in error["details"]["errors"]}


def firing_id(client: Any) -> int:
    return client.get("alerts/?state=firing").get_json()["result"][0]["id"]


@pytest.fixture
def firing(site: Any, admin: Any) -> int:
    """The id of a firing alert, made through the API alone."""
    site.plant_breach()
    assert admin.post("alert_rules/", RULE).status_code == 201
    assert admin.post("alerts/evaluate").status_code == 200
    return firing_id(admin)


def test_from_rule_to_acknowledged_alert(site: Any, admin: Any, owner: Any, viewer: Any) -> None:
    site.plant_breach()
    created = admin.post("alert_rules/", {**RULE, "severity": "critical"})
    assert created.status_code == 201
    rule = created.get_json()["result"]
    assert (rule["condition"], rule["for_minutes"], rule["is_enabled"], rule["entity_ids"]) == ("breach", 0, True, None)
    counts = admin.post("alerts/evaluate").get_json()
    assert counts == {
        "rules": 1, "evaluated": 2, "firing": 1, "pending": 0, "resolved": 0, "enqueued": 1, "failed": 0,
    }  # fmt: skip

    listed = viewer.get("alerts/").get_json()
    assert (listed["count"], listed["states"]) == (2, {"firing": 1, "ok": 1})
    first, second = listed["result"]
    assert set(first) >= INSTANCE
    assert (first["entity_id"], first["state"], second["entity_id"]) == (BOREALIS, "firing", AURORA)
    assert (first["value"], first["limit_value"], first["target_value"]) == ("12000", "17000", "40000")
    assert (first["kpi_name"], first["entity_name"], first["rule_name"]) == ("GMV", "Borealis US", "GMV pace")
    assert first["severity"] == "critical"
    assert first["firing_since"].endswith("Z")

    answer = owner.post(f"alerts/{first['id']}/acknowledge", {"comment": "  called the account manager "})
    assert answer.status_code == 200
    shown = viewer.get(f"alerts/{first['id']}").get_json()["result"]
    assert (shown["acknowledged_by"], shown["comment"]) == ("owner", "called the account manager")
    assert [(event["event"], event["by"]) for event in shown["events"]] == [("acknowledged", "owner"), ("fired", None)]
    assert [(sent["channel"], sent["state"]) for sent in shown["deliveries"]] == [("hook", "pending")]


def test_the_list_is_filtered_and_paged(site: Any, viewer: Any, firing: int) -> None:
    assert [row["id"] for row in viewer.get("alerts/?state=firing,pending").get_json()["result"]] == [firing]
    assert viewer.get("alerts/?kpi_id=acos").get_json()["count"] == 0
    page = viewer.get("alerts/?page=1&page_size=1").get_json()
    assert (page["count"], [row["entity_id"] for row in page["result"]]) == (2, [AURORA])
    error_of(viewer.get("alerts/?state=angry"), 400)
    error_of(viewer.get("alerts/?rule_id=1%20or%201=1"), 400)
    error_of(viewer.get("alerts/999999"), 404)


def test_only_what_waits_or_fires_can_be_acknowledged(site: Any, owner: Any, firing: int) -> None:
    (calm,) = owner.get("alerts/?state=ok").get_json()["result"]
    assert error_of(owner.post(f"alerts/{calm['id']}/acknowledge"), 409)["details"] == {"state": "ok"}
    error_of(owner.post("alerts/999999/acknowledge"), 404)
    assert "comment" in problems(owner.post(f"alerts/{firing}/acknowledge", {"comment": "x" * 2001}))
    assert "comment" in problems(owner.post(f"alerts/{firing}/acknowledge", {"comment": 5}))


WRITES = [
    ("POST", "alert_rules/", RULE, "admin"),
    ("PUT", "alert_rules/1", {"severity": "info"}, "admin"),
    ("DELETE", "alert_rules/1", None, "admin"),
    ("POST", "alerts/evaluate", {}, "admin"),
    ("POST", "alerts/deliver", {}, "admin"),
    ("POST", "alerts/1/acknowledge", {}, "owner"),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed"), WRITES)
def test_writing_needs_a_role_and_a_csrf_token(
    clients: Any, site: Any, method: str, path: str, body: Any, allowed: str
) -> None:
    refused = ["gamma", "alpha", "viewer"] + (["owner", "approver"] if allowed == "admin" else [])
    for user in refused:
        assert error_of(clients(user).request(method, path, body), 403)["code"] == "forbidden"
    error_of(clients(None).request(method, path, body), 401)
    assert error_of(clients(allowed).request(method, path, body, csrf=False), 400)["code"] == "csrf"
    assert clients(allowed).request(method, path, body).status_code not in (400, 401, 403)
    assert clients("superadmin").request(method, path, body).status_code not in (400, 401, 403)


@pytest.mark.parametrize("path", ["alerts/", "alerts/1", "alert_rules/", "alert_rules/1"])
def test_reading_needs_a_kpi_role(clients: Any, site: Any, path: str) -> None:
    for user in ("gamma", "alpha"):
        error_of(clients(user).get(path), 403)
    error_of(clients(None).get(path), 401)
    assert clients("viewer").get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"kpi_id": "gvm"}, "kpi_id", "There is no KPI gvm."),
        ({"entity_kind": "ad_group"}, "entity_kind", "The KPI GMV has no values"),
        ({"entity_ids": ["account:nobody"]}, "entity_ids", "There is no account account:nobody."),
        ({"entity_ids": ["category:aurora_us/audio"]}, "entity_ids", "There is no account"),
        ({"entity_ids": []}, "entity_ids", "must be null"),
        ({"channels": ["pager"]}, "channels", "There is no channel pager"),
        ({"channels": "hook"}, "channels", "must be a list"),
        ({"channels": ["hook", "hook"]}, "channels", "different"),
        ({"grain": "hour"}, "grain", "day, week, month, quarter, year"),
        ({"condition": "always"}, "condition", "breach, warn, pace"),
        ({"severity": "urgent"}, "severity", "info, warning, critical"),
        ({"for_minutes": -1}, "for_minutes", "whole number"),
        ({"for_minutes": 1.5}, "for_minutes", "whole number"),
        ({"keep_firing_minutes": "10"}, "keep_firing_minutes", "whole number"),
        ({"for_minutes": True}, "for_minutes", "whole number"),
        ({"is_enabled": "yes"}, "is_enabled", "true or false"),
        ({"name": " "}, "name", "1 to 200"),
        ({"name": None}, "name", "1 to 200"),
        ({"kpi_id": 5}, "kpi_id", "text"),
        ({"owner": 5}, "owner", "text"),
        ({"colour": "red"}, "colour", "no such field"),
    ],
)
def test_a_wrong_rule_is_refused_by_field(site: Any, admin: Any, changes: Any, field: str, says: str) -> None:
    found = problems(admin.post("alert_rules/", {**RULE, **changes}))
    assert list(found) == [field]
    assert says.lower() in found[field].lower()
    assert admin.get("alert_rules/").get_json()["count"] == 0


def test_all_that_is_wrong_is_told_at_once(site: Any, admin: Any) -> None:
    found = problems(admin.post("alert_rules/", {"grain": "hour", "channels": ["pager"]}))
    assert set(found) == {"name", "kpi_id", "entity_kind", "grain", "channels"}


def test_names_are_taken_once(site: Any, admin: Any) -> None:
    first = admin.post("alert_rules/", RULE).get_json()["result"]
    assert "another rule" in problems(admin.post("alert_rules/", RULE))["name"]
    assert admin.delete(f"alert_rules/{first['id']}").status_code == 200
    assert admin.post("alert_rules/", RULE).status_code == 201


def test_a_rule_is_changed_in_part_and_may_be_sent_back_as_read(site: Any, admin: Any) -> None:
    rule = admin.post("alert_rules/", RULE).get_json()["result"]
    changed = admin.put(f"alert_rules/{rule['id']}", {"severity": "info", "for_minutes": 30}).get_json()["result"]
    assert (changed["severity"], changed["for_minutes"], changed["name"]) == ("info", 30, "GMV pace")
    assert admin.put(f"alert_rules/{rule['id']}", changed).status_code == 200
    assert admin.get(f"alert_rules/{rule['id']}").get_json()["result"]["severity"] == "info"
    assert "kpi_id" in problems(admin.put(f"alert_rules/{rule['id']}", {"kpi_id": "units"}))
    error_of(admin.put("alert_rules/999999", {}), 404)


def test_switching_a_rule_off_ends_its_alerts_without_a_message(site: Any, admin: Any, firing: int) -> None:
    (rule,) = admin.get("alert_rules/").get_json()["result"]
    assert admin.put(f"alert_rules/{rule['id']}", {"is_enabled": False}).status_code == 200
    shown = admin.get(f"alerts/{firing}").get_json()["result"]
    assert shown["state"] == "resolved"
    assert [(event["event"], event["by"]) for event in shown["events"]] == [("withdrawn", "admin"), ("fired", None)]
    assert [row["event"] for row in site.outbox()] == ["fired"]


def test_taking_an_entity_out_of_a_rule_ends_its_alert(site: Any, admin: Any, firing: int) -> None:
    (rule,) = admin.get("alert_rules/").get_json()["result"]
    admin.put(f"alert_rules/{rule['id']}", {"entity_ids": [AURORA]})
    assert admin.get(f"alerts/{firing}").get_json()["result"]["state"] == "resolved"
    assert admin.post("alerts/evaluate").get_json()["firing"] == 0


def test_a_deleted_rule_leaves_the_inbox_and_keeps_its_history(site: Any, admin: Any, firing: int) -> None:
    (rule,) = admin.get("alert_rules/").get_json()["result"]
    assert admin.delete(f"alert_rules/{rule['id']}").get_json() == {"deleted": rule["id"]}
    assert admin.get("alerts/").get_json()["count"] == 0
    error_of(admin.get(f"alert_rules/{rule['id']}"), 404)
    assert site.events() == ["fired", "withdrawn"]


def test_a_rule_cannot_be_checked_while_the_warehouse_is_down(site: Any, admin: Any) -> None:
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    error_of(admin.post("alert_rules/", RULE), 503)
    assert site.rows("select * from kpi_alert_rule") == []


def test_the_inbox_opens_while_the_warehouse_is_down(site: Any, viewer: Any, admin: Any, firing: int) -> None:
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    assert viewer.get("alerts/?state=firing").get_json()["count"] == 1
    assert viewer.get(f"alerts/{firing}").status_code == 200
    error_of(admin.post("alerts/evaluate"), 503)


def test_every_route_is_in_the_openapi_document(app: Any, superadmin: Any) -> None:
    from superset_kpi_plugin.alerts.api import KpiAlertsApi
    from superset_kpi_plugin.alerts.rules_api import KpiAlertRulesApi

    for api in (KpiAlertsApi, KpiAlertRulesApi):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(f"{api.__name__}.") and not rule.endpoint.endswith("._info"):
                document = app.view_functions[rule.endpoint].__doc__ or ""
                for method in rule.methods - {"HEAD", "OPTIONS"}:
                    assert f"\n        {method.lower()}:" in document, f"{method} {rule.rule}"


def test_evaluating_and_delivering_work_from_the_command_line(site: Any) -> None:
    from superset_kpi_plugin.cli import kpi

    site.plant_breach()
    site.rule()
    runner = site.app.test_cli_runner()
    evaluated = runner.invoke(kpi, ["evaluate"])
    assert (evaluated.exit_code, '"firing": 1' in evaluated.output) == (0, True), evaluated.output
    delivered = runner.invoke(kpi, ["deliver"])
    assert (delivered.exit_code, '"sent": 0' in delivered.output) == (0, True), delivered.output


def test_two_people_do_not_overwrite_each_others_rule(site: Any, admin: Any) -> None:
    site.plant_breach()
    made = admin.post("alert_rules/", {**RULE, "tolerance": "0.05"}).get_json()["result"]
    assert admin.post("alerts/evaluate").status_code == 200
    (read,) = admin.get("alert_rules/").get_json()["result"]
    place = f"alert_rules/{made['id']}"
    assert made["etag"] == read["etag"] == admin.get(place).get_json()["result"]["etag"], "evaluating changes no rule"
    match = {"headers": {"If-Match": f'"{read["etag"]}"'}}
    first = admin.put(place, {**RULE, "severity": "critical"}, **match).get_json()["result"]
    assert first["etag"] != read["etag"]
    refused = error_of(admin.put(place, {**RULE, "severity": "info", "owner": "mei"}, **match), 412)
    (conflict,) = refused["details"]["conflicts"]
    assert conflict["yours"] == {"severity": "info", "owner": "mei"}
    assert conflict["theirs"] == {"severity": "critical", "owner": None, "etag": first["etag"]}
    error_of(admin.put(place, {**read, "severity": "info"}), 412)  # sent back as it was read, its etag too
    assert admin.get(place).get_json()["result"]["severity"] == "critical"
    assert admin.put(place, {"severity": "info"}).status_code == 200, "without an etag the later one overwrites"
