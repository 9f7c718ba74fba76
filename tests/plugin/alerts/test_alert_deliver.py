"""Delivery to a real SMTP server and a real HTTP receiver: retries, failures, crashes, secrets."""

from __future__ import annotations

import importlib
import logging
import threading
from datetime import timedelta
from typing import Any

import pytest

from superset_kpi_plugin.alerts.channels.retries import MAX_ATTEMPTS, of_http_status, wait_before
from superset_kpi_plugin.alerts.channels.webhook import retry_after
from tests.plugin.alerts.conftest import AURORA, BOREALIS, NOON, later

CANARY = "canary-5f1d9c"


def mail(port: int, to: str = "ops@example.com", more: str = "") -> str:
    return f"mailto://127.0.0.1:{port}/?from=kpi@example.com&to={to}&mode=insecure{more}"


def hook(port: int, path: str = "alerts") -> str:
    return f"json://127.0.0.1:{port}/{path}"


def fire(site: Any, *channels: str, **rule: Any) -> None:
    site.plant_breach()
    site.rule(name="GMV under its pace", severity="critical", channels=list(channels), **rule)
    site.evaluate()


def test_the_mail_says_what_where_how_much_and_for_whom(site: Any, mailbox: Any) -> None:
    site.channels(mail=mail(mailbox.port))
    fire(site, "mail")
    assert site.deliver() == {"sent": 1, "failed": 0, "pending": 0}
    (message,) = mailbox.messages()
    (row,) = site.outbox()
    subject = "[Critical] Borealis US: GMV is below its breach limit, $12,000 against $17,000 (November 2026)"
    assert message["Subject"] == subject
    assert (message["To"], message["X-Envelope-To"]) == ("ops@example.com", "ops@example.com")
    assert message["X-KPI-Alert-Key"] == row["key"]
    html = message.get_body(("html",)).get_content()
    text = message.get_body(("plain",)).get_content()
    link = f"https://bi.example.com/kpi/alerts/?id={row['instance_id']}"
    assert f'href="{link}"' in html
    assert link in text
    for part in (
        "Borealis US (account)",
        "$12,000",
        "$17,000 to date (breach limit)",
        "$40,000",
        "2026-11-16 12:00 UTC",
    ):
        assert part in text
        assert part in html
    assert "data through 2026-11-15" in text
    assert "Jon Ek" in text
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 1, None)


def test_the_webhook_gets_the_whole_alert_as_json(site: Any, receiver: Any) -> None:
    site.channels(hook=hook(receiver.port) + "?:team=sales&+X-Source=kpi")
    fire(site, "hook")
    assert site.deliver()["sent"] == 1
    ((path, headers, body),) = receiver.received
    (row,) = site.outbox()
    assert path == "/alerts"
    assert (headers["Idempotency-Key"], headers["X-Source"]) == (row["key"], "kpi")
    assert (body["key"], body["type"], body["team"]) == (row["key"], "failure", "sales")
    assert body["title"].startswith("[Critical] Borealis US")
    alert = body["alert"]
    assert (alert["event"], alert["kpi_id"], alert["entity_id"]) == ("fired", "gmv", BOREALIS)
    assert (alert["value"], alert["limit_value"], alert["target_value"]) == ("12000", "17000", "40000")
    assert (alert["firing_since"], alert["period_start"]) == ("2026-11-16T12:00:00Z", "2026-11-01")
    assert alert["link"] == f"https://bi.example.com/kpi/alerts/?id={alert['alert_id']}"


def test_the_end_of_an_alert_is_told_too(site: Any, receiver: Any) -> None:
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    site.value("gmv", BOREALIS, "2026-11-01", "19900")
    site.evaluate(90)
    site.deliver(90)
    first, second = receiver.bodies()
    assert second["type"] == "success"
    assert second["title"].startswith("[Resolved] Borealis US: GMV is within its breach limit again, $19,900")
    assert "Since: 2026-11-16 12:00 UTC" in second["message"]
    assert "Resolved: 2026-11-16 13:30 UTC" in second["message"]
    assert first["key"] != second["key"]


def test_a_channel_speaks_its_own_language(site: Any, receiver: Any) -> None:
    site.channels(zh={"url": hook(receiver.port), "locale": "zh"})
    fire(site, "zh")
    site.deliver()
    (body,) = receiver.bodies()
    assert body["title"] == "【严重】Borealis US：成交总额低于红线，当前 $12,000，限值 $17,000（2026年11月）"
    assert "负责人：Jon Ek" in body["message"]


def test_a_message_is_sent_once(site: Any, receiver: Any) -> None:
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    site.deliver()
    assert site.deliver(10) == {"sent": 0, "failed": 0, "pending": 0}
    assert len(receiver.received) == 1


def test_a_failing_channel_does_not_affect_the_others(site: Any, mailbox: Any, receiver: Any) -> None:
    receiver.answers["/down"] = (503, {})
    site.channels(down=hook(receiver.port, "down"), dead=hook(9), mail=mail(mailbox.port), good=hook(receiver.port))
    fire(site, "down", "dead", "mail", "good")
    assert site.deliver() == {"sent": 2, "failed": 0, "pending": 2}
    assert len(mailbox.messages()) == 1
    assert len(receiver.bodies()) == 1
    errors = {row["channel"]: row["last_error"] for row in site.outbox()}
    assert errors["down"] == "The receiver answered HTTP 503."
    assert errors["dead"] == "The receiver could not be reached."


def test_what_failed_is_tried_again_later_and_only_that(site: Any, mailbox: Any, receiver: Any) -> None:
    receiver.answers["/alerts"] = (500, {})
    site.channels(hook=hook(receiver.port), mail=mail(mailbox.port))
    fire(site, "hook", "mail")
    site.deliver()
    assert site.deliver(0.2)["sent"] == 0, "before its time"
    receiver.answers.clear()
    assert site.deliver(5) == {"sent": 1, "failed": 0, "pending": 0}
    assert len(mailbox.messages()) == 1
    first, second = receiver.bodies()
    assert first["key"] == second["key"]


def test_one_refused_mail_recipient_does_not_resend_to_the_healthy(site: Any, mailbox: Any) -> None:
    mailbox.refused["b@example.com"] = "450 mailbox busy"
    site.channels(mail=mail(mailbox.port, "a@example.com,b@example.com,c@example.com"))
    fire(site, "mail")
    assert site.deliver() == {"sent": 2, "failed": 0, "pending": 1}
    mailbox.refused.clear()
    site.deliver(60)
    assert sorted(m["X-Envelope-To"] for m in mailbox.messages()) == [
        "a@example.com", "b@example.com", "c@example.com",
    ]  # fmt: skip


def test_a_refusal_that_will_not_pass_is_given_up_at_once(site: Any, receiver: Any) -> None:
    receiver.answers["/alerts"] = (410, {})
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    assert site.deliver() == {"sent": 0, "failed": 1, "pending": 0}
    (row,) = site.outbox()
    assert (row["state"], row["last_error"]) == ("failed", "The receiver answered HTTP 410.")


def test_what_keeps_failing_is_given_up_after_a_while(site: Any, receiver: Any) -> None:
    receiver.answers["/alerts"] = (502, {})
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    results = [site.deliver(minutes=day * 1440) for day in range(MAX_ATTEMPTS)]
    assert [result["failed"] for result in results] == [0] * (MAX_ATTEMPTS - 1) + [1]
    assert len(receiver.received) == MAX_ATTEMPTS


def test_retry_after_is_respected(site: Any, receiver: Any) -> None:
    receiver.answers["/alerts"] = (429, {"Retry-After": "1800"})
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    site.deliver()
    (row,) = site.outbox()
    assert row["next_attempt_at"] >= later(30).replace(tzinfo=None)


def test_redirects_are_not_followed(site: Any, receiver: Any) -> None:
    receiver.answers["/alerts"] = (302, {"Location": f"http://127.0.0.1:{receiver.port}/inside"})
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    assert site.deliver()["failed"] == 1
    assert [path for path, _, _ in receiver.received] == ["/alerts"]


@pytest.mark.parametrize(
    "address",
    ["json://127.0.0.1:{port}/alerts", "json://localhost:{port}/alerts", "json://2130706433:{port}/alerts",
     "xml://127.0.0.1:{port}/alerts", "form://127.0.0.1:{port}/alerts", "json://0.0.0.0:{port}/alerts"],
)  # fmt: skip
def test_internal_addresses_are_not_reached_unless_allowed(site: Any, receiver: Any, address: str) -> None:
    site.app.config["KPI_ALLOW_INTERNAL_WEBHOOKS"] = False
    site.channels(hook=address.format(port=receiver.port))
    fire(site, "hook")
    assert site.deliver() == {"sent": 0, "failed": 0, "pending": 1}
    assert receiver.received == []


def test_a_crash_between_sending_and_recording_sends_the_same_key_again(
    site: Any, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    module = importlib.import_module("superset_kpi_plugin.alerts.commands.deliver")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_record", lambda *args: (_ for _ in ()).throw(SystemExit("killed")))
        with pytest.raises(SystemExit):
            site.deliver()
    (row,) = site.outbox()
    assert (row["state"], row["attempts"]) == ("pending", 0)
    assert site.deliver(1)["sent"] == 1
    first, second = receiver.bodies()
    assert first["key"] == second["key"] == row["key"]


def test_deliverers_at_once_send_each_message_once(site: Any, receiver: Any) -> None:
    from superset_kpi_plugin.alerts.commands import deliver

    site.target("gmv", AURORA, "2026-11-01", "900000")
    site.target("gmv", BOREALIS, "2026-11-01", "900000")
    site.channels(a=hook(receiver.port), b=hook(receiver.port), c=hook(receiver.port))
    for number in range(5):
        site.rule(name=f"rule {number}", channels=["a", "b", "c"])
    assert site.evaluate()["enqueued"] == 30

    def run() -> None:
        with site.app.app_context():
            deliver(now=NOON)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    keys = [body["key"] for body in receiver.bodies()]
    assert len(keys) == len(set(keys)) == 30
    assert {row["state"] for row in site.outbox()} == {"sent"}


def test_a_message_that_cannot_be_written_holds_up_nothing(site: Any, receiver: Any) -> None:
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    site.rows("update kpi_outbox set payload = '{}'")
    site.rule(name="another", severity="critical", channels=["hook"])
    site.evaluate()
    assert site.deliver() == {"sent": 1, "failed": 0, "pending": 1}


def test_a_channel_that_left_the_configuration_keeps_its_message_waiting(site: Any, receiver: Any) -> None:
    site.channels(hook=hook(receiver.port))
    fire(site, "hook")
    site.channels()
    assert site.deliver()["pending"] == 1
    site.channels(hook=hook(receiver.port))
    assert site.deliver(60)["sent"] == 1


def test_no_secret_of_any_channel_is_told_anywhere(
    site: Any, receiver: Any, mailbox: Any, admin: Any, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers[f"/{CANARY}"] = (500, {"X-Echo": CANARY})
    site.channels(
        hook=f"json://user:{CANARY}@127.0.0.1:{receiver.port}/{CANARY}?+Authorization={CANARY}",
        form=f"form://user:{CANARY}@127.0.0.1:{receiver.port}/{CANARY}",
        dead=f"jsons://user:{CANARY}@127.0.0.1:9/{CANARY}",
        mail=f"mailto://user:{CANARY}@127.0.0.1:{mailbox.port}/?from=kpi@example.com&to=ops@example.com&mode=insecure",
        slack=f"slack://T1JJ3T3L2/{CANARY}",
        broken=f"mailto://{CANARY}",
        unknown=f"nosuch://{CANARY}",
    )
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "superset_kpi_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    fire(site, "hook", "form", "dead", "mail", "slack", "broken", "unknown")
    site.deliver()
    assert len(receiver.received) >= 1
    alert_id = site.outbox()[0]["instance_id"]
    told = [admin.get(path).get_data(as_text=True) for path in ("alerts/", f"alerts/{alert_id}", "alert_rules/", "me/")]
    told.append(admin.post("alerts/deliver").get_data(as_text=True))
    told.append(caplog.text)
    told.append(str(site.outbox()))
    assert len(site.outbox()) == 7
    assert [text for text in told if CANARY in text] == []


@pytest.mark.parametrize(
    ("status", "sent", "transient"),
    [(200, True, False), (204, True, False), (302, False, False), (400, False, False), (401, False, False),
     (404, False, False), (408, False, True), (410, False, False), (429, False, True), (500, False, True),
     (503, False, True)],
)  # fmt: skip
def test_the_status_decides_whether_to_try_again(status: int, sent: bool, transient: bool) -> None:
    outcome = of_http_status(status)
    assert (outcome.is_sent, outcome.is_transient) == (sent, transient)


def test_every_http_status_has_one_meaning() -> None:
    for status in range(100, 600):
        outcome = of_http_status(status)
        assert outcome.is_sent == (200 <= status < 300)
        assert not (outcome.is_sent and outcome.is_transient)
        assert outcome.is_transient or status < 500
        assert (outcome.error is None) == outcome.is_sent


def test_waits_grow_and_are_capped() -> None:
    waits = [wait_before(attempts, jitter=0) for attempts in (1, 2, 3, 5, 30)]
    assert waits == [timedelta(seconds=s) for s in (30, 60, 120, 480, 21_600)]
    assert wait_before(1, jitter=1) == timedelta(seconds=36)
    assert wait_before(1, timedelta(days=9), jitter=0) == timedelta(hours=6)


def test_retry_after_is_read_in_both_forms() -> None:
    assert retry_after("120") == timedelta(seconds=120)
    assert retry_after("Mon, 16 Nov 2026 12:01:00 GMT", NOON) == timedelta(seconds=60)
    assert retry_after("soon") is None
    assert retry_after(None) is None
