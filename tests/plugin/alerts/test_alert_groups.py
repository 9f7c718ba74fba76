"""Many alerts at once are one message, a digest is one message a day: through a real SMTP server and a real hook."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.alerts import steps
from superset_kpi_plugin.alerts.digest import render_several
from superset_kpi_plugin.alerts.timing import Digest
from tests.plugin.alerts.conftest import over
from tests.plugin.alerts.kills import Killer, crash, times_told

TO_OWNERS = "mailto://127.0.0.1:{port}/?from=kpi@example.com&to=x@example.com&mode=insecure"


def test_many_alerts_at_once_are_one_message_to_each_owner(groups: Any, mailbox: Any) -> None:
    groups.channels(owners={"url": TO_OWNERS.format(port=mailbox.port), "to": "owner"})
    number = over(groups, "0.05", channels=["owners"], playbook_en="Lower the bids.", playbook_zh="降低出价。")
    assert groups.evaluate()["enqueued"] == 25
    assert groups.deliver() == {"sent": 2, "failed": 0, "pending": 0}
    mails = {mail["To"]: mail for mail in mailbox.messages()}
    assert set(mails) == {"mei@example.com", "jon@example.com"}
    mei, jon = mails["mei@example.com"], mails["jon@example.com"]
    assert "[Warning] 13 alerts: ACoS line" in mei["Subject"]
    text = mei.get_body(("plain",)).get_content()
    assert "Owner: Mei Lin" in text
    assert "Where: Aurora US (8), Borealis US (5)" in text
    named = [line for line in text.splitlines() if "Group " in line]
    assert [line.split("Group ")[1].split(" ")[0] for line in named] == [str(n) for n in range(18, 8, -1)]
    assert "Group 18 (ad group, Borealis US): ACoS 18.0% against 5.0% (November 2026)" in named[0]
    assert "and 3 more" in text
    assert "What to do: Lower the bids." in text
    assert f"https://bi.example.com/kpi/alerts/?state=firing&rule={number}" in text
    assert "12 条预警" in jon["Subject"]
    assert "降低出价" in jon.get_body(("plain",)).get_content()
    rows = groups.outbox()
    assert {row["state"] for row in rows} == {"sent"}
    by_key = {row["recipient"]: row["group_key"] for row in rows}
    assert {mail["X-KPI-Alert-Key"] for mail in mails.values()} == set(by_key.values())
    assert len({row["key"] for row in rows}) == 25, "each alert has a message of its own to look up"


def test_up_to_the_threshold_each_alert_is_a_message(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    over(groups, "0.27", channels=["hook"], group_above=3)
    groups.evaluate()
    assert groups.deliver()["sent"] == 3
    over(groups, "0.26", name="four", channels=["hook"], group_above=3)
    groups.evaluate(10)
    assert groups.deliver(10)["sent"] == 1
    told = [body["alert"] for body in receiver.bodies()]
    assert [body["event"] for body in told] == ["fired"] * 3 + ["group"]
    assert [alert["entity_name"] for alert in told[3]["alerts"]] == ["Group 27", "Group 28", "Group 29", "Group 30"]
    assert (told[3]["counts"], told[3]["severity"]) == ({"fired": 4}, "warning")


def test_the_end_is_told_as_a_group_too_and_the_site_may_forgo_groups(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    over(groups, "0.18", channels=["hook"])
    groups.evaluate()
    groups.deliver()
    groups.warehouse.execute("update kpi.kpi_values set value = 0.01 where kpi_id = 'acos'")
    groups.evaluate(10)
    groups.deliver(10)
    assert [body["alert"]["counts"] for body in receiver.bodies()] == [{"fired": 12}, {"resolved": 12}]
    groups.app.config["KPI_GROUP_ABOVE"] = None
    over(groups, "0.005", name="never", channels=["hook"])
    groups.evaluate(20)
    assert groups.deliver(20)["sent"] == 30


def test_a_group_that_fails_is_sent_again_under_its_key_and_holds_nobody_up(
    groups: Any, receiver: Any, mailbox: Any
) -> None:
    groups.channels(
        hook=f"json://127.0.0.1:{receiver.port}/alerts",
        mail=f"mailto://127.0.0.1:{mailbox.port}/?from=kpi@example.com&to=ops@example.com&mode=insecure",
    )
    receiver.answers["/alerts"] = (503, {})
    over(groups, "0.18", channels=["hook", "mail"])
    groups.evaluate()
    assert groups.deliver() == {"sent": 1, "failed": 0, "pending": 1}
    waiting = [row for row in groups.outbox() if row["state"] == "pending"]
    assert ({row["attempts"] for row in waiting}, len(waiting)) == ({1}, 12)
    assert {row["last_error"] for row in waiting} == {"The receiver answered HTTP 503."}
    receiver.answers.clear()
    assert groups.deliver(60)["sent"] == 1
    keys = [body["key"] for body in receiver.bodies()]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(mailbox.messages()) == 1


@pytest.mark.parametrize("step", steps.DELIVERING)
def test_a_kill_while_a_group_is_sent_misses_none_of_it(groups: Any, receiver: Any, tmp_path: Path, step: str) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    for number in range(4):
        over(groups, "0.18", name=f"rule {number}", channels=["hook"])
    groups.evaluate()
    crash(groups, Killer(step, tmp_path), 4)
    assert {row["state"] for row in groups.outbox()} == {"sent"}
    told = [body["key"] for body in receiver.bodies()]
    assert set(told) == {row["group_key"] for row in groups.outbox()}
    assert {len(body["alert"]["alerts"]) for body in receiver.bodies()} == {12}
    assert set(Counter(told).values()) == {times_told(step)}


MORNING = {"at": "08:00", "time_zone": "Asia/Shanghai"}  # midnight UTC: 720 minutes after the tests' noon


def test_a_digest_waits_for_its_hour_and_is_one_message(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    over(groups, "0.28", channels=["hook"], digest=MORNING)
    over(groups, "0.29", name="critical", channels=["hook"], digest=MORNING, severity="critical")
    groups.evaluate()
    assert groups.deliver(719)["sent"] == 0
    groups.warehouse.execute("update kpi.kpi_values set value = 0 where entity_id = 'ad_group:aurora_us/g29'")
    groups.evaluate(300)
    assert groups.deliver(720) == {"sent": 1, "failed": 0, "pending": 0}
    (body,) = receiver.bodies()
    told = body["alert"]
    # The critical alert holds the warning on the same ad group back.
    assert (told["event"], told["counts"], told["severity"]) == ("digest", {"fired": 2, "resolved": 1}, "critical")
    assert body["message"].splitlines()[0] == "KPI alerts: 2 new, 1 resolved"
    assert "[Critical] 1 alert: critical" in body["message"]
    assert told["link"] == "https://bi.example.com/kpi/alerts/"


def test_what_comes_after_a_digest_was_put_together_is_the_next_message(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    receiver.answers["/alerts"] = (503, {})
    over(groups, "0.28", channels=["hook"], digest=MORNING)
    groups.evaluate()
    groups.deliver(720)
    over(groups, "0.295", name="late", channels=["hook"], digest=MORNING)
    groups.evaluate(719)  # written late for the same hour
    receiver.answers.clear()
    groups.deliver(780)
    told = {(body["key"], body["alert"]["event"], len(body["alert"].get("alerts", ()))) for body in receiver.bodies()}
    assert len(receiver.bodies()) == 3
    assert sorted((event, count) for _, event, count in told) == [("digest", 2), ("fired", 0)], (
        "the digest under its key as before, and one alone is told as ever"
    )


def test_a_route_may_ask_for_a_digest_that_its_rule_does_not(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts", boss=f"json://127.0.0.1:{receiver.port}/boss")
    groups.app.config["KPI_ROUTES"] = [{"channels": ["boss", "hook"], "kpi": "acos", "digest": MORNING}]
    over(groups, "0.28", channels=["hook"])
    groups.evaluate()
    groups.deliver()
    assert (len(receiver.bodies()), len(receiver.bodies("/boss"))) == (2, 0)
    groups.deliver(720)
    assert (len(receiver.bodies()), len(receiver.bodies("/boss"))) == (2, 1)


def test_a_digest_that_cannot_be_read_delays_nothing(groups: Any, receiver: Any) -> None:
    groups.channels(boss=f"json://127.0.0.1:{receiver.port}/boss")
    groups.app.config["KPI_ROUTES"] = [{"channels": ["boss"], "digest": {"at": "eight"}}]
    over(groups, "0.29")
    groups.evaluate()
    assert groups.deliver()["sent"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"group_above": 0}, "group_above"), ({"group_above": "few"}, "group_above"),
     ({"digest": {"at": "25:00"}}, "digest"),
     ({"digest": {"at": "08:00", "time_zone": "Mars"}}, "digest"), ({"digest": {"at": "08:00", "days": []}}, "digest"),
     ({"digest": {"at": "08:00", "zone": "UTC"}}, "digest"), ({"digest": "08:00"}, "digest")],
)  # fmt: skip
def test_a_wrong_delivery_is_refused(site: Any, admin: Any, change: dict[str, Any], field: str) -> None:
    good = {"name": "n", "kpi_id": "acos", "entity_kind": "ad_group", "grain": "month", "condition": "limit",
            "parameters": {"limit": 0.4}}  # fmt: skip
    answer = admin.post("alert_rules/", {**good, **change})
    assert answer.status_code == 422, answer.get_json()
    assert [error["field"] for error in answer.get_json()["error"]["details"]["errors"]] == [field]
    kept = admin.post("alert_rules/", {**good, "group_above": 5, "digest": MORNING}).get_json()["result"]
    assert (kept["group_above"], kept["digest"]) == (5, MORNING)


@pytest.mark.parametrize(
    ("entry", "now", "expected"),
    [({"at": "08:00"}, "2026-11-16T07:59", "2026-11-16T08:00"),
     ({"at": "08:00"}, "2026-11-16T08:00", "2026-11-17T08:00"),
     (MORNING, "2026-11-16T12:00", "2026-11-17T00:00"),
     ({"at": "08:00", "days": ["mon"]}, "2026-11-16T09:00", "2026-11-23T08:00"),
     ({"at": "08:00", "days": ["fri", "wed"]}, "2026-11-16T09:00", "2026-11-18T08:00"),
     # The night in which New York's clocks go back, and the one in which 02:30 doesn't exist.
     ({"at": "09:00", "time_zone": "America/New_York"}, "2026-11-01T12:00", "2026-11-01T14:00"),
     ({"at": "02:30", "time_zone": "America/New_York"}, "2026-03-08T05:00", "2026-03-08T07:30")],
)  # fmt: skip
def test_when_the_next_digest_is(entry: dict[str, Any], now: str, expected: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    assert Digest.of(entry).after(at) == datetime.fromisoformat(expected).replace(tzinfo=timezone.utc)


def test_hostile_names_stay_text_in_a_group(groups: Any, receiver: Any) -> None:
    groups.warehouse.execute(
        "update kpi.kpi_entities set entity_name = '<b onclick=x>' || chr(10) || 'Bcc: y@z' "
        "where entity_kind = 'ad_group'"
    )
    over(groups, "0.18", channels=["hook"], name="<i>rule</i>")
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    groups.evaluate()
    payloads = [row["payload"] for row in groups.outbox()]
    told = render_several("k", payloads, "en", "https://bi.example.com")
    assert "<b onclick" not in told.html
    assert "&lt;b onclick=x&gt; Bcc: y@z" in told.html
    assert "&lt;i&gt;rule&lt;/i&gt;" in told.html
    assert "\n" not in told.subject


def test_an_escalation_counts_from_the_digest_and_not_from_the_firing(groups: Any, receiver: Any) -> None:
    url = f"json://127.0.0.1:{receiver.port}"
    groups.channels(hook=f"{url}/alerts", boss=f"{url}/boss")
    steps_up = [{"after_minutes": 120, "channels": ["boss"]}]
    over(groups, "0.29", channels=["hook"], digest=MORNING, escalation=steps_up)

    def told_the_boss(minutes: int) -> bool:
        groups.evaluate(minutes)
        return any(row["channel"] == "boss" for row in groups.outbox())

    assert not told_the_boss(0)
    assert not told_the_boss(719)
    assert not told_the_boss(720 + 119)
    assert told_the_boss(720 + 120)


def test_a_webhook_of_very_many_holds_the_worst_and_counts_the_rest(groups: Any, receiver: Any) -> None:
    groups.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    over(groups, "0.05", channels=["hook"])
    groups.evaluate()
    (owner, rows) = next(iter(by_owner(groups.outbox()).items()))
    payloads = [{**rows[n % len(rows)], "entity_id": f"ad_group:many/{n:04}", "value": str(1 + n)} for n in range(250)]
    message = render_several("key", payloads, "en", "https://bi.example.com")
    told = message.payload
    assert (len(told["alerts"]), told["more"], told["counts"]) == (200, 50, {"fired": 250})
    assert {alert["owner"] for alert in told["alerts"]} == {owner}
    assert [alert["entity_id"] for alert in told["alerts"][:2]] == ["ad_group:many/0249", "ad_group:many/0248"]
    assert told["link"].startswith("https://bi.example.com/kpi/alerts/?state=firing&rule=")
    assert len(json.dumps(told)) < 500_000
    few = render_several("key", payloads[:200], "en", "https://bi.example.com").payload
    assert (few["alerts"], few["more"]) == (payloads[:200], 0)


def by_owner(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["payload"]["owner"], []).append(row["payload"])
    return found
