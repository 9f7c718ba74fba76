"""What no request may bring in: what is no text, ids that no row has, days that no calendar reckons with."""

from __future__ import annotations

import io
from typing import Any

import pytest

from superset_kpi_plugin.inbound import LARGEST_ID, unreadable_field
from tests.plugin.conftest import error_of
from tests.plugin.test_targets_api import GMV, save

UNREADABLE = ("\x00", "a\x00b", "\ud800", "x\udfff", "\udc00\ud800")


@pytest.mark.parametrize("text", UNREADABLE)
def test_the_field_is_named_however_deep_it_is(text: str) -> None:
    assert unreadable_field({"a": "fine", "b": [{"c": ["fine", text]}]}) == "b.0.c.1"
    assert unreadable_field({"a": {text: 1}}) == "a." + text.translate(dict.fromkeys((0, *range(0xD800, 0xE000)), "�"))
    deep: Any = text
    for _ in range(5000):
        deep = [deep]
    assert (unreadable_field({"deep": deep}) or "").startswith("deep.0.0.")


def test_whatever_is_text_is_left_alone() -> None:
    texts = ["", "李 🎯 \u202e \ufeff \uffff \x01\t\r\n", "'; drop table kpi_target; --", "\U0001f3af"]
    assert unreadable_field(dict.fromkeys(texts, texts) | {"number": 1, "nothing": None, "truth": True}) is None


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "x\\uDFFFy"])
def test_a_body_is_refused_and_nothing_is_saved(owner: Any, clean: Any, text: str) -> None:
    body = '{"targets": [{"kpi_id": "gmv", "reason": "a' + text + '"}]}'
    error = error_of(owner.put("targets/", body), 400)
    assert error["details"] == {"field": "targets.0.reason"}
    assert "targets.0.reason" in error["message"]
    assert "Nothing was saved" in error["message"]
    raw = b'{"targets": [{"owner": "\xed\xa0\x80"}]}'  # half a character, as bytes
    assert error_of(owner.put("targets/", raw), 400)["details"] == {"field": "targets.0.owner"}


def test_addresses_parameters_forms_and_file_names_are_refused(owner: Any, admin: Any, clean: Any) -> None:
    assert error_of(owner.get("entities/?kind=account&q=%00"), 400)["details"] == {"field": "q"}
    answer = admin.put("manual/kpis/a%00b", {"name_en": "A"})
    assert error_of(answer, 400)["details"] == {"field": "kpi_id"}
    form = {"file": (io.BytesIO(b"a,b\n"), "targets.csv"), "mapping": "a\x00"}
    answer = owner.request("POST", "targets/import", data=form)
    assert error_of(answer, 400)["details"] == {"field": "mapping"}
    form = {"file": (io.BytesIO(b"a,b\n"), "tar\x00gets.csv")}
    assert error_of(owner.request("POST", "targets/import", data=form), 400)["details"] == {"field": "file"}


def test_who_may_not_ask_is_told_that_first(anonymous: Any, viewer: Any) -> None:
    error_of(anonymous.get("entities/?q=%00"), 401)
    error_of(viewer.put("targets/", '{"a": "\\u0000"}'), 403)


@pytest.mark.parametrize("number", [LARGEST_ID + 1, 2**63, 10**30])
def test_an_id_that_no_row_can_have_is_not_found(app: Any, admin: Any, clean: Any, number: int) -> None:
    """On every route with an id in its address, and in every body that names one."""
    seen = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/kpi/") or "<int:" not in rule.rule:
            continue
        address = rule.rule.replace(next(part for part in rule.rule.split("/") if "<int:" in part), str(number))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            error_of(admin.request(method, address, None if method == "GET" else {}), 404)
            seen += 1
    assert seen > 20
    error_of(admin.post("alert_rules/backtest", {"rule_id": number}), 404)
    error_of(admin.post("reports/", {"plan_id": number}), 422)
    plan = {"name": "Weekly", "entity_id": "company", "cadence": "weekly", "template_id": number}
    assert [one["field"] for one in error_of(admin.post("report_plans/", plan), 422)["details"]["errors"]] == [
        "template_id"
    ]
    silence = {"rule_id": number, "ends_at": "2999-01-01T00:00:00Z", "reason": "known"}
    assert "rule_id" in str(error_of(admin.post("silences/", silence), 422)["details"])
    error_of(admin.post("targets/approve", {"ids": [number]}), 400)
    assert admin.get(f"alerts/?rule_id={number}").status_code == 400
    assert admin.get(f"reports/?plan_id={number}").status_code == 400
    assert save(admin, {**GMV, "target_value": "1"})


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-01", "2200-01-01", "9999-12-01", "9999-12-31"])
def test_a_day_that_no_calendar_reckons_with_is_refused(owner: Any, clean: Any, day: str) -> None:
    place = "kpi_id=gmv&entity_id=account:aurora_us&grain=month"
    for path in ("targets/explain", "targets/", "targets/lint", "targets/feasibility"):
        error = error_of(owner.get(f"{path}?{place}&period_start={day}"), 400)
        assert error["message"] == "The parameter period_start must be a date such as 2026-11-01."
    error_of(owner.get(f"targets/tree?kpi_id=gmv&grain=month&from={day}&to={day}"), 400)
    bodies = {
        "setup/proposal": {"pack": "basic", "period_start": day},
        "targets/": {"targets": [{**GMV, "period_start": day, "target_value": "1"}]},
    }
    for path, body in bodies.items():
        answer = owner.request("PUT" if path == "targets/" else "POST", path, body)
        errors = error_of(answer, 422)["details"]["errors"]
        assert [item["message"] for item in errors] == ["Must be a day from 1990-01-01 to 2199-12-31."]
