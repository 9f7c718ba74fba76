"""Targets through the API of a real Superset, with the warehouse on a real PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.conftest import error_of

NOVEMBER = "targets/?grain=month&period_start=2026-11-01"
GMV = {"kpi_id": "gmv", "entity_id": "account:aurora_us", "grain": "month", "period_start": "2026-11-01"}
ACOS = {"kpi_id": "acos", "entity_id": "ad_group:aurora_us/ag2", "grain": "month", "period_start": "2026-11-01"}


def save(client: Any, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.put("targets/", {"targets": list(rows)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(answer.get_json()["result"])


def listed(client: Any, query: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    answer = client.get(NOVEMBER + query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["warnings"] == []
    return {(row["kpi_id"], row["entity_id"]): row for row in answer.get_json()["result"]}


def test_a_target_goes_from_draft_to_approved_to_published_and_its_status_changes(
    owner: Any, approver: Any, clean: Any
) -> None:
    [saved] = save(owner, {**GMV, "target_value": "100000", "owner": "mei"})
    assert saved["draft"]["target_value"] == "100000"
    assert (saved["draft"]["version"], saved["draft"]["changed_by"]) == (1, "owner")
    row = listed(owner)["gmv", "account:aurora_us"]
    assert row["approved"] is None
    assert row["published_version"] is None
    # Not published yet: the actual is shown, and no status.
    assert (row["status"]["value"], row["status"]["status"]) == ("50000", None)
    assert clean.targets() == []

    answer = approver.post("targets/approve", {"ids": [saved["id"]], "reason": "The plan changed"}).get_json()
    assert answer["approved"] == 1
    assert (answer["publication"]["state"], answer["publication"]["row_count"]) == ("done", 1)
    row = listed(owner)["gmv", "account:aurora_us"]
    assert row["draft"] is None
    assert (row["approved"]["approved_by"], row["published_version"]) == ("approver", 1)
    # Half of November is over, and half of the target is there.
    status = row["status"]
    assert (status["status"], status["attainment"], status["pace_share"]) == ("ok", "0.5", "0.5")
    assert (status["expected_value"], status["gap"]) == ("50000", "0")

    [changed] = save(owner, {**GMV, "target_value": "120000"})
    assert (changed["draft"]["version"], changed["draft"]["owner"]) == (2, "mei")
    # 50,000 of an expected 60,000 is 83%: below the breach limit at 85%.
    approver.post("targets/approve", {"ids": [saved["id"]], "reason": "The plan changed"})
    row = listed(owner)["gmv", "account:aurora_us"]
    assert (row["status"]["status"], row["status"]["gap"], row["published_version"]) == ("breach", "-10000", 2)


def test_the_published_table_equals_the_approved_state(owner: Any, approver: Any, clean: Any) -> None:
    rows = save(
        owner,
        {**GMV, "target_value": "123456.789012", "floor_value": "100000", "stretch_value": "150000", "weight": "0.4"},
        {**ACOS, "target_value": "0.25", "warn_limit": "0.3", "breach_limit": "0.35", "tolerance": "0.02"},
        {**GMV, "entity_id": "account:borealis_us", "target_value": 30000},
    )
    approver.post("targets/approve", {"ids": [rows[0]["id"], rows[1]["id"]]})
    published = {(row["kpi_id"], row["entity_id"]): row for row in clean.targets()}
    assert set(published) == {("gmv", "account:aurora_us"), ("acos", "ad_group:aurora_us/ag2")}
    gmv, acos = published["gmv", "account:aurora_us"], published["acos", "ad_group:aurora_us/ag2"]
    assert str(gmv["target_value"]) == "123456.789012"
    assert (gmv["currency"], acos["currency"]) == ("USD", None)
    assert (gmv["entity_kind"], gmv["target_id"], gmv["version"]) == ("account", str(rows[0]["id"]), 1)
    assert (str(acos["breach_limit"]), str(acos["tolerance"])) == ("0.350000", "0.020000")
    assert (gmv["approved_by"], gmv["approved_at"].utcoffset().total_seconds()) == ("approver", 0)


def test_a_value_left_out_stays_and_null_clears_it(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100", "floor_value": "80", "owner": "mei"})
    [row] = save(owner, {**GMV, "target_value": "110"})
    assert (row["draft"]["floor_value"], row["draft"]["owner"], row["draft"]["version"]) == ("80", "mei", 2)
    [row] = save(owner, {**GMV, "floor_value": None})
    assert (row["draft"]["floor_value"], row["draft"]["target_value"]) == (None, "110")


def test_saving_the_same_again_writes_nothing(owner: Any, clean: Any) -> None:
    [first] = save(owner, {**GMV, "target_value": "100.10"})
    [second] = save(owner, {**GMV, "target_value": "100.1"})
    assert first == second


def test_a_draft_that_returns_to_the_approved_values_disappears(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    save(owner, {**GMV, "target_value": "200"})
    [row] = save(owner, {**GMV, "target_value": "100"})
    assert row["draft"] is None
    history = owner.get(f"targets/{row['id']}/history").get_json()["result"]
    assert [(item["version"], item["state"]) for item in history] == [(2, "discarded"), (1, "approved")]


def test_a_stale_etag_is_refused_with_both_values_and_nothing_is_saved(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    save(approver, {**GMV, "target_value": "200", "etag": row["etag"]})
    other = {**ACOS, "target_value": "0.2"}
    answer = owner.put("targets/", {"targets": [other, {**GMV, "target_value": "300", "etag": row["etag"]}]})
    error = error_of(answer, 412)
    [conflict] = error["details"]["conflicts"]
    assert (conflict["index"], conflict["yours"]["target_value"]) == (1, "300")
    assert (conflict["theirs"]["draft"]["target_value"], conflict["theirs"]["draft"]["changed_by"]) == (
        "200",
        "approver",
    )
    assert set(listed(owner)) == {("gmv", "account:aurora_us")}


def test_a_null_etag_means_that_the_target_must_not_exist_yet(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100", "etag": None})
    error_of(owner.put("targets/", {"targets": [{**GMV, "target_value": "150", "etag": None}]}), 412)


def test_approving_what_changed_since_it_was_read_is_refused(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    save(owner, {**GMV, "target_value": "999"})
    body = {"ids": [row["id"]], "etags": {str(row["id"]): row["etag"]}}
    error = error_of(approver.post("targets/approve", body), 412)
    assert error["details"]["conflicts"][0]["id"] == row["id"]
    assert clean.targets() == []


@pytest.mark.parametrize(
    ("change", "field", "part"),
    [
        ({"kpi_id": "happiness"}, "kpi_id", "no KPI happiness"),
        ({"entity_id": "account:nobody"}, "entity_id", "no entity account:nobody"),
        ({"kpi_id": "acos", "target_value": "0.2", "entity_id": "person:e001"}, "entity_id", "not measured per person"),
        ({"grain": "decade"}, "grain", "day, week, month"),
        ({"period_start": "2026-11-02"}, "period_start", "2026-11-01"),
        ({"grain": "week", "period_start": "2026-11-01"}, "period_start", "2026-10-26"),
        ({"grain": "quarter"}, "period_start", "2026-10-01"),
        ({"period_start": "November"}, "period_start", "date"),
        ({"target_value": None}, "target_value", "Required"),
        ({"target_value": "lots"}, "target_value", "digits"),
        ({"target_value": "1,000"}, "target_value", "digits"),
        ({"target_value": "１００"}, "target_value", "digits"),
        ({"target_value": "NaN"}, "target_value", "digits"),
        ({"target_value": True}, "target_value", "number"),
        ({"target_value": [1]}, "target_value", "number"),
        ({"target_value": "0.1234567"}, "target_value", "too many digits"),
        ({"target_value": "1234567890123456789"}, "target_value", "too many digits"),
        ({"weight": "-1"}, "weight", "negative"),
        ({"tolerance": "1.5"}, "tolerance", "share"),
        ({"floor_value": "101"}, "floor_value", "floor"),
        ({"stretch_value": "99"}, "stretch_value", "stretch"),
        ({"warn_limit": "101"}, "warn_limit", "warning limit"),
        ({"warn_limit": "80", "breach_limit": "90"}, "warn_limit", "breach limit"),
        ({"kpi_id": "acos", "entity_id": "ad_group:aurora_us/ag1", "floor_value": "99"}, "floor_value", "lower is"),
        ({"owner": "x" * 256}, "owner", "long"),
        ({"owner": "a\u0001b"}, "owner", "control"),
        ({"colour": "red"}, "colour", "not known"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_saved(
    owner: Any, clean: Any, change: dict[str, Any], field: str, part: str
) -> None:
    good = {**GMV, "entity_id": "account:borealis_us", "target_value": "100"}
    bad = {**GMV, "target_value": "100", **change}
    error = error_of(owner.put("targets/", {"targets": [good, bad]}), 422)
    found = [item for item in error["details"]["errors"] if item["field"] == field]
    assert found, error
    assert (found[0]["index"], part in found[0]["message"]) == (1, True), found
    assert listed(owner) == {}


def test_the_same_target_twice_in_a_request_is_refused(owner: Any, clean: Any) -> None:
    error = error_of(
        owner.put("targets/", {"targets": [{**GMV, "target_value": "1"}, {**GMV, "target_value": "2"}]}), 422
    )
    assert [item["index"] for item in error["details"]["errors"]] == [0, 1]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        '{"targets": {}}',
        '{"targets": []}',
        '{"targets": null}',
        '{"targets": [{"x": NaN}]}',
        "{}",
    ],
)
def test_a_body_that_is_no_list_of_targets_is_a_bad_request(owner: Any, clean: Any, body: str) -> None:
    error_of(owner.put("targets/", body), 400)


def test_a_row_that_is_no_object_is_named(owner: Any, clean: Any) -> None:
    error = error_of(owner.put("targets/", {"targets": ["x", None, 3]}), 422)
    assert {item["index"] for item in error["details"]["errors"]} == {0, 1, 2}


def test_candidates_are_the_entities_without_a_target(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100"})
    rows = listed(owner, "&include=candidates&entity_kind=account&kpi_id=gmv")
    assert set(rows) == {("gmv", "account:aurora_us"), ("gmv", "account:borealis_us")}
    candidate = rows["gmv", "account:borealis_us"]
    assert (candidate["id"], candidate["etag"], candidate["status"]["value"]) == (None, None, "12000")
    # Without a KPI: every KPI that is measured per account.
    rows = listed(owner, "&include=candidates&entity_kind=account")
    assert {key[0] for key in rows} == {"gmv", "units", "conversion_rate", "acos"}
    error_of(owner.get(NOVEMBER + "&include=candidates"), 400)


def test_rows_come_in_the_catalogues_order_page_by_page_in_the_users_language(owner: Any, clean: Any) -> None:
    save(
        owner,
        {**ACOS, "target_value": "0.2"},
        {**GMV, "entity_id": "company", "target_value": "9"},
        {**GMV, "entity_id": "account:borealis_us", "target_value": "1"},
        {**GMV, "target_value": "1"},
    )
    body = owner.get(NOVEMBER + "&page_size=3").get_json()
    assert body["count"] == 4
    assert [row["entity_name"] for row in body["result"]] == ["Company", "Aurora US", "Borealis US"]
    assert [row["kpi_name"] for row in owner.get(NOVEMBER + "&page_size=3&page=1").get_json()["result"]] == ["ACoS"]
    chinese = owner.get(NOVEMBER + "&_l_=zh").get_json()["result"]
    assert chinese[0]["kpi_name"] == "成交总额"
    assert body["freshness"] == {
        "covered_through": "2026-11-14",
        "loaded_at": "2026-11-16T10:00:00Z",
        "state": "stale",
    }


def test_an_unchanged_list_is_answered_with_304(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100"})
    first = owner.get(NOVEMBER)
    again = owner.get(NOVEMBER, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    save(owner, {**GMV, "target_value": "101"})
    changed = owner.get(NOVEMBER, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_discarding_a_draft_leaves_what_is_approved(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    save(owner, {**GMV, "target_value": "200"}, {**ACOS, "target_value": "0.2"})
    ids = [item["id"] for item in listed(owner).values()]
    assert owner.delete("targets/drafts", {"ids": ids}).get_json() == {"discarded": 2}
    rows = listed(owner)
    assert set(rows) == {("gmv", "account:aurora_us")}  # ACoS had a draft only
    assert (rows["gmv", "account:aurora_us"]["draft"], rows["gmv", "account:aurora_us"]["approved"]["version"]) == (
        None,
        1,
    )
    error_of(owner.delete("targets/drafts", {"ids": ids[:1]}), 422)


def test_approving_is_all_or_nothing(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    error = error_of(approver.post("targets/approve", {"ids": [row["id"], 999]}), 422)
    assert "999" in error["details"]["errors"][0]["message"]
    assert listed(owner)["gmv", "account:aurora_us"]["approved"] is None
    for body in ({}, {"ids": []}, {"ids": ["1"]}, {"ids": [2**40]}, {"ids": [1], "more": 1}):
        error_of(approver.post("targets/approve", body), 400)


@pytest.mark.parametrize(
    "query", ["", "?grain=month", "?grain=month&period_start=2026-11-05", "?grain=x&period_start=2026-11-01"]
)
def test_a_list_without_a_proper_period_is_a_bad_request(owner: Any, clean: Any, query: str) -> None:
    error_of(owner.get("targets/" + query), 400)


def test_history_of_an_unknown_target_is_not_found(owner: Any, clean: Any) -> None:
    error_of(owner.get("targets/77/history"), 404)
    error_of(owner.get("targets/99999999999/history"), 404)
