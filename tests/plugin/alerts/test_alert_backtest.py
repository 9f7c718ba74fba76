"""Backtests and the chart's history, by figures that a person can check by head."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from superset_kpi_plugin.alerts.replay import median
from tests.plugin.alerts.conftest import BOREALIS
from tests.plugin.conftest import error_of

AG2 = "ad_group:aurora_us/ag2"
RULE = {
    "name": "Daily ACoS",
    "kpi_id": "acos",
    "entity_kind": "ad_group",
    "grain": "day",
    "condition": "limit",
    "parameters": {"limit": 0.5},
}
JUNE = {"from": "2026-06-01", "to": "2026-06-30"}


@pytest.fixture
def june(site: Any) -> None:
    """ACoS of each day of May and June: 0.3, but 0.6 from June 10 to 14 and on the 20th. It settles after 3 days."""
    day = date(2026, 5, 1)
    while day <= date(2026, 6, 30):
        is_bad = day.month == 6 and (10 <= day.day <= 14 or day.day == 20)
        site.warehouse.execute(
            "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value, "
            "is_settled, covered_through) values ('acos', 'ad_group', %s, 'day', %s, %s, %s, true, '2026-06-30')",
            (AG2, day, day, "0.6" if is_bad else "0.3"),
        )
        day += timedelta(days=1)


def backtested(client: Any, **rule: Any) -> dict[str, Any]:
    answer = client.post("alert_rules/backtest", {"rule": {**RULE, **rule}, **JUNE})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json()["result"])


def test_a_rule_is_replayed_day_by_day(site: Any, admin: Any, june: None) -> None:
    found = backtested(admin)
    assert [(one["fired_on"], one["resolved_on"], one["days"]) for one in found["firings"]] == [
        ("2026-06-24", "2026-06-25", 1),
        ("2026-06-14", "2026-06-19", 5),
    ]
    assert {one["entity_id"] for one in found["firings"]} == {AG2}
    assert (found["firings"][0]["value"], found["firings"][0]["limit"]) == ("0.6", "0.5")
    assert (found["fired"], found["open_days"], found["entities"], found["entity_days"]) == (2, 6, 1, 30)
    assert (found["short"], found["noise_share"], found["per_1000"]) == (1, "0.5", "66.6667")
    assert [(one["entity_id"], one["fired"], one["open_days"]) for one in found["by_entity"]] == [(AG2, 2, 6)]
    assert site.rows("select * from kpi_alert_rule") == []
    assert site.rows("select * from kpi_alert_instance") == []


def test_the_hints_say_what_waiting_and_tolerating_would_save(admin: Any, june: None) -> None:
    hints = backtested(admin)["hints"]
    assert [(one["for_days"], one["fired"], one["short"]) for one in hints["for_days"]] == [
        (0, 2, 1), (1, 1, 0), (2, 1, 0), (3, 1, 1), (7, 0, 0),
    ]  # fmt: skip
    assert [(one["value"], one["fired"]) for one in hints["limits"]] == [("0", 2), ("0.05", 2), ("0.1", 2), ("0.2", 0)]
    assert backtested(admin, for_minutes=24 * 60)["fired"] == 1


def test_a_stored_rule_tells_its_votes(site: Any, admin: Any, june: None) -> None:
    number = site.rule(**RULE)
    answer = admin.post("alert_rules/backtest", {"rule_id": number, **JUNE}).get_json()["result"]
    assert (answer["fired"], answer["votes"]["n"], answer["votes"]["precision"]) == (2, 0, None)
    error_of(admin.post("alert_rules/backtest", {"rule_id": 999999, **JUNE}), 404)


def test_what_has_no_history_is_not_replayed(admin: Any) -> None:
    rule = {"kpi_id": "data_freshness", "entity_kind": "account", "condition": "freshness", "parameters": {}}
    found = backtested(admin, **rule)
    assert found["can_replay"] is False
    assert "freshness" in found["reason"]
    assert "fired" not in found


def test_a_wrong_rule_or_span_is_refused(admin: Any, viewer: Any) -> None:
    error_of(admin.post("alert_rules/backtest", {"rule": {**RULE, "kpi_id": "nothing"}, **JUNE}), 422)
    error_of(admin.post("alert_rules/backtest", {"rule": RULE, "from": "2026-06-30", "to": "2026-06-01"}), 422)
    error_of(admin.post("alert_rules/backtest", {"rule": RULE, "from": "2024-06-30", "to": "2026-06-01"}), 422)
    error_of(admin.post("alert_rules/backtest", {"rule": RULE, "from": "June"}), 422)
    error_of(admin.post("alert_rules/backtest", JUNE), 400)
    error_of(viewer.post("alert_rules/backtest", {"rule": RULE, **JUNE}), 403)


def test_a_file_is_backtested_from_the_command_line(site: Any, june: None, tmp_path: Any) -> None:
    from superset_kpi_plugin.cli import kpi

    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"rules": [RULE]}))
    arguments = ["rules", "backtest", str(file), "--from", JUNE["from"], "--to", JUNE["to"]]
    result = site.app.test_cli_runner().invoke(kpi, arguments)
    assert result.exit_code == 0, result.output
    found = json.loads(result.output.strip().splitlines()[-1])
    assert (found["name"], found["fired"]) == ("Daily ACoS", 2)


def test_the_history_holds_the_value_against_its_limits(site: Any, admin: Any) -> None:
    site.plant_breach()
    site.rule()
    site.evaluate()
    (alert,) = admin.get("alerts/?state=firing").get_json()["result"]
    assert alert["entity_id"] == BOREALIS
    found = admin.get(f"alerts/{alert['id']}/history").get_json()["result"]
    names = ("period_start", "value", "target", "expected", "warn", "breach")
    assert [tuple(point[name] for name in names) for point in found["points"]] == [
        ("2026-10-01", "40000", None, None, None, None),
        ("2026-11-01", "12000", "40000", "20000", "19000", "17000"),
    ]
    assert [(mark["event"], mark["incident"]) for mark in found["marks"]] == [("fired", 1)]
    assert found["limit"] == {"warn": "19000", "breach": "17000"}
    error_of(admin.get(f"alerts/{alert['id']}/history?periods=0"), 400)
    error_of(admin.get("alerts/999999/history"), 404)


def test_a_span_without_values_has_no_entity_days(admin: Any, june: None) -> None:
    """A target or value of another time is no evidence that a rule is quiet."""
    answer = admin.post("alert_rules/backtest", {"rule": RULE, "from": "2026-03-01", "to": "2026-03-31"})
    found = answer.get_json()["result"]
    assert (found["fired"], found["entities"], found["entity_days"], found["per_1000"]) == (0, 0, 0, None)


def test_the_median() -> None:
    assert [median([]), median([3]), median([4, 1]), median([9, 1, 2])] == [None, 3, 2.5, 2]
