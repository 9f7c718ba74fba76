"""Silences hold back the messages of what they match, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.plugin.alerts.conftest import AURORA, BOREALIS
from tests.plugin.conftest import error_of

AG2 = "ad_group:aurora_us/ag2"
FAR = "2999-01-01T00:00:00Z"


@pytest.fixture
def hook(site: Any) -> None:
    site.channels(hook="json://127.0.0.1:9/alerts")
    site.plant_breach()
    site.rule(channels=["hook"], severity="critical")


def silence(site: Any, **matchers: Any) -> None:
    """A silence from an hour before noon to an hour after, past the API (which lets nobody silence the past)."""
    names = {"kpi_id": None, "entity_id": None, "rule_id": None, "severity": None, **matchers}
    values = ", ".join("null" if value is None else f"'{value}'" for value in names.values())
    site.rows(
        f"insert into kpi_alert_silence ({', '.join(names)}, starts_at, ends_at, reason, created_by, created_at) "
        f"values ({values}, '2026-11-16 11:00', '2026-11-16 13:00', 'sale', 'admin', '2026-11-16 11:00')"
    )


MATCHING = (
    {"kpi_id": "gmv"},
    {"entity_id": BOREALIS},
    {"entity_id": "platform:amazon"},
    {"severity": "critical"},
    {"kpi_id": "gmv", "entity_id": BOREALIS, "severity": "critical"},
)
OTHERS = ({"kpi_id": "acos"}, {"entity_id": AURORA}, {"severity": "warning"}, {"kpi_id": "gmv", "entity_id": AURORA})


@pytest.mark.parametrize("matchers", MATCHING)
def test_what_matches_fires_untold_and_is_told_when_the_silence_ends(
    site: Any, hook: None, matchers: dict[str, Any]
) -> None:
    silence(site, **matchers)
    counts = site.evaluate()
    assert (counts["firing"], counts["enqueued"]) == (1, 0)
    (row,) = site.rows("select silence_id from kpi_alert_instance where state = 'firing'")
    assert row["silence_id"] is not None
    assert site.evaluate(59)["enqueued"] == 0
    assert site.evaluate(61)["enqueued"] == 1
    (row,) = site.rows("select silence_id from kpi_alert_instance where state = 'firing'")
    assert row["silence_id"] is None


@pytest.mark.parametrize("matchers", OTHERS)
def test_what_does_not_match_is_told_at_once(site: Any, hook: None, matchers: dict[str, Any]) -> None:
    silence(site, **matchers)
    assert site.evaluate()["enqueued"] == 1


def test_a_silence_is_made_shown_and_ended(site: Any, admin: Any, hook: None) -> None:
    rule_id = site.rows("select id from kpi_alert_rule")[0]["id"]
    ends = datetime.now(timezone.utc) + timedelta(days=300)
    body = {"rule_id": rule_id, "ends_at": ends.isoformat(), "reason": " sale "}
    made = admin.post("silences/", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    shown = made.get_json()["result"]
    assert (shown["state"], shown["reason"], shown["rule_name"], shown["created_by"]) == (
        "active", "sale", "GMV pace", "admin",
    )  # fmt: skip
    assert admin.get("silences/?state=active").get_json()["count"] == 1
    assert admin.delete(f"silences/{shown['id']}").get_json()["result"]["state"] == "expired"
    assert admin.get("silences/?state=active").get_json()["count"] == 0
    assert admin.get("silences/").get_json()["result"][0]["ended_by"] == "admin"
    error_of(admin.delete("silences/999999"), 404)
    error_of(admin.get("silences/?state=loud"), 400)


def test_each_wrong_field_of_a_silence_is_named(admin: Any, viewer: Any) -> None:
    def problems(**body: Any) -> set[str]:
        error = error_of(admin.post("silences/", body), 422)
        return {one["field"] for one in error["details"]["errors"]}

    assert problems() == {"kpi_id", "ends_at", "reason"}
    assert problems(kpi_id="gmv", ends_at="2020-01-01T00:00:00Z", reason="x") == {"ends_at"}
    assert problems(rule_id=999999, severity="loud", ends_at=FAR, reason="x" * 501) == {
        "rule_id", "severity", "ends_at", "reason",
    }  # fmt: skip
    error_of(viewer.post("silences/", {}), 403)


def test_a_silences_entity_is_named_while_the_warehouse_answers(site: Any, viewer: Any) -> None:
    silence(site, entity_id=BOREALIS)
    silence(site, kpi_id="gmv")
    silence(site, entity_id="account:gone")

    def names() -> dict[str | None, str | None]:
        return {one["entity_id"]: one["entity_name"] for one in viewer.get("silences/").get_json()["result"]}

    assert names() == {BOREALIS: "Borealis US", None: None, "account:gone": None}
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    assert names() == {BOREALIS: None, None: None, "account:gone": None}


def test_a_silenced_alert_goes_on_holding_the_milder_one_back_and_its_end_lets_go(site: Any) -> None:
    site.channels(hook="json://127.0.0.1:9/alerts")
    plain = {"kpi_id": "acos", "entity_kind": "ad_group", "condition": "limit", "channels": ["hook"]}
    mild = site.rule(**plain, name="mild", parameters={"limit": "0.2"}, entity_ids=[AG2])
    severe = site.rule(**plain, name="severe", parameters={"limit": "0.4"}, severity="critical", entity_ids=[AG2])
    silence(site, severity="critical", rule_id=severe)
    assert (site.evaluate()["firing"], site.outbox()) == (2, []), "the same trouble in smaller words is no news"
    site.value("acos", AG2, "2026-11-01", "0.3")
    site.evaluate(10)  # the severe one is over, and nobody had heard of it; the mild one still fires
    assert [(row["event"], row["payload"]["rule_id"]) for row in site.outbox()] == [("fired", mild)]


def test_a_snoozed_alert_goes_on_holding_the_milder_one_back(site: Any) -> None:
    site.channels(hook="json://127.0.0.1:9/alerts")
    plain = {"kpi_id": "acos", "entity_kind": "ad_group", "condition": "limit", "channels": ["hook"]}
    severe = site.rule(**plain, name="severe", parameters={"limit": "0.4"}, severity="critical", entity_ids=[AG2])
    site.evaluate()
    site.rows("update kpi_alert_instance set snoozed_until = '2026-11-17 12:00', snoozed_by = 'mei'")
    site.rule(**plain, name="mild", parameters={"limit": "0.2"}, entity_ids=[AG2])
    site.evaluate(10)
    assert [(row["event"], row["payload"]["rule_id"]) for row in site.outbox()] == [("fired", severe)]
