"""The home page's one answer: whose KPIs, in which order, and nothing from beyond the reader's scope.

The sample warehouse is covered through 2026-11-15, so that is the day whose periods are shown, whatever today is.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest

from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.home import choice
from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, save

AURORA, BOREALIS = "account:aurora_us", "account:borealis_us"


def publish(
    site: Any, kpi_id: str, entity_id: str, value: str, *, owner: str | None, weight: str | None = None
) -> None:
    """A published target for November, past the plugin."""
    site.execute(
        "insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, "
        "target_value, owner, weight, currency) values (%s, 1, %s, %s, %s, 'month', '2026-11-01', %s, %s, %s, 'USD')",
        (f"{kpi_id}/{entity_id}", kpi_id, entity_id.partition(":")[0], entity_id, value, owner, weight),
    )


def home(client: Any, query: str = "") -> dict[str, Any]:
    answer = client.get(f"home/{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = answer.get_json()
    assert found["warnings"] == []
    return dict(found)


def places(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["kpi_id"], row["entity_id"]) for row in rows]


@pytest.fixture
def owners(app: Any) -> Any:
    """KPI_OWNERS says that the employee e001 is the user owner."""
    before = app.config["KPI_OWNERS"]
    app.config["KPI_OWNERS"] = {"e001": {"user": "owner", "email": "mei@example.com"}}
    yield
    app.config["KPI_OWNERS"] = before


def test_a_persons_own_kpis_come_with_value_target_pace_series_and_drivers(owner: Any, clean: Any, owners: Any) -> None:
    clean.execute("update kpi.kpi_catalogue set drivers = 'units, conversion_rate' where kpi_id = 'gmv'")
    clean.execute(
        "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, value) values "
        "('units', 'account', %s, 'month', '2026-11-01', 700), ('units', 'account', %s, 'month', '2025-11-01', 500)",
        (AURORA, AURORA),
    )
    publish(clean, "gmv", AURORA, "100000", owner="e001", weight="3")
    publish(clean, "acos", "ad_group:aurora_us/ag2", "0.3", owner="owner", weight="1")
    publish(clean, "gmv", BOREALIS, "40000", owner="somebody else", weight="9")
    found = home(owner)
    assert (found["edition"], found["day"]) == ("own", "2026-11-15")
    assert places(found["kpis"]) == [("gmv", AURORA), ("acos", "ad_group:aurora_us/ag2")]
    card = found["kpis"][0]
    assert (card["value"], card["target_value"], card["expected_value"], card["gap"]) == (
        "50000",
        "100000",
        "50000",
        "0",
    )
    assert (card["status"], card["pace_attainment"], card["is_settled"]) == ("ok", "1", False)
    assert [point["value"] for point in card["series"]] == [None] * 11 + ["100000", "50000"]
    assert card["series"][-1]["period_start"] == "2026-11-01"
    drivers = [(row["kpi_id"], row["value"], row["last_year"]) for row in card["drivers"]]
    assert drivers == [("units", "700", "500"), ("conversion_rate", None, None)]
    assert found["kpis"][1]["status"] == "breach"
    assert found["freshness"]["covered_through"] == "2026-11-14"


def test_the_person_of_the_people_tree_is_the_user_whom_a_scope_or_the_settings_name(
    clients: Any, clean: Any, owners: Any, metadata_uri: str
) -> None:
    clean.execute("update kpi.kpi_entities set owner_id = 'e001' where entity_id = 'person:e001'")
    publish(clean, "gmv", "person:e001", "1000", owner=None)
    publish(clean, "gmv", "team:north", "2000", owner=None)
    assert places(home(clients("owner"), "?edition=own")["kpis"]) == [("gmv", "person:e001")]
    assert home(clients("viewer"), "?edition=own")["kpis"] == []
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'viewer', 'team:north', false, false, 'test', now())",
    )
    try:
        # The scope names the team, and reaches the person below it, who is somebody else.
        assert places(home(clients("viewer"), "?edition=own")["kpis"]) == [("gmv", "team:north")]
    finally:
        run_sql(metadata_uri, "delete from kpi_scope")


def test_who_has_no_kpis_sees_the_next_edition_that_has_some(approver: Any, viewer: Any, clean: Any) -> None:
    publish(clean, "gmv", "company", "500000", owner=None)
    publish(clean, "gmv", "platform:amazon", "400000", owner=None)
    publish(clean, "acos", "company", "0.3", owner=None)
    found = home(approver)
    assert (found["edition"], found["editions"]) == ("boss", ["own", "boss", "owner"])
    assert places(found["kpis"])[:2] == [("gmv", "company"), ("acos", "company")]
    assert [(group["entity_name"], group["count"]) for group in found["groups"]] == [("Amazon", 1)]
    assert found["groups_count"] == 1
    assert home(viewer)["edition"] == "boss"


def test_an_owner_sees_the_accounts_that_are_theirs_the_worst_first(
    clients: Any, clean: Any, metadata_uri: str
) -> None:
    publish(clean, "gmv", AURORA, "100000", owner=None)
    publish(clean, "gmv", BOREALIS, "40000", owner=None)
    publish(clean, "acos", "ad_group:aurora_us/ag1", "0.3", owner=None)
    publish(clean, "acos", "ad_group:aurora_us/ag2", "0.3", owner=None)
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        f"values ('user', 'owner_in', '{AURORA}', true, false, 'test', now())",
    )
    try:
        answer = clients("owner_in").get("home/?edition=owner")
        found = answer.get_json()
        assert [group["entity_id"] for group in found["groups"]] == [AURORA]
        group = found["groups"][0]
        assert (group["entity_name"], group["statuses"]) == ("Aurora US", {"ok": 2, "breach": 1})
        assert places(group["worst"])[0] == ("acos", "ad_group:aurora_us/ag2")
        text = answer.get_data(as_text=True)
        assert "borealis" not in text.lower()
        assert found["editions"] == ["own", "owner"]
        error_of(clients("owner_in").get("home/?edition=boss"), 400)
    finally:
        run_sql(metadata_uri, "delete from kpi_scope")


def test_who_may_only_read_within_a_scope_sees_the_accounts_of_that_scope(
    clients: Any, clean: Any, metadata_uri: str
) -> None:
    publish(clean, "gmv", AURORA, "100000", owner=None)
    publish(clean, "gmv", BOREALIS, "40000", owner=None)
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        f"values ('user', 'viewer', '{AURORA}', false, false, 'test', now())",
    )
    try:
        found = home(clients("viewer"))
    finally:
        run_sql(metadata_uri, "delete from kpi_scope")
    assert (found["edition"], found["editions"]) == ("owner", ["own", "owner"])
    assert places(found["kpis"]) == [("gmv", AURORA)]


def test_tasks_are_what_waits_for_this_person(owner: Any, approver: Any, viewer: Any, clean: Any) -> None:
    [gmv, acos] = save(owner, {**GMV, "target_value": "100"}, {**ACOS, "target_value": "0.2", "owner": "approver"})
    assert home(owner)["tasks"] == [{"kind": "propose", "count": 2, "grain": "month", "period_start": "2026-11-01"}]
    assert owner.post("targets/propose", {"ids": [gmv["id"], acos["id"]]}).status_code == 200
    assert home(owner)["tasks"] == []
    assert [(task["kind"], task["count"]) for task in home(approver)["tasks"]] == [("approve", 2)]
    countered = {**GMV, "target_value": "90"}
    assert approver.post("targets/counter", {"targets": [countered]}).status_code == 200
    assert [(task["kind"], task["count"]) for task in home(owner)["tasks"]] == [("accept", 1)]
    assert home(viewer)["tasks"] == []


def test_alerts_are_mine_or_for_the_boss_all_of_them(owner: Any, approver: Any, clean: Any, metadata_uri: str) -> None:
    run_sql(
        metadata_uri,
        f"""
        insert into kpi_alert_rule (id, name, kpi_id, entity_kind, grain, condition, severity, channels, for_minutes,
            keep_firing_minutes, is_enabled, created_at, changed_at)
        values (1, 'GMV', 'gmv', 'account', 'month', 'breach', 'critical', '[]', 0, 0, false, now(), now());
        insert into kpi_alert_instance (rule_id, kpi_id, entity_kind, entity_id, grain, state, incident, owner,
            acknowledged_at)
        values (1, 'gmv', 'account', '{AURORA}', 'month', 'firing', 1, 'owner', null),
            (1, 'gmv', 'account', '{BOREALIS}', 'month', 'pending', 1, 'somebody', now()),
            (1, 'gmv', 'account', 'account:healed', 'month', 'resolved', 1, 'owner', null);
        """,
    )
    mine = home(owner)["alerts"]
    assert [row["entity_id"] for row in mine["result"]] == [AURORA]
    assert (mine["count"], mine["unacknowledged"]) == (1, 1)
    all_of_them = home(approver, "?edition=boss")["alerts"]
    assert [row["entity_id"] for row in all_of_them["result"]] == [AURORA, BOREALIS]
    assert (all_of_them["count"], all_of_them["unacknowledged"]) == (2, 1)


def test_a_warehouse_that_is_away_costs_the_kpis_and_not_the_page(
    app: Any, owner: Any, clean: Any, monkeypatch: Any
) -> None:
    save(owner, {**GMV, "target_value": "100"})
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nothing of this name")
    answer = owner.get("home/").get_json()
    assert [warning["code"] for warning in answer["warnings"]] == ["warehouse_unavailable"]
    assert (answer["kpis"], [task["kind"] for task in answer["tasks"]]) == ([], ["propose"])


def test_an_unchanged_page_is_not_sent_again(owner: Any, clean: Any) -> None:
    first = owner.get("home/")
    again = owner.get("home/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    error_of(owner.get("home/?edition=other"), 400)


def test_the_day_is_what_most_streams_have_reached() -> None:
    def day(*covered: date | None) -> date:
        return queries.latest_day([{"covered_through": one} for one in covered])

    ahead, usual, stuck = date(2026, 3, 1), date(2026, 2, 28), date(2026, 1, 5)
    assert day(ahead, usual, usual, usual, stuck, None) == usual
    assert day(ahead, usual) == ahead
    today = datetime.now(timezone.utc).date()
    assert day(date(2999, 1, 1)) == day(None) == day() == today


def row(kpi_id: str, entity_id: str = "account:a", **changes: Any) -> dict[str, Any]:
    plain = {"kpi_id": kpi_id, "entity_id": entity_id, "entity_kind": "account", "grain": "month", "status": "ok"}
    return {**plain, "weight": None, **changes}


def test_three_to_five_kpis_are_chosen_by_weight_each_once_before_any_twice() -> None:
    order = {name: place for place, name in enumerate("abcdefg")}
    many = [row(name) for name in "gfedcba"]
    assert [one["kpi_id"] for one in choice.chosen(many, order)] == ["a", "b", "c", "d", "e"]
    heavy = [row("a"), row("b", weight="0"), row("g", weight="2"), row("c", status="breach")]
    assert [one["kpi_id"] for one in choice.chosen(heavy, order)] == ["g", "c", "a", "b"]
    same = [row("a", f"account:{name}") for name in "wxyz"]
    assert [one["entity_id"] for one in choice.chosen(same, order)] == ["account:w", "account:x", "account:y"]
    grains = [row("a", grain="year"), row("a", grain="week"), row("a", grain="month"), row("b", grain="day")]
    assert [(one["kpi_id"], one["grain"]) for one in choice.one_grain(grains)] == [("a", "month"), ("b", "day")]
