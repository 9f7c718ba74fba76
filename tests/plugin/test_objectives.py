"""Objectives: the targets that they group, their progress, and who sees and changes them."""

from __future__ import annotations

from typing import Any

from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import GMV, save

OCTOBER = {"grain": "month", "period_start": "2026-10-01"}
QUERY = "objectives/?grain=month&period_start=2026-10-01"
AURORA, BOREALIS = "account:aurora_us", "account:borealis_us"
BODY = {
    **OCTOBER,
    "name": "Grow in America",
    "owner": "mei",
    "keys": [
        {"kpi_id": "gmv", "entity_id": AURORA, "weight": "3"},
        {"kpi_id": "gmv", "entity_id": BOREALIS},
        {"kpi_id": "units", "entity_id": AURORA},
    ],
}


def test_an_objective_shows_how_far_its_targets_have_come(
    clients: Any, owner: Any, approver: Any, clean: Any, metadata_uri: str
) -> None:
    # October: Aurora 100,000 of 50,000 (more than met is met), Borealis 40,000 of 80,000; no target on units.
    base = {**GMV, **OCTOBER}
    rows = save(owner, {**base, "target_value": "50000"}, {**base, "entity_id": BOREALIS, "target_value": "80000"})
    approver.post("targets/approve", {"ids": [row["id"] for row in rows]})
    made = owner.post("objectives/", BODY)
    assert made.status_code == 201
    [shown] = owner.get(QUERY).get_json()["result"]
    # (3 x 1 + 1 x 0.5) / 4, known of 4 of 5 parts.
    assert (shown["progress"], shown["covered"], shown["hidden_keys"]) == ("0.875", "0.8", 0)
    assert {(key["entity_id"], key["attainment"]) for key in shown["keys"]} == {
        (AURORA, "2"),
        (BOREALIS, "0.5"),
        (AURORA, None),
    }
    assert {(key["entity_name"], key["entity_kind"], key["currency"]) for key in shown["keys"]} == {
        ("Aurora US", "account", "USD"),
        ("Borealis US", "account", "USD"),
    }
    place = f"objectives/{shown['id']}"
    changed = owner.put(place, {**BODY, "name": "Grow", "keys": BODY["keys"][1:2]})
    assert (changed.status_code, owner.get(QUERY).get_json()["result"][0]["progress"]) == (200, "0.5")
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_in', 'account:aurora_us', true, false, 'test', now())",
    )
    inside = clients("owner_in")
    assert inside.get(QUERY).get_json()["result"] == []
    error_of(inside.put(place, {**BODY, "keys": BODY["keys"][:1]}), 404)
    error_of(inside.delete(place), 404)
    assert inside.post("objectives/", {**BODY, "keys": BODY["keys"][:1]}).status_code == 201
    # What the scope covers in part can't be changed; the owner without a row of scope reaches all of it.
    assert [row["can_edit"] for row in inside.get(QUERY).get_json()["result"]] == [True]
    assert [row["can_edit"] for row in owner.get(QUERY).get_json()["result"]] == [True, True]
    assert owner.delete(place).get_json() == {"deleted": 1}
    assert len(owner.get(QUERY).get_json()["result"]) == 1


def test_bad_objectives_are_refused_by_field(owner: Any, clean: Any) -> None:
    key = BODY["keys"][0]
    for change, field in (
        ({"name": None}, "name"),
        ({"keys": []}, "keys"),
        ({"keys": [key, key]}, "keys"),
        ({"keys": [{**key, "kpi_id": "joy"}]}, "kpi_id"),
        ({"keys": [{**key, "entity_id": "account:x"}]}, "entity_id"),
        ({"keys": [{**key, "weight": "-1"}]}, "keys"),
        ({"period_start": "2026-10-02"}, "period_start"),
        ({"colour": "red"}, "colour"),
    ):
        error = error_of(owner.post("objectives/", {**BODY, **change}), 422)
        assert {item["field"] for item in error["details"]["errors"]} == {field}, change
    error_of(owner.put("objectives/99", BODY), 404)


def test_objectives_open_without_the_warehouse(app: Any, owner: Any, clean: Any, monkeypatch: Any) -> None:
    owner.post("objectives/", BODY)
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nowhere")
    body = owner.get(QUERY).get_json()
    assert (body["result"][0]["progress"], len(body["warnings"])) == (None, 1)
    assert body["result"][0]["keys"][0]["entity_name"] is None


def test_two_people_do_not_overwrite_each_others_objective(owner: Any, approver: Any, clean: Any) -> None:
    made = owner.post("objectives/", BODY).get_json()["result"]
    [read] = owner.get(QUERY).get_json()["result"]
    assert made["etag"] == read["etag"]
    place, first = f"objectives/{made['id']}", {"headers": {"If-Match": f'"{read["etag"]}"'}}
    changed = approver.put(place, {**BODY, "name": "Grow in Canada"}, **first)
    assert changed.status_code == 200
    assert changed.get_json()["result"]["etag"] not in (None, read["etag"])
    refused = error_of(owner.put(place, {**BODY, "owner": "jon"}, **first), 412)
    assert refused["details"]["conflicts"] == [
        {
            "yours": {"name": "Grow in America", "owner": "jon"},
            "theirs": {"name": "Grow in Canada", "owner": "mei", "etag": changed.get_json()["result"]["etag"]},
        }
    ]
    [stored] = owner.get(QUERY).get_json()["result"]
    assert (stored["name"], stored["owner"]) == ("Grow in Canada", "mei")
    decided = {"headers": {"If-Match": refused["details"]["conflicts"][0]["theirs"]["etag"]}}
    assert owner.put(place, {**BODY, "owner": "jon"}, **decided).status_code == 200
    assert owner.put(place, {**BODY, "owner": "ada"}).status_code == 200, "without an etag the later one overwrites"
