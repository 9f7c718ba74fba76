"""The agreement on targets: draft > proposed > countered > accepted > approved > locked, with its trail."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from superset_kpi_plugin.targets import agreement
from superset_kpi_plugin.targets.agreement import Standing, refusal, state_of
from tests.plugin.conftest import Client, error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, listed, save

REASON = "Budget was raised"


def step(client: Any, name: str, *ids: int, **more: Any) -> dict[str, Any]:
    answer = client.post(f"targets/{name}", {"ids": list(ids), **more})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def state(client: Any) -> str:
    return str(listed(client)["gmv", "account:aurora_us"]["state"])


def test_a_target_is_proposed_countered_accepted_approved_and_locked(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100", "owner": "mei"})
    assert row["state"] == "draft"
    assert step(owner, "propose", row["id"], comment="As @approver asked") == {"proposed": 1}
    [named] = approver.get("targets/mentions").get_json()["result"]
    assert named["text"] == "As @approver asked"
    shown = listed(approver)["gmv", "account:aurora_us"]
    assert (shown["state"], shown["draft"]["proposed_by"]) == ("proposed", "owner")

    body = {"targets": [{**GMV, "target_value": "120", "etag": shown["etag"]}], "comment": "Autumn was better"}
    countered = approver.post("targets/counter", body).get_json()["result"][0]
    assert (countered["state"], countered["draft"]["owner"], countered["draft"]["changed_by"]) == (
        "countered",
        "mei",
        "approver",
    )
    # What was countered is not approved before somebody accepted it, least of all by who countered.
    assert (
        "countered"
        in error_of(approver.post("targets/approve", {"ids": [row["id"]]}), 422)["details"]["errors"][0]["message"]
    )
    error_of(approver.post("targets/accept", {"ids": [row["id"]]}), 403)
    assert step(owner, "accept", row["id"]) == {"accepted": 1}
    assert step(approver, "approve", row["id"])["approved"] == 1
    assert [str(item["target_value"]) for item in clean.targets()] == ["120.000000"]
    assert state(owner) == "approved"

    assert step(approver, "lock", row["id"]) == {"locked": 1}
    assert state(owner) == "locked"
    error = error_of(owner.put("targets/", {"targets": [{**GMV, "target_value": "1"}]}), 422)
    assert "locked" in error["details"]["errors"][0]["message"]
    assert (
        error_of(approver.post("targets/unlock", {"ids": [row["id"]]}), 422)["details"]["errors"][0]["field"]
        == "reason"
    )
    assert step(approver, "unlock", row["id"], reason=REASON) == {"unlocked": 1}
    assert state(owner) == "approved"
    said = [(item["author"], item["text"]) for item in owner.get(f"targets/{row['id']}/comments").get_json()["result"]]
    assert said == [("owner", "As @approver asked"), ("approver", "Autumn was better")]


def test_the_proposer_cannot_approve_unless_the_setting_says_so(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any
) -> None:
    [own] = save(approver, {**GMV, "target_value": "100"})
    error = error_of(approver.post("targets/approve", {"ids": [own["id"]]}), 403)
    assert "somebody else" in error["details"]["errors"][0]["message"]
    [other] = save(owner, {**ACOS, "target_value": "0.3"})
    step(approver, "propose", other["id"])
    error_of(approver.post("targets/approve", {"ids": [other["id"], own["id"]]}), 403)
    assert clean.targets() == []
    step(owner, "accept", other["id"])
    assert step(approver, "approve", other["id"])["approved"] == 1
    monkeypatch.setitem(app.config, "KPI_FOUR_EYES", False)
    assert step(approver, "approve", own["id"])["approved"] == 1


def test_a_target_without_an_owner_is_not_approved(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "KPI_OWNER_REQUIRED", True)
    clean.execute("update kpi.kpi_entities set owner_id = 'e001' where entity_id = 'account:borealis_us'")
    other = {**GMV, "entity_id": "account:borealis_us", "target_value": "100"}
    nobody, somebody = save(owner, {**GMV, "target_value": "100"}, other)
    assert (nobody["draft"]["owner"], somebody["draft"]["owner"]) == (None, "e001")
    ids = [nobody["id"], somebody["id"]]
    [error] = error_of(approver.post("targets/approve", {"ids": ids}), 422)["details"]["errors"]
    assert (error["index"], error["field"]) == (0, "owner")
    save(owner, {**GMV, "owner": "mei"}, {**other, "owner": "lin"})
    assert step(approver, "approve", *ids)["approved"] == 2
    # An owner who was taken away on purpose is not put back.
    save(owner, {**other, "owner": None})
    error_of(approver.post("targets/approve", {"ids": ids[1:], "reason": REASON}), 422)


def test_a_change_after_approval_needs_a_reason_and_history_shows_it(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    step(approver, "approve", row["id"])
    save(owner, {**GMV, "target_value": "130"})
    for client, name in ((owner, "propose"), (approver, "approve")):
        error = error_of(client.post(f"targets/{name}", {"ids": [row["id"]]}), 422)
        assert error["details"]["errors"][0]["field"] == "reason"
    step(owner, "propose", row["id"], reason=REASON)
    step(approver, "approve", row["id"])
    newest, first = owner.get(f"targets/{row['id']}/history").get_json()["result"]
    assert (newest["reason"], newest["proposed_by"], newest["approved_by"]) == (REASON, "owner", "approver")
    assert newest["changes"] == {"target_value": {"from": "100", "to": "130"}}
    assert first["changes"] == {"target_value": {"from": None, "to": "100"}}
    # A reason may also come with the row itself, even after its values.
    save(owner, {**GMV, "target_value": "140"})
    [noted] = save(owner, {**GMV, "target_value": "140", "reason": "Second raise"})
    assert (noted["draft"]["version"], noted["draft"]["reason"]) == (3, "Second raise")
    step(approver, "approve", row["id"])


def test_any_two_versions_are_compared(owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100", "weight": "1"})
    step(approver, "approve", row["id"])
    save(owner, {**GMV, "target_value": "130", "floor_value": "90"})
    step(approver, "approve", row["id"], reason=REASON)
    save(owner, {**GMV, "target_value": "100", "weight": "2"})

    def compared(start: int, end: int) -> dict[str, Any]:
        found = owner.get(f"targets/{row['id']}/compare?from={start}&to={end}").get_json()["result"]
        assert (found["from"]["version"], found["to"]["version"]) == (start, end)
        return dict(found["changes"])

    assert compared(1, 3) == {"floor_value": {"from": None, "to": "90"}, "weight": {"from": "1", "to": "2"}}
    assert compared(3, 1) == {"floor_value": {"from": "90", "to": None}, "weight": {"from": "2", "to": "1"}}
    assert compared(2, 2) == {}
    states = owner.get(f"targets/{row['id']}/compare?from=1&to=2").get_json()["result"]
    assert [states[side]["state"] for side in ("from", "to")] == ["superseded", "approved"]
    assert "version 4" in error_of(owner.get(f"targets/{row['id']}/compare?from=1&to=4"), 404)["message"]
    error_of(owner.get(f"targets/{row['id']}/compare?from=one&to=2"), 400)
    error_of(owner.get(f"targets/{row['id']}/compare?to=2"), 404)
    error_of(owner.get("targets/999/compare?from=1&to=1"), 404)


def test_as_of_shows_what_was_approved_then(owner: Any, approver: Any, clean: Any, metadata_uri: str) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    step(approver, "approve", row["id"])
    save(owner, {**GMV, "target_value": "130"})
    step(approver, "approve", row["id"], reason=REASON)
    run_sql(metadata_uri, "update kpi_target_version set approved_at = '2026-10-01 08:00' where version = 1")
    run_sql(metadata_uri, "update kpi_target_version set closed_at = '2026-10-20 08:00' where version = 1")
    run_sql(metadata_uri, "update kpi_target_version set approved_at = '2026-10-20 08:00' where version = 2")

    def at(instant: str) -> list[str]:
        rows = listed(owner, f"&as_of={instant}").values()
        return [item["approved"]["target_value"] for item in rows]

    assert at("2026-10-01T07:59:59Z") == []
    assert at("2026-10-01T08:00:00Z") == ["100"]
    assert at("2026-10-20T07:59:59Z") == ["100"]
    assert at("2026-10-20T10:00:00+02:00") == ["130"]
    error_of(owner.get("targets/?grain=month&period_start=2026-11-01&as_of=yesterday"), 400)


def test_steps_in_bulk_are_all_or_nothing(owner: Any, approver: Any, clean: Any) -> None:
    rows = save(owner, {**GMV, "target_value": "1"}, {**ACOS, "target_value": "0.2"})
    ids = [row["id"] for row in rows]
    step(owner, "propose", ids[0])
    error = error_of(owner.post("targets/propose", {"ids": ids}), 422)
    assert [item["index"] for item in error["details"]["errors"]] == [0]
    assert listed(owner)["acos", "ad_group:aurora_us/ag2"]["state"] == "draft"
    stale = {str(ids[1]): "1-99"}
    error_of(owner.post("targets/propose", {"ids": [ids[1]], "etags": stale}), 412)
    error_of(owner.post("targets/propose", {"ids": [999]}), 422)
    error_of(owner.post("targets/propose", {"ids": ids, "reason": "x" * 2001}), 422)
    error_of(owner.post("targets/propose", {"ids": ids, "why": "?"}), 400)


def test_comments_mention_people(clients: Any, owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "1"})
    path = f"targets/{row['id']}/comments"
    answer = owner.post(
        path, {"text": "@approver and @nobody: mail a@viewer.com? <b>@admin.</b>", "mentions": ["viewer"]}
    )
    assert answer.status_code == 201
    assert answer.get_json()["result"]["mentions"] == ["viewer", "approver", "admin"]
    [found] = approver.get("targets/mentions").get_json()["result"]
    assert (found["author"], found["target"]["id"], found["version"]) == ("owner", row["id"], 1)
    assert clients("owner_in").get("targets/mentions").get_json()["result"] == []
    assert (
        error_of(owner.post(path, {"text": "x", "mentions": ["nobody"]}), 422)["details"]["errors"][0]["field"]
        == "mentions"
    )
    for body in ({"text": ""}, {"text": "  "}, {"text": "x" * 2001}, {"text": "a\u0001"}, {"text": 3}, {}):
        error_of(owner.post(path, body), 422)
    error_of(owner.get("targets/999/comments"), 404)


def test_who_is_mentioned_gets_a_mail_of_what_they_may_see(
    app: Any, owner: Any, clean: Any, metadata_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset_kpi_plugin.targets import mentions

    channels = {
        "owners": {"url": "mailto://kpi:canary-secret@mail.example.com", "to": "owner"},
        "fixed": "mailto://kpi:canary-secret@mail.example.com?to=all@example.com",
    }
    monkeypatch.setitem(app.config, "KPI_CHANNELS", channels)
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'approver_out', 'account:borealis_us', true, true, 'test', now())",
    )
    [row] = save(owner, {**GMV, "target_value": "1"})
    text = "@approver, @owner and @approver_out: is <b>1</b> enough?"
    assert owner.post(f"targets/{row['id']}/comments", {"text": text}).status_code == 201
    # Not to the author, nor to who can't see the account, nor by a channel with fixed addresses.
    [sent] = run_sql(metadata_uri, "select * from kpi_outbox")
    assert (sent["channel"], sent["recipient"], sent["event"]) == ("owners", "approver@example.com", "mention")
    assert (sent["state"], sent["instance_id"]) == ("pending", None)
    message = mentions.write(sent["key"], sent["payload"], "en", "https://bi.example.com/")
    assert message.subject == "owner mentioned you: GMV, Aurora US, November 2026"
    assert "&lt;b&gt;1&lt;/b&gt;" in message.html
    assert "<b>1</b>" not in message.html
    assert "https://bi.example.com/kpi/targets/?grain=month&period=2026-11-01&kpi=gmv" in message.text
    # In the comment of a step too; of many targets once.
    run_sql(metadata_uri, "delete from kpi_outbox")
    [other] = save(owner, {**ACOS, "target_value": "0.2"})
    step(owner, "propose", row["id"], other["id"], comment="@approver: please")
    assert len(run_sql(metadata_uri, "select * from kpi_outbox")) == 1
    for target in (row, other):
        newest = owner.get(f"targets/{target['id']}/comments").get_json()["result"][-1]
        assert (newest["text"], newest["mentions"]) == ("@approver: please", ["approver"])
    chinese = mentions.write(sent["key"], sent["payload"], "zh", "").subject
    assert chinese == "owner 提到了您：成交总额，Aurora US，2026年11月"


def test_fifty_writers_on_one_cell_one_wins(app: Any, owner: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "1"})
    answers: list[Any] = []

    def write(number: int) -> None:
        client = Client.__new__(Client)
        client.user, client.token, client.raw = "owner", owner.token, app.test_client()
        cookie = owner.raw.get_cookie("session")
        client.raw.set_cookie("session", cookie.value)
        body = {"targets": [{**GMV, "target_value": str(100 + number)}]}
        answers.append((number, client.put("targets/", body, headers={"If-Match": f'"{row["etag"]}"'})))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    won = [number for number, answer in answers if answer.status_code == 200]
    assert len(won) == 1, sorted({answer.status_code for _, answer in answers})
    lost = [(number, error_of(answer, 412)) for number, answer in answers if number not in won]
    assert len(lost) == 49
    for number, error in lost:
        [conflict] = error["details"]["conflicts"]
        assert conflict["yours"]["target_value"] == str(100 + number)
        assert conflict["theirs"]["draft"]["target_value"] == str(100 + won[0])
    assert listed(owner)["gmv", "account:aurora_us"]["draft"]["version"] == 2


def test_if_match_goes_with_one_row_only(owner: Any, clean: Any) -> None:
    rows = [{**GMV, "target_value": "1"}, {**ACOS, "target_value": "0.2"}]
    error_of(owner.put("targets/", {"targets": rows}, headers={"If-Match": '"1-1"'}), 400)


def test_a_replayed_key_changes_nothing_and_gives_the_same_answer(owner: Any, approver: Any, clean: Any) -> None:
    body = {"targets": [{**GMV, "target_value": "5"}]}
    key = {"Idempotency-Key": "save-1"}
    first = owner.put("targets/", body, headers=key)
    save(owner, {**GMV, "target_value": "6"})
    again = owner.put("targets/", body, headers=key)
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert (again.headers["Idempotency-Replayed"], first.headers.get("Idempotency-Replayed")) == ("true", None)
    assert listed(owner)["gmv", "account:aurora_us"]["draft"]["target_value"] == "6"
    other = {"targets": [{**GMV, "target_value": "7"}]}
    error_of(owner.put("targets/", other, headers=key), 409)
    # Another person's key of the same name is another key.
    assert approver.put("targets/", other, headers=key).status_code == 200
    # A refusal frees the key.
    bad = {"Idempotency-Key": "save-2"}
    error_of(owner.put("targets/", {"targets": [{**GMV, "target_value": "x"}]}, headers=bad), 422)
    assert owner.put("targets/", body, headers=bad).status_code == 200
    error_of(owner.put("targets/", body, headers={"Idempotency-Key": "k" * 101}), 400)


def test_an_interrupted_request_is_not_repeated(owner: Any, clean: Any, metadata_uri: str) -> None:
    body = {"targets": [{**GMV, "target_value": "5"}]}
    owner.put("targets/", body, headers={"Idempotency-Key": "k"})
    run_sql(metadata_uri, "update kpi_idempotency set status = null, body = null")
    error_of(owner.put("targets/", body, headers={"Idempotency-Key": "k"}), 409)
    assert len(run_sql(metadata_uri, "select * from kpi_target_version")) == 1


def test_everything_is_in_the_trail_and_the_doctor_finds_a_change_of_it(
    app: Any, owner: Any, approver: Any, admin: Any, clean: Any, metadata_uri: str
) -> None:
    from superset_kpi_plugin.audit import trail

    [row] = save(owner, {**GMV, "target_value": "100"})
    step(owner, "propose", row["id"])
    step(approver, "approve", row["id"])
    owner.post(f"targets/{row['id']}/comments", {"text": "well"})
    seen = admin.get("targets/audit").get_json()
    assert [(item["actor"], item["action"]) for item in seen["result"]] == [
        ("owner", "comment"),
        ("approver", "approve"),
        ("owner", "propose"),
        ("owner", "save"),
    ]
    assert (seen["count"], seen["faults"]) == (4, [])
    assert seen["result"][3]["items"][0]["target_value"] == "100"
    error_of(approver.get("targets/audit"), 403)
    for change in (
        "update kpi_audit set payload = replace(payload, '100', '900') where seq = 1",
        "delete from kpi_audit where seq = 2",
        "delete from kpi_audit where seq = 4",
        "truncate kpi_audit",
    ):
        run_sql(metadata_uri, change)
        with app.app_context():
            assert trail.verify(), change
    from superset_kpi_plugin import doctor

    with app.app_context():
        [found] = [item for item in doctor.examine() if item.check == "audit trail"]
    assert (found.state, "tampered" in found.detail) == ("fail", True)


NAMES = st.sampled_from([None, "owner", "approver"])
STANDINGS = st.builds(
    Standing,
    stage=st.sampled_from([None, "draft", "proposed", "countered", "accepted"]),
    has_approved=st.booleans(),
    is_locked=st.booleans(),
    changed_by=NAMES,
    proposed_by=NAMES,
    accepted_by=NAMES,
    reason=st.sampled_from([None, "why"]),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw counts, and waits for whatever else runs
@given(standing=STANDINGS, name=st.sampled_from(sorted(agreement.STEPS)), actor=st.sampled_from(["owner", "approver"]))
def test_no_step_breaks_the_rules_whatever_the_standing(standing: Standing, name: str, actor: str) -> None:
    if refusal(name, standing, actor, None, four_eyes=True) is not None:
        return
    assert not standing.is_locked or name == "unlock"
    assert name != "unlock"  # never without a reason
    if name == "approve":
        forward = standing.proposed_by or standing.changed_by
        assert actor != forward or standing.accepted_by not in (None, actor)
        assert standing.stage in ("draft", "proposed", "accepted")
    if name in ("approve", "propose"):
        assert not standing.has_approved or standing.reason
    if name == "lock":
        assert state_of(standing) == "approved"


@pytest.mark.parametrize(
    ("stage", "approved", "locked", "expected"),
    [
        (None, False, False, None),
        (None, True, False, "approved"),
        (None, True, True, "locked"),
        ("proposed", True, False, "proposed"),
    ],
)
def test_the_state_is_that_of_the_open_version_first(
    stage: str | None, approved: bool, locked: bool, expected: str | None
) -> None:
    assert state_of(Standing(stage=stage, has_approved=approved, is_locked=locked)) == expected
