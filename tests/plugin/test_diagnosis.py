"""The diagnosis: what each step finds, in which order, for whom; figures as `contract` has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from superset_kpi_plugin.diagnosis import steps
from superset_kpi_plugin.diagnosis.causes import is_refused
from superset_kpi_plugin.diagnosis.steps import Check, Step
from tests.plugin.conftest import emptying, error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, save

AURORA, BOREALIS, AG2 = "account:aurora_us", "account:borealis_us", "ad_group:aurora_us/ag2"
ALERT_SQL = """
insert into kpi_alert_rule (id, name, kpi_id, entity_kind, grain, condition, parameters, hysteresis, tolerance,
    include_provisional, severity, channels, escalation, for_minutes, keep_firing_minutes, is_enabled, created_at,
    changed_at)
values (1, 'GMV pace', 'gmv', 'account', 'month', 'breach', '{}', 0, 0, false, 'critical', '[]', '[]', 0, 0, true,
    now(), now());
insert into kpi_alert_instance (id, rule_id, kpi_id, kpi_name_en, kpi_name_zh, entity_kind, entity_id, entity_name,
    grain, state, incident, recent_firings, told_incident, escalated, firing_since)
values (1, 1, 'gmv', 'GMV', '成交总额', 'account', 'account:aurora_us', 'Aurora US', 'month', 'firing', 1, '[]', 1, 0,
    now() at time zone 'utc' - interval '3 days');
insert into kpi_alert_event (instance_id, event, incident, happened_at)
values (1, 'fired', 1, now() at time zone 'utc' - interval '3 days');
"""
DAYS_SQL = """
insert into kpi.kpi_values
select 'gmv', 'account', 'account:aurora_us', 'day', day::date, day::date, 1000, null, 1000, 'USD', false, day::date
from generate_series(date '2026-11-01', date '2026-11-15', '1 day') as day where day <> date '2026-11-05';
"""


def diagnosis(client: Any, query: str = "") -> dict[str, Any]:
    answer = client.get(f"diagnosis/{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = dict(answer.get_json())
    assert [step["step"] for step in found["steps"]] == ["sources", "targets", "owners", "reviews"]
    return found


def check(found: dict[str, Any], step: str, code: str) -> dict[str, Any]:
    [checks] = [row["checks"] for row in found["steps"] if row["step"] == step]
    [wanted] = [row for row in checks if row["code"] == code]
    return dict(wanted)


def statuses(found: dict[str, Any]) -> list[str]:
    return [step["status"] for step in found["steps"]]


@pytest.fixture
def alert(clean: Any, metadata_uri: str) -> Iterator[None]:
    """Aurora's GMV fires since three days."""
    run_sql(metadata_uri, ALERT_SQL)
    yield
    run_sql(metadata_uri, emptying("kpi_alert_rule", "kpi_alert_instance", "kpi_alert_event", restart=True))


@pytest.fixture
def scoped(clean: Any, metadata_uri: str) -> Iterator[None]:
    """owner_out reaches Borealis alone."""
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        f"values ('user', 'owner_out', '{BOREALIS}', true, true, 'test', now())",
    )
    yield
    run_sql(metadata_uri, "delete from kpi_scope")


def test_the_first_step_in_order_with_the_worst_status_is_where_to_begin() -> None:
    def step(name: str, *found: str) -> Step:
        return Step(name, [Check("c", status, "m", "a") for status in found])

    order = [step("sources", "ok", "warning"), step("targets", "ok"), step("owners", "problem"), step("reviews")]
    assert [one.status for one in order] == ["warning", "ok", "problem", "ok"]
    assert steps.first_trouble(order) == "owners"
    assert steps.first_trouble([step("targets", "unknown"), step("owners", "warning")]) == "owners"
    assert steps.first_trouble([step("sources", "ok"), step("targets", "unknown")]) is None
    assert Check("c", "ok", "m", "do this").advice is None
    many = Check("c", "warning", "m", items=[{"label": str(place)} for place in range(30)])
    assert (many.count, len(many.items)) == (30, steps.SHOWN)


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        ("LoginRefused: Amazon answered 401", True),
        ("the refresh token has expired; renew it", True),
        ("403 Forbidden: the role Finance is missing", True),
        ("Access to requested resource is denied: AccessDenied", True),
        ("ServerUnavailable: status 503 after 5 attempts", False),
        ("not one of 401000 rows meets the contract", False),
        (None, False),
    ],
)
def test_a_refused_login_is_told_apart_from_other_failures(error: str | None, refused: bool) -> None:
    assert is_refused({"state": "failed", "last_error": error}) == refused
    assert not is_refused({"state": "stale", "last_error": error})


def test_streams_are_sorted_by_what_is_wrong_with_them_and_tell_no_secret(viewer: Any, clean: Any) -> None:
    clean.execute(
        "insert into kpi.kpi_freshness values "
        "('amazon_sp', 'aurora_us', 'returns', null, null, null, 0, 'never', null), "
        "('shopify', 'aurora_us', 'orders', '2026-11-14 09:00+00', '2026-11-13', '2026-11-10', 0, 'failed', "
        "'401 Unauthorized for https://shop:canary-pw-1@x.myshopify.com/orders?token=canary-pw-2'), "
        "('zendesk', 'borealis_us', 'tickets', null, null, null, 0, 'failed', '503 after 5 attempts')"
    )
    found = diagnosis(viewer)
    assert (statuses(found)[0], found["begin_with"]) == ("problem", "sources")
    assert check(found, "sources", "refused")["items"] == [
        {
            "label": "aurora_us · shopify · orders",
            "detail": "401 Unauthorized for https://x.myshopify.com/orders?***",
            "link": None,
        }
    ]
    for code, count in (("refused", 1), ("failed", 1), ("never", 1), ("late", 1)):
        assert check(found, "sources", code)["count"] == count, code
    assert [(row["state"], row["is_refused"]) for row in found["streams"]] == [
        *(("failed", True), ("failed", False), ("never", False), ("stale", False), ("fresh", False), ("fresh", False)),
    ]
    # Of one account alone, and of a KPI whose source is known.
    assert [row["stream"] for row in diagnosis(viewer, f"?entity={BOREALIS}")["streams"]] == ["tickets", "orders"]
    clean.execute("update kpi.kpi_catalogue set source = 'amazon_sp.orders, shopify.orders (gross)' where kpi_id='gmv'")
    named = [(row["platform"], row["account_id"]) for row in diagnosis(viewer, "?kpi=gmv")["streams"]]
    assert named == [("shopify", "aurora_us"), ("amazon_sp", "aurora_us"), ("amazon_sp", "borealis_us")]
    # Elsewhere, too.
    assert "canary" not in viewer.get("freshness/").get_data(as_text=True)


def test_nothing_loaded_is_the_first_problem(viewer: Any, clean: Any) -> None:
    clean.execute("delete from kpi.kpi_freshness")
    found = diagnosis(viewer)
    assert check(found, "sources", "loaded")["status"] == "problem"
    assert check(found, "sources", "loaded")["link"] is None  # who may not upload is not sent there


def test_rows_that_were_set_aside_are_counted(viewer: Any, clean: Any) -> None:
    clean.execute("update kpi.kpi_freshness set rows_quarantined = 7 where account_id = 'borealis_us'")
    found = check(diagnosis(viewer), "sources", "quarantine")
    assert (found["status"], found["count"], found["items"][0]["detail"]) == ("warning", 7, "7 rows")
    assert check(diagnosis(viewer, f"?entity={AURORA}"), "sources", "quarantine")["status"] == "ok"


def test_an_older_contract_says_nothing_of_rows_set_aside(viewer: Any, clean: Any) -> None:
    clean.execute("alter table kpi.kpi_freshness rename rows_quarantined to something_else")
    try:
        found = check(diagnosis(viewer), "sources", "quarantine")
    finally:
        clean.execute("alter table kpi.kpi_freshness rename something_else to rows_quarantined")
    assert (found["status"], found["count"]) == ("unknown", 0)


def test_provisional_days_and_values_are_told(viewer: Any, clean: Any) -> None:
    found = diagnosis(viewer, f"?kpi=gmv&entity={AURORA}")
    assert found["day"] == "2026-11-15"
    assert check(found, "sources", "settled")["message"] == (
        "Final through 2026-11-11; later days, up to 2026-11-15, are provisional."
    )
    assert check(found, "sources", "value")["status"] == "ok"
    found = diagnosis(viewer, "?kpi=units&entity=category:aurora_us/audio")
    assert check(found, "sources", "value")["status"] == "ok"  # October's is the latest whole month's
    found = diagnosis(viewer, f"?kpi=conversion_rate&entity={AURORA}")
    assert check(found, "sources", "value")["status"] == "problem"
    found = check(diagnosis(viewer, "?kpi=acos&entity=category:aurora_us/audio"), "sources", "value")
    assert (found["status"], found["link"]) == ("problem", {"page": "glossary", "query": {"#": "acos"}})


def test_differences_that_nobody_signed_are_named(viewer: Any, approver: Any, differences: Any) -> None:
    found = check(diagnosis(viewer, f"?entity={AURORA}"), "sources", "reconciliation")
    assert (found["status"], found["count"]) == ("warning", 2)
    assert found["link"] == {"page": "reconciliation", "query": {"account_id": "aurora_us"}}
    [sales] = [item for item in found["items"] if item["detail"] == "different"]
    assert (sales["label"], sales["amount"]) == (
        "Aurora US · October 2026 · Sales",
        {"value": "-100", "currency": "USD"},
    )
    assert check(diagnosis(viewer), "sources", "reconciliation")["count"] == 3


def test_a_warehouse_that_compares_nothing_is_no_problem(viewer: Any, clean: Any) -> None:
    clean.execute("drop table if exists kpi.kpi_reconciliation, kpi.kpi_reconciliation_items")
    assert check(diagnosis(viewer), "sources", "reconciliation")["status"] == "unknown"


def test_targets_that_are_missing_pending_doubtful_or_unwatched(
    owner: Any, approver: Any, clean: Any, metadata_uri: str
) -> None:
    assert check(diagnosis(owner), "targets", "missing")["status"] == "problem"
    october = {**GMV, "period_start": "2026-10-01", "entity_id": BOREALIS}
    rows = save(
        owner,
        {**october, "target_value": "40000", "owner": "owner"},
        {**GMV, "target_value": "500000", "owner": "owner"},
        {**ACOS, "target_value": "0.2", "owner": "owner"},
    )
    approver.post("targets/approve", {"ids": [rows[0]["id"], rows[2]["id"]]})
    clean.execute(
        "insert into kpi.kpi_forecast (kpi_id, entity_kind, entity_id, grain, period_start, p20, p50, p80) values "
        "('gmv', 'account', 'account:aurora_us', 'month', '2026-11-01', 90000, 100000, 110000), "
        "('acos', 'ad_group', 'ad_group:aurora_us/ag2', 'month', '2026-11-01', 0.1, 0.2, 0.3)"
    )
    found = diagnosis(owner)
    missing = check(found, "targets", "missing")
    assert (missing["status"], [item["label"] for item in missing["items"]]) == ("warning", ["GMV · Borealis US"])
    pending = check(found, "targets", "pending")
    assert [(item["label"], item["detail"]) for item in pending["items"]] == [("GMV · Aurora US", "draft")]
    assert pending["link"] == {
        "page": "targets",
        "query": {"grain": "month", "period": "2026-11-01", "status": "draft"},
    }
    assert check(found, "targets", "publication")["status"] == "ok"
    assert [item["kpi_id"] for item in check(found, "targets", "feasible")["items"]] == ["gmv"]
    assert (check(found, "targets", "watched")["count"], check(found, "targets", "watched")["status"]) == (2, "warning")
    # Of one target its very chance: 0.2 of a median of 0.2.
    fit = check(diagnosis(owner, f"?kpi=acos&entity={AG2}"), "targets", "feasible")
    assert fit["message"] == "By the forecast this is attained with a probability of 50 %."
    assert fit["status"] == "ok"
    unfit = check(diagnosis(owner, f"?kpi=gmv&entity={AURORA}"), "targets", "feasible")
    assert (unfit["status"], unfit["message"][-4:]) == ("warning", "1 %.")
    run_sql(metadata_uri, ALERT_SQL)
    watched = check(diagnosis(owner), "targets", "watched")
    assert [item["kpi_id"] for item in watched["items"]] == ["acos"]


def test_a_failed_publication_is_a_problem_of_the_targets(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any
) -> None:
    [row] = save(owner, {**GMV, "target_value": "1"})
    monkeypatch.setitem(app.config, "KPI_PUBLISHER_URI", "postgresql://kpi:canary-secret@127.0.0.1:1/nowhere")
    approver.post("targets/approve", {"ids": [row["id"]]})
    answer = owner.get("diagnosis/")
    assert check(answer.get_json(), "targets", "publication")["status"] == "problem"
    assert "canary" not in answer.get_data(as_text=True)


def test_owners_who_are_missing_blind_or_silent(owner: Any, clean: Any, alert: None, metadata_uri: str) -> None:
    [_, strangers] = save(
        owner, {**GMV, "target_value": "100000"}, {**ACOS, "target_value": "0.2", "owner": "stranger"}
    )
    owner.post("targets/propose", {"ids": [strangers["id"]]})
    found = diagnosis(owner)
    assert [item["entity_id"] for item in check(found, "owners", "no_owner")["items"]] == [AURORA]
    assert [item["entity_id"] for item in check(found, "owners", "owner_without_access")["items"]] == [AG2]
    assert check(found, "owners", "unaccepted")["status"] == "ok"  # it was proposed just now
    run_sql(metadata_uri, "update kpi_target_version set proposed_at = proposed_at - interval '2 days'")
    [item] = check(diagnosis(owner), "owners", "unaccepted")["items"]
    assert item["detail"].startswith("stranger, since 20")
    silent = check(found, "owners", "unacknowledged")
    assert (silent["status"], silent["items"][0]["label"]) == ("problem", "GMV · Aurora US")
    assert silent["items"][0]["link"] == {"page": "alerts", "query": {"state": "all", "id": "1"}}
    assert owner.post("alerts/1/acknowledge", {}).status_code == 200
    assert check(diagnosis(owner), "owners", "unacknowledged")["status"] == "ok"
    run_sql(
        metadata_uri,
        "insert into kpi_outbox (key, instance_id, event, channel, recipient, payload, state, attempts, created_at, "
        "next_attempt_at, last_error) values ('k', 1, 'fired', 'mail', 'b@example.com', '{}', 'failed', 9, now(), "
        "now(), 'The receiver did not answer in time.')",
    )
    lost = check(diagnosis(owner), "owners", "undelivered")
    assert [(item["label"], item["detail"]) for item in lost["items"]] == [
        ("mail", "1 times: The receiver did not answer in time.")
    ]


def test_reviews_ask_for_words_hands_and_releases(
    owner: Any, approver: Any, clean: Any, alert: None, metadata_uri: str
) -> None:
    found = diagnosis(owner)
    assert check(found, "reviews", "unattended")["count"] == 1
    assert check(found, "reviews", "acted")["status"] == "warning"
    assert [item["kpi_id"] for item in found["offered"]] == ["gmv"]
    run_sql(metadata_uri, "update kpi_alert_instance set kpi_id = 'data_freshness'")
    assert [(item["kpi_id"], item["entity_id"]) for item in diagnosis(owner)["offered"]] == [(None, AURORA)]
    run_sql(metadata_uri, "update kpi_alert_instance set kpi_id = 'gmv'")
    assert owner.post("alerts/1/comment", {"comment": "The listing is <b>down</b>"}).status_code == 200
    found = diagnosis(owner)
    assert check(found, "reviews", "unattended")["status"] == "ok"
    assert check(found, "reviews", "acted")["message"] == (
        "What people did in the last two weeks: 1 actions by 1 people."
    )
    run_sql(
        metadata_uri,
        "insert into kpi_report_plan (id, name, entity_id, cadence, locale, channels, needs_release, is_enabled, "
        f"created_by, created_at, changed_by, changed_at) values (9, 'Aurora', '{AURORA}', 'daily', 'en', '[]', true, "
        "true, 'owner', now(), 'owner', now()); "
        "insert into kpi_report (plan_id, entity_id, cadence, period_start, period_end, locale, content, state, "
        f"made_at) values (9, '{AURORA}', 'daily', '2026-11-15', '2026-11-15', 'en', '{{}}', 'waiting', "
        "now() - interval '2 days')",
    )
    waiting = check(diagnosis(owner), "reviews", "unreleased")
    assert (waiting["status"], waiting["items"][0]["label"]) == ("warning", "Aurora")
    assert check(diagnosis(owner, f"?entity={BOREALIS}"), "reviews", "unreleased")["status"] == "ok"


def test_actions_are_laid_over_the_series_and_many_at_once_are_one(
    owner: Any, approver: Any, clean: Any, alert: None
) -> None:
    clean.execute(DAYS_SQL)
    rows = save(
        owner,
        {**GMV, "target_value": "100000", "owner": "owner"},
        {**GMV, "entity_id": BOREALIS, "target_value": "40000", "owner": "owner"},
    )
    approver.post("targets/approve", {"ids": [row["id"] for row in rows]})
    owner.post(f"targets/{rows[0]['id']}/comments", {"text": "Prime Day moved"})
    owner.post("alerts/1/acknowledge", {"comment": "seen"})
    found = diagnosis(owner, f"?kpi=gmv&entity={AURORA}")
    kinds = {row["kind"]: row for row in found["actions"]}
    assert set(kinds) == {"target_changed", "target_approved", "target_commented", "alert_acknowledged"}
    assert (kinds["alert_acknowledged"]["by"], kinds["alert_acknowledged"]["text"]) == ("owner", "seen")
    assert kinds["target_commented"]["text"] == "Prime Day moved"
    assert kinds["target_approved"]["by"] == "approver"
    chart = found["chart"]
    assert (chart["grain"], chart["points"][0]["period_start"]) == ("day", "2026-11-01")
    by_day = {point["period_start"]: point["value"] for point in chart["points"]}
    assert (by_day["2026-11-04"], by_day["2026-11-05"], by_day["2026-11-06"]) == ("1000", None, "1000")
    assert chart["points"][-1]["period_start"] == max(chart["today"], "2026-11-15")
    assert [mark["event"] for mark in chart["alerts"]] == ["fired"]
    assert all(chart["since"] <= row["day"] <= chart["today"] for row in found["actions"])
    both = {(row["kind"], row["by"]): row["count"] for row in diagnosis(owner, "?kpi=gmv")["actions"]}
    assert both["target_approved", "approver"] == 2
    assert diagnosis(owner, "?kpi=gmv")["chart"] is None


def test_a_monthly_series_serves_where_there_are_no_days(owner: Any, clean: Any) -> None:
    chart = diagnosis(owner, f"?kpi=acos&entity={AG2}")["chart"]
    assert (chart["grain"], [point["value"] for point in chart["points"]]) == ("month", ["0.3", "0.6"])


def test_nothing_from_beyond_the_scope_is_told(
    clients: Any, owner: Any, differences: Any, alert: None, scoped: None
) -> None:
    save(owner, {**GMV, "target_value": "7654321"}, {**GMV, "entity_id": BOREALIS, "target_value": "40000"})
    owner.post("alerts/1/acknowledge", {"comment": "Aurora US is down"})
    answer = clients("owner_out").get("diagnosis/")
    text = answer.get_data(as_text=True)
    assert not [word for word in ("aurora", "Aurora", "7654321") if word in text]
    found = answer.get_json()
    assert check(found, "sources", "reconciliation")["count"] == 1
    assert check(found, "targets", "pending")["count"] == 1
    assert {row["account_id"] for row in found["streams"]} == {"borealis_us"}
    for query in (f"?entity={AURORA}", "?entity=account:nobody", f"?kpi=gmv&entity={AG2}"):
        error_of(clients("owner_out").get(f"diagnosis/{query}"), 404)
    error_of(clients("owner").get("diagnosis/?kpi=nothing"), 404)


@pytest.mark.parametrize("part", ["actions_of", "chart_of"])
def test_a_part_that_takes_too_long_costs_itself(
    viewer: Any, clean: Any, alert: None, monkeypatch: Any, part: str
) -> None:
    from superset_kpi_plugin.diagnosis import actions
    from superset_kpi_plugin.errors import WarehouseUnavailable

    def slow(*_: Any) -> None:
        raise WarehouseUnavailable()

    monkeypatch.setattr(actions, part, slow)
    found = diagnosis(viewer, f"?kpi=gmv&entity={AURORA}")
    assert found["actions"] == [] if part == "actions_of" else found["chart"] is None
    assert check(found, "owners", "unacknowledged")["count"] == 1
    [reviews] = [step for step in found["steps"] if step["step"] == "reviews"]
    assert (reviews["status"] == "unknown") == (part == "actions_of")


def test_many_alerts_are_counted_and_a_few_named(viewer: Any, clean: Any, alert: None, metadata_uri: str) -> None:
    columns = (
        "rule_id, kpi_id, kpi_name_en, entity_kind, entity_name, grain, state, incident, recent_firings, "
        "told_incident, escalated, firing_since"
    )
    run_sql(
        metadata_uri,
        f"insert into kpi_alert_instance ({columns}, id, entity_id) select {columns}, n + 1, 'account:more_' || n "
        "from kpi_alert_instance, generate_series(1, 24) as n",
    )
    found = diagnosis(viewer)
    for step, code in (("reviews", "unattended"), ("owners", "unacknowledged")):
        shown = check(found, step, code)
        assert (shown["count"], len(shown["items"])) == (25, 20)
    assert len(found["offered"]) == 5


def test_while_the_warehouse_is_away_the_sources_are_the_problem(
    app: Any, owner: Any, clean: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nowhere")
    found = diagnosis(owner)
    assert (statuses(found), found["begin_with"]) == (["problem", "unknown", "unknown", "unknown"], "sources")


def test_it_speaks_chinese(viewer: Any, clean: Any) -> None:
    found = viewer.get("diagnosis/?_l_=zh").get_json()
    assert check(found, "targets", "missing")["message"] == "当前周、月、季度或年度没有目标。"
