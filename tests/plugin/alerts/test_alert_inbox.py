"""The inbox's filters: each narrows the list and its counts alike, and none shows what its reader may not see."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.plugin.alerts.conftest import AURORA, BOREALIS
from tests.plugin.conftest import error_of

EXACT, BROAD = "ad_group:aurora_us/ag1", "ad_group:aurora_us/ag2"
SOON = (datetime.now(timezone.utc) + timedelta(days=30)).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def alerts(site: Any) -> dict[str, int]:
    """Two firing and a resolved alert of accounts, one pending of an ad group; ids by entity."""
    gmv = site.rule(name="Sales 100% behind", name_zh="销售额落后", severity="critical")
    acos = site.rule(name="ACoS over", kpi_id="acos", entity_kind="ad_group")
    columns = (
        "rule_id, kpi_id, kpi_name_en, entity_kind, entity_id, entity_name, account_name, owner, grain, state,"
        " incident, recent_firings, told_incident, escalated"
    )
    rest = "'month', '{state}', 1, '[]', 0, 0"
    rows = (
        f"({gmv}, 'gmv', 'GMV', 'account', '{AURORA}', 'Aurora US', null, 'owner', {rest.format(state='firing')})",
        f"({gmv}, 'gmv', 'GMV', 'account', '{BOREALIS}', 'Borealis US', null, 'e1', {rest.format(state='resolved')})",
        f"({acos}, 'acos', 'ACoS', 'ad_group', '{EXACT}', 'Exact', 'Aurora US', 'e2', {rest.format(state='pending')})",
        f"({acos}, 'acos', 'ACoS', 'ad_group', '{BROAD}', 'Broad', 'Aurora US', 'e2', {rest.format(state='firing')})",
    )
    site.rows(f"insert into kpi_alert_instance ({columns}) values {', '.join(rows)}")
    return {row["entity_id"]: row["id"] for row in site.rows("select id, entity_id from kpi_alert_instance")}


@pytest.mark.parametrize(
    ("query", "found"),
    [("", {AURORA, BOREALIS, EXACT, BROAD}), ("state=firing,pending", {AURORA, EXACT, BROAD}),
     ("severity=critical", {AURORA, BOREALIS}), ("severity=critical,warning&state=pending", {EXACT}),
     (f"within={AURORA}", {AURORA, EXACT, BROAD}), ("within=platform:amazon&kpi_id=gmv", {AURORA, BOREALIS}),
     ("within=account:nobody", set()),
     ("within=company", {AURORA, BOREALIS, EXACT, BROAD}), ("q=aurora", {AURORA, EXACT, BROAD}), ("q=BROAD", {BROAD}),
     ("q=acos", {EXACT, BROAD}), ("q=100%25", {AURORA, BOREALIS}), ("q=%25%25", set()), ("q=落后", {AURORA, BOREALIS}),
     ("owner=e2", {EXACT, BROAD}), ("owner=e2&q=exact", {EXACT})],
)  # fmt: skip
def test_a_filter_narrows_list_and_counts(
    site: Any, viewer: Any, alerts: dict[str, int], query: str, found: set[str]
) -> None:
    answer = viewer.get(f"alerts/?{query}").get_json()
    assert {row["entity_id"] for row in answer["result"]} == found
    assert answer["count"] == sum(answer["states"].values()) == len(found)


def test_what_was_done_about_open_alerts_is_a_state_too(site: Any, viewer: Any, alerts: dict[str, int]) -> None:
    done = f"acknowledged_at = now(), snoozed_until = '{SOON}', silence_id = 7"
    site.rows(f"update kpi_alert_instance set {done} where entity_id in ('{AURORA}', '{BOREALIS}')")
    site.rows(f"update kpi_alert_instance set snoozed_until = '2020-01-01' where entity_id = '{EXACT}'")
    site.rows(f"update kpi_alert_instance set silence_id = 7 where entity_id = '{BROAD}'")
    # Borealis is over, and the snooze of the ad group has ended.
    assert viewer.get("alerts/").get_json()["handled"] == {"acknowledged": 1, "snoozed": 1, "silenced": 2}
    assert viewer.get("alerts/?q=exact").get_json()["handled"] == {"acknowledged": 0, "snoozed": 0, "silenced": 0}

    def found(state: str) -> set[str]:
        return {row["entity_id"] for row in viewer.get(f"alerts/?state={state}").get_json()["result"]}

    assert found("acknowledged") == found("snoozed") == {AURORA}
    assert found("silenced") == {AURORA, BROAD}
    assert found("snoozed,resolved") == {AURORA, BOREALIS}


def test_mine_is_what_i_was_given_and_what_i_own_and_nobody_else_was_given(
    site: Any, owner: Any, viewer: Any, alerts: dict[str, int]
) -> None:
    def mine(client: Any) -> set[str]:
        return {row["entity_id"] for row in client.get("alerts/?owner=me").get_json()["result"]}

    assert (mine(owner), mine(viewer)) == ({AURORA}, set())
    site.rows(f"update kpi_alert_instance set assignee = 'viewer' where entity_id = '{AURORA}'")
    assert (mine(owner), mine(viewer)) == (set(), {AURORA})
    before = site.app.config.get("KPI_OWNERS")
    site.app.config["KPI_OWNERS"] = {"e2": {"email": "o@example.com", "user": "owner"}}
    try:
        assert mine(owner) == {EXACT, BROAD}
    finally:
        site.app.config["KPI_OWNERS"] = before


def test_a_filter_that_is_none_is_refused(site: Any, viewer: Any) -> None:
    for query in ("state=angry", "severity=loud", "severity=critical,loud", "rule_id=x"):
        error_of(viewer.get(f"alerts/?{query}"), 400)


def test_a_rule_is_named_in_the_readers_language(site: Any, viewer: Any, alerts: dict[str, int]) -> None:
    english = {row["rule_name"] for row in viewer.get("alerts/?kpi_id=gmv").get_json()["result"]}
    assert english == {"Sales 100% behind"}
    chinese = {row["rule_name"] for row in viewer.get("alerts/?_l_=zh").get_json()["result"]}
    assert chinese == {"销售额落后", "ACoS over"}  # one rule has no Chinese name
