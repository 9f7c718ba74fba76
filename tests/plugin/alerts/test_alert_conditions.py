"""Every condition on a real PostgreSQL, by figures that a person can check by head; and rules as YAML."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml

from tests.plugin.alerts.conftest import AURORA, BOREALIS
from tests.plugin.conftest import emptying

RELATIONS = """
create table if not exists kpi.kpi_standards (standard_id text, platform text, kpi_id text, comparison text,
    limit_value numeric, valid_from date, valid_to date, is_limit boolean);
create table if not exists kpi.kpi_calendar (calendar_id text, event text, name_en text, name_zh text, platform text,
    account_id text, starts_on date, ends_on date, threshold_factor numeric, pace_factor numeric);
create table if not exists kpi.kpi_forecast (kpi_id text, entity_kind text, entity_id text, grain text,
    period_start date, period_end date, p20 numeric, p50 numeric, p80 numeric, currency text, history_through date);
create table if not exists kpi.kpi_reconciliation (entity_id text, grain text, period_start date, period_end date,
    line text, currency text, platform_amount numeric, erp_amount numeric, difference numeric,
    absolute_difference numeric, state text, is_current boolean);
delete from kpi.kpi_standards; delete from kpi.kpi_calendar; delete from kpi.kpi_forecast;
delete from kpi.kpi_reconciliation;
"""
AG1, AG2 = "ad_group:aurora_us/ag1", "ad_group:aurora_us/ag2"


@pytest.fixture(autouse=True)
def relations(site: Any) -> None:
    reader = site.warehouse.uris["reader"].partition("//")[2].partition(":")[0]
    site.warehouse.execute(RELATIONS + f'grant select on all tables in schema kpi to "{reader}"')


def acos(site: Any, condition: str, minutes: float = 0, **fields: Any) -> dict[str, str]:
    """The states of the two ad groups (October 0.20 and 0.30, November 0.25 and 0.60) under a rule on ACoS."""
    plain = {"name": condition, "kpi_id": "acos", "entity_kind": "ad_group", "condition": condition}
    site.rule(**{**plain, **fields})
    assert site.evaluate(minutes)["failed"] == 0
    return site.states()


def test_a_fixed_limit(site: Any) -> None:
    assert acos(site, "limit", parameters={"limit": "0.4"}) == {AG1: "ok", AG2: "firing"}
    (row,) = site.rows("select value, limit_value from kpi_alert_instance where state = 'firing'")
    assert (row["value"], row["limit_value"]) == (Decimal("0.6"), Decimal("0.4"))


def test_a_limit_from_below_is_not_held_against_half_a_month(site: Any) -> None:
    site.rule(condition="limit", parameters={"limit": "60000"})
    site.evaluate()
    rows = {row["entity_id"]: row for row in site.rows("select * from kpi_alert_instance")}
    assert rows[AURORA]["state"] == "ok", "October's 100,000 counts, not half of November"
    assert (rows[BOREALIS]["state"], rows[BOREALIS]["value"]) == ("firing", Decimal(40000))


def test_a_share_of_the_official_standard(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_standards values ('s', 'amazon', 'acos', 'below', 0.8, '2015-01-01', null, true), "
        "('old', 'amazon', 'acos', 'below', 0.1, '2015-01-01', '2020-01-01', true), "
        "('w', 'walmart', 'acos', 'below', 0.1, '2015-01-01', null, true)"
    )
    assert acos(site, "standard") == {AG1: "ok", AG2: "firing"}
    (row,) = site.rows("select limit_value from kpi_alert_instance where state = 'firing'")
    assert row["limit_value"] == Decimal("0.56"), "70 % of 0.8"
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "standard", parameters={"share": "1"}) == {AG1: "ok", AG2: "ok"}


def test_a_level_is_judged_on_the_day_that_reports_it(site: Any) -> None:
    """Today's stock is known today, although no feed covers today wholly; sales of today are not."""
    site.warehouse.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, direction, is_additive, days_until_settled) "
        "values ('stock', 'Stock', 'band', false, 0), ('sold', 'Sold', 'higher', true, 0)"
    )
    for kpi_id in ("stock", "sold"):
        site.warehouse.execute(
            "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value, "
            "covered_through) values (%s, 'account', %s, 'day', '2026-11-16', '2026-11-16', 2, '2026-11-15')",
            (kpi_id, AURORA),
        )
        site.rule(name=kpi_id, kpi_id=kpi_id, grain="day", condition="limit", parameters={"limit": 3, "side": "below"})
    site.evaluate()
    found = site.rows("select kpi_id, state, value from kpi_alert_instance")
    assert [(row["kpi_id"], row["state"], row["value"]) for row in found] == [("stock", "firing", 2)]


def test_pace(site: Any) -> None:
    site.plant_breach()
    site.rule(condition="pace", parameters={"share": "0.9"})
    site.evaluate()
    assert site.states() == {AURORA: "ok", BOREALIS: "firing"}
    (row,) = site.rows("select value, limit_value from kpi_alert_instance where state = 'firing'")
    assert (row["value"], row["limit_value"]) == (Decimal(12000), Decimal(18000)), "90 % of 20,000 expected by today"


def test_a_trend_over_periods(site: Any) -> None:
    for month, first, second in (("09", "0.15", "0.35"), ("08", "0.10", "0.20")):
        for entity, value in ((AG1, first), (AG2, second)):
            site.warehouse.execute(
                "insert into kpi.kpi_values values ('acos', 'ad_group', %s, 'month', %s, %s, null, null, %s, null, "
                "true, %s)",
                (entity, f"2026-{month}-01", f"2026-{month}-28", value, f"2026-{month}-28"),
            )
    # To October: 0.10, 0.15, 0.20 rose twice; 0.20, 0.35, 0.30 did not. November isn't over.
    assert acos(site, "trend", parameters={"periods": 2, "change": "0.5"}) == {AG1: "firing", AG2: "ok"}
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "trend", parameters={"periods": 2, "change": "1.5"}) == {AG1: "ok", AG2: "ok"}


def test_outside_the_forecasts_band(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_forecast select 'acos', 'ad_group', e, 'month', '2026-10-01', '2026-10-31', 0.18, 0.20, "
        f"0.22, null, '2026-09-30' from unnest(array['{AG1}', '{AG2}']) as e"
    )
    # The band ends at 0.20 + 2.5 x 0.02 = 0.25; October was 0.20 and 0.30.
    assert acos(site, "anomaly") == {AG1: "ok", AG2: "firing"}


def test_the_date_on_which_a_forecast_crosses(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_forecast select 'acos', 'ad_group', f.entity, 'month', f.first::date, f.last::date, null, "
        "f.p50, null, null, '2026-10-31' from (values "
        f"('{AG1}', '2026-12-01', '2026-12-31', 0.3), ('{AG1}', '2027-01-01', '2027-01-31', 0.5), "
        f"('{AG1}', '2027-02-01', '2027-02-28', 0.9), ('{AG2}', '2026-12-01', '2026-12-31', 0.2)) "
        "as f (entity, first, last, p50)"
    )
    given = {"against": "limit", "limit": "0.4"}
    assert acos(site, "forecast", parameters=given) == {AG1: "firing", AG2: "ok"}
    (row,) = site.rows("select period_start, value from kpi_alert_instance where state = 'firing'")
    assert (str(row["period_start"]), row["value"]) == ("2027-01-01", Decimal("0.5"))
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "forecast", parameters={**given, "horizon_days": 20}) == {AG1: "ok", AG2: "ok"}


def test_no_data(site: Any) -> None:
    site.rule(name="units", kpi_id="units", entity_kind="category", condition="no_data", parameters={"days": 10})
    site.evaluate()
    (row,) = site.rows("select state, value, limit_value, unit from kpi_alert_instance")
    # The last value reaches to 31 October, other feeds to 15 November.
    assert (row["state"], row["value"], row["limit_value"], row["unit"]) == ("firing", Decimal(15), Decimal(10), "days")


def test_reconciliation(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_reconciliation select e, 'month', '2026-10-01', '2026-10-31', 'sales', 'USD', 100, b, "
        "b - 100, abs(b - 100), s, c from (values "
        f"('{AURORA}', 100, 'matched', true), ('{BOREALIS}', 60, 'different', true), "
        f"('{AURORA}', 1, 'different', false)) as v (e, b, s, c)"
    )
    site.rule(kpi_id="reconciliation_difference", condition="reconciliation", parameters={"limit": "30"})
    site.evaluate()
    assert site.states() == {AURORA: "ok", BOREALIS: "firing"}
    (row,) = site.rows("select * from kpi_alert_instance where state = 'firing'")
    assert (row["value"], row["currency"], row["detail"]) == (Decimal(40), "USD", "sales: different")


def test_freshness_names_the_streams_that_are_late(site: Any) -> None:
    site.rule(kpi_id="data_freshness", grain="day", condition="freshness")
    site.evaluate()
    assert site.states() == {AURORA: "firing", BOREALIS: "ok"}
    (row,) = site.rows("select * from kpi_alert_instance where state = 'firing'")
    assert row["detail"] == "amazon_ads.sp_campaigns: stale, data through 2026-11-14"
    assert row["kpi_name_zh"] == "未及时更新的数据流"


def test_a_rule_below_one_entity_watches_its_subtree_only(site: Any) -> None:
    given = {"limit": "0.1"}
    assert acos(site, "limit", parameters=given, within="campaign:aurora_us/c1") == {AG1: "firing", AG2: "firing"}
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "limit", parameters=given, within=BOREALIS) == {}


def test_tolerance_and_hysteresis(site: Any) -> None:
    """0.60 against 0.55 is within a tolerance of 10 %; a firing alert must come back by a tenth below its limit."""
    assert acos(site, "limit", parameters={"limit": "0.55"}, tolerance="0.1") == {AG1: "ok", AG2: "ok"}
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "limit", parameters={"limit": "0.5"}, hysteresis="0.1") == {AG1: "ok", AG2: "firing"}
    site.value("acos", AG2, "2026-11-01", "0.46")
    site.evaluate(10)
    assert site.states()[AG2] == "firing"
    site.value("acos", AG2, "2026-11-01", "0.44")
    site.evaluate(20)
    assert site.states()[AG2] == "resolved"


def test_seasons_switch_a_rule_on_and_off(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_calendar values ('c', 'peak', 'Peak season', '旺季', null, null, '2026-11-01', "
        "'2026-11-30', 1.1, 1)"
    )
    given = {"limit": "0.4"}
    assert acos(site, "limit", parameters=given, seasons={"except": ["peak"]}) == {AG1: "ok", AG2: "ok"}
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, "limit", parameters=given, seasons={"only": ["peak"]}) == {AG1: "ok", AG2: "firing"}
    (row,) = site.rows("select season_en, season_zh from kpi_alert_instance where state = 'firing'")
    assert row == {"season_en": "Peak season", "season_zh": "旺季"}


def test_a_firing_parent_holds_its_children_back_until_it_ends(site: Any) -> None:
    site.channels(hook="json://127.0.0.1/alerts")
    site.target("acos", "campaign:aurora_us/c1", "2026-11-01", "0.2")
    site.warehouse.execute(
        "insert into kpi.kpi_values values ('acos', 'campaign', 'campaign:aurora_us/c1', 'month', '2026-11-01', "
        "'2026-11-30', 550, 1500, 0.37, null, false, '2026-11-15')"
    )
    site.target("acos", AG2, "2026-11-01", "0.2")
    # The child's rule is the older one: order of evaluation goes by the tree, not by number.
    site.rule(name="groups", kpi_id="acos", entity_kind="ad_group", channels=["hook"])
    site.rule(name="campaigns", kpi_id="acos", entity_kind="campaign", channels=["hook"])
    site.evaluate()
    assert [m["payload"]["entity_kind"] for m in site.outbox()] == ["campaign"]
    (child,) = site.rows(f"select * from kpi_alert_instance where entity_id = '{AG2}'")
    (parent,) = site.rows("select id from kpi_alert_instance where entity_kind = 'campaign'")
    assert (child["state"], child["inhibited_by"]) == ("firing", parent["id"])
    assert "inhibited" in site.events()
    site.value("acos", "campaign:aurora_us/c1", "2026-11-01", "0.1")
    site.evaluate(10)
    told = [(m["event"], m["payload"]["entity_kind"]) for m in site.outbox()]
    assert told == [("fired", "campaign"), ("resolved", "campaign"), ("fired", "ad_group")]


def test_who_does_not_acknowledge_is_passed_over_to_the_next_owner(site: Any, owner: Any) -> None:
    site.app.config["KPI_OWNERS"] = {
        "Jon Ek": {"email": "jon@example.com", "next": "boss"},
        "boss": {"email": "boss@example.com"},
    }
    site.channels(owners={"url": "mailto://127.0.0.1/?from=kpi@example.com&to=x@example.com", "to": "owner"})
    site.plant_breach()
    site.rule(channels=["owners"], escalation=[{"after_minutes": 60, "channels": ["owners"]}])
    try:
        site.evaluate()
        site.evaluate(59)
        assert [(m["event"], m["recipient"]) for m in site.outbox()] == [("fired", "jon@example.com")]
        site.evaluate(60)
        site.evaluate(200)
        assert [(m["event"], m["recipient"]) for m in site.outbox()][1:] == [("escalated", "boss@example.com")]
    finally:
        site.app.config["KPI_OWNERS"] = {}


def test_an_acknowledged_alert_does_not_escalate(site: Any, owner: Any) -> None:
    site.channels(hook="json://127.0.0.1/alerts")
    site.plant_breach()
    site.rule(channels=["hook"], escalation=[{"after_minutes": 60, "channels": ["hook"]}])
    site.evaluate()
    (row,) = site.rows("select id from kpi_alert_instance where state = 'firing'")
    assert owner.post(f"alerts/{row['id']}/acknowledge", {}).status_code == 200
    site.evaluate(100)
    assert [m["event"] for m in site.outbox()] == ["fired"]


FILE = """
rules:
  - name: ACoS over 40 %
    kpi_id: acos
    entity_kind: ad_group
    grain: month
    condition: limit
    parameters: {limit: 0.4, side: above}
    hysteresis: 0.05
  - name: Data is late
    kpi_id: data_freshness
    entity_kind: account
    grain: day
    condition: freshness
"""


def test_a_file_of_rules_is_applied_once_and_exported_as_it_was(site: Any) -> None:
    from superset_kpi_plugin.alerts.commands import rule_files

    with site.app.app_context():
        rules = rule_files.read_rules(FILE)
        assert rule_files.apply_rules(rules, "cli", "file:a")["created"] == ["ACoS over 40 %", "Data is late"]
        assert rule_files.apply_rules(rules, "cli", "file:a")["unchanged"] == ["ACoS over 40 %", "Data is late"]
        rules[0]["severity"] = "critical"
        assert rule_files.apply_rules(rules, "cli", "file:a")["changed"] == ["ACoS over 40 %"]
        exported = yaml.safe_load(rule_files.export_rules())["rules"]
        assert exported == rules
        assert rule_files.apply_rules(rules[:1], "cli", "file:a", prune=True)["deleted"] == ["Data is late"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"condition": "magic"}, "condition"), ({"parameters": {"limit": "much"}}, "parameters.limit"),
     ({"parameters": {}}, "parameters.limit"), ({"parameters": {"limit": 1, "odd": 2}}, "parameters.odd"),
     ({"hysteresis": 2}, "hysteresis"), ({"seasons": {"never": ["x"]}}, "seasons"), ({"within": "nowhere"}, "within"),
     ({"escalation": [{"after_minutes": 0, "channels": ["hook"]}]}, "escalation")],
)  # fmt: skip
def test_what_is_wrong_in_a_rule_is_named(site: Any, admin: Any, change: dict[str, Any], field: str) -> None:
    good = {"name": "n", "kpi_id": "acos", "entity_kind": "ad_group", "grain": "month", "condition": "limit",
            "parameters": {"limit": 0.4}}  # fmt: skip
    answer = admin.post("alert_rules/", {**good, **change})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["error"]["details"]["errors"]] == [field]


def test_the_form_is_offered_seasons_and_routes(site: Any, admin: Any, owner: Any) -> None:
    season = "null, null, date '{day}', date '{day}', 2, 1"
    site.warehouse.execute(
        "insert into kpi.kpi_calendar values "
        f"('a', 'bfcm', 'Black Friday 2998', '2998年黑五', {season.format(day='2998-11-27')}), "
        f"('b', 'bfcm', 'Black Friday 2999', '2999年黑五', {season.format(day='2999-11-26')}), "
        f"('c', 'party', 'Party 2999', null, {season.format(day='2999-01-01')}), "
        f"('d', 'gone', 'Gone', null, {season.format(day='2020-01-01')})"
    )
    site.channels(hook="json://127.0.0.1:9/alerts?canary")
    site.app.config["KPI_ROUTES"] = [{"channels": ["hook"], "severity": "critical"}]
    try:
        answer = admin.get("alert_rules/choices")
    finally:
        site.app.config["KPI_ROUTES"] = []
    assert "canary" not in answer.get_data(as_text=True)
    yearly = {"event": "bfcm", "name_en": "Black Friday", "name_zh": "黑五", "starts_on": "2999-11-26"}
    once = {"event": "party", "name_en": "Party 2999", "name_zh": None, "starts_on": "2999-01-01"}
    assert answer.get_json() == {
        "seasons": [{**yearly, "is_yearly": True}, {**once, "is_yearly": False}],
        "channels": ["hook"],
        "routes": [{"channels": ["hook"], "severity": "critical"}],
    }
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    assert admin.get("alert_rules/choices").get_json()["seasons"] == []
    assert owner.get("alert_rules/choices").status_code == 403


def test_every_pack_is_valid_by_itself(site: Any) -> None:
    from superset_kpi_plugin.alerts.commands import rule_files
    from superset_kpi_plugin.alerts.commands.rules import DEFAULTS, check_values

    with site.app.app_context():
        names = rule_files.pack_names()
        assert names == [
            "account_health", "ad_waste", "aged_stock", "data_health", "margin", "service", "stock_out",
        ]  # fmt: skip
        for name in names:
            for rule in rule_files.read_pack(name, []):
                assert check_values({**DEFAULTS, **rule}) == [], rule["name"]
                assert rule["name_zh"], rule["name"]
                assert rule["playbook_zh"], rule["name"]


def test_a_snoozed_alert_is_told_when_the_snooze_ends(site: Any, owner: Any) -> None:
    site.channels(hook="json://127.0.0.1/alerts")
    site.plant_breach()
    site.rule(channels=["hook"], for_minutes=60)
    site.evaluate()
    (row,) = site.rows("select id from kpi_alert_instance where state = 'pending'")
    assert owner.post(f"alerts/{row['id']}/snooze", {"minutes": 30}).status_code == 200
    site.rows("update kpi_alert_instance set snoozed_until = '2026-11-16 14:00' where snoozed_until is not null")
    site.evaluate(60)
    assert site.outbox() == []
    site.evaluate(120)
    assert [m["event"] for m in site.outbox()] == ["fired"]
    assert owner.post(f"alerts/{row['id']}/snooze", {"minutes": "soon"}).status_code == 422


def test_an_alert_is_given_only_to_who_may_see_it(site: Any, owner: Any, viewer: Any) -> None:
    site.plant_breach()
    site.rule()
    site.evaluate()
    (row,) = site.rows("select id from kpi_alert_instance where state = 'firing'")
    path = f"alerts/{row['id']}/assign"
    assert owner.post(path, {"assignee": "viewer"}).get_json()["result"]["assignee"] == "viewer"
    assert owner.post(path, {"assignee": "gamma"}).status_code == 422
    assert viewer.post(path, {"assignee": "viewer"}).status_code == 403
    assert site.events()[-1] == "assigned"


def denominators(site: Any, **by_month: int) -> None:
    for month, number in by_month.items():
        site.warehouse.execute(
            "update kpi.kpi_values set denominator = %s where kpi_id = 'acos' and entity_id = %s and period_start = %s",
            (number, AG2, f"2026-{month[1:]}-01"),
        )


@pytest.mark.parametrize("condition", ["limit", "standard", "breach"])
def test_a_period_with_too_few_cases_is_not_judged(site: Any, condition: str) -> None:
    """November's 0.60 rests on 20 cases, October's 0.30 on 200: the later one says nothing, the earlier one stands."""
    site.target("acos", AG2, "2026-10-01", "0.4")
    site.target("acos", AG2, "2026-11-01", "0.4")
    site.warehouse.execute(
        "insert into kpi.kpi_standards values ('s', 'amazon', 'acos', 'below', 0.6, '2015-01-01', null, true)"
    )
    denominators(site, m10=200, m11=20)
    given = {"limit": {"limit": "0.4"}, "standard": {"share": "0.7"}, "breach": {}}[condition]
    assert acos(site, condition, parameters=given)[AG2] == "firing"
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    assert acos(site, condition, parameters=given, minimum_volume=50)[AG2] == "ok"
    (row,) = site.rows(f"select period_start, value from kpi_alert_instance where entity_id = '{AG2}'")
    assert (str(row["period_start"]), row["value"]) == ("2026-10-01", Decimal("0.3"))
    denominators(site, m11=50)
    site.evaluate(10)
    assert site.states()[AG2] == "firing"
    denominators(site, m11=49)
    site.evaluate(20)
    assert site.states()[AG2] == "resolved", "October is on the good side"
    denominators(site, m10=1)
    site.evaluate(30)
    assert site.states().get(AG2) == "stale", "nothing is left to judge by, which is not good"


def test_another_kpi_counts_the_cases(site: Any) -> None:
    """A percentile has no denominator; the contacts behind it are a KPI of their own."""
    site.warehouse.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, unit, direction, is_additive, is_ratio, entity_kinds, "
        "days_until_settled) values ('response', 'Response', 'hours', 'lower', false, false, 'account', 0), "
        "('contacts', 'Contacts', 'count', 'lower', true, false, 'account', 0)"
    )
    for kpi_id, entity, value in (("response", AURORA, 30), ("contacts", AURORA, 40), ("response", BOREALIS, 50),
                                  ("contacts", BOREALIS, 4)):  # fmt: skip
        site.warehouse.execute(
            "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value, "
            "covered_through) values (%s, 'account', %s, 'month', '2026-11-01', '2026-11-30', %s, '2026-11-15')",
            (kpi_id, entity, value),
        )
    plain = {"kpi_id": "response", "condition": "limit", "parameters": {"limit": 24}}
    site.rule(**plain, minimum_volume=30, volume_kpi_id="contacts")
    site.evaluate()
    assert site.states() == {AURORA: "firing"}


def test_a_trend_needs_enough_cases_in_each_of_its_periods(site: Any) -> None:
    for month, value in (("09", "0.2"), ("08", "0.1")):
        site.warehouse.execute(
            "insert into kpi.kpi_values values ('acos', 'ad_group', %s, 'month', %s, %s, null, 100, %s, null, "
            "true, %s)",
            (AG2, f"2026-{month}-01", f"2026-{month}-28", value, f"2026-{month}-28"),
        )
    denominators(site, m10=100)
    given = {"parameters": {"periods": 2, "change": "0.5"}, "minimum_volume": 100}
    assert acos(site, "trend", **given)[AG2] == "firing"
    site.rows(emptying("kpi_alert_rule", "kpi_alert_instance"))
    denominators(site, m09=99)
    assert acos(site, "trend", **given).get(AG2) != "firing"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"minimum_volume": 0}, "minimum_volume"), ({"minimum_volume": "many"}, "minimum_volume"),
     ({"volume_kpi_id": "gmv"}, "volume_kpi_id"), ({"minimum_volume": 5, "volume_kpi_id": "nothing"}, "volume_kpi_id"),
     ({"kpi_id": "gmv", "entity_kind": "account", "minimum_volume": 5}, "volume_kpi_id"),
     ({"condition": "no_data", "parameters": {}, "minimum_volume": 5}, "minimum_volume")],
)  # fmt: skip
def test_a_minimum_of_what_nothing_counts_is_refused(site: Any, admin: Any, change: dict[str, Any], field: str) -> None:
    good = {"name": "n", "kpi_id": "acos", "entity_kind": "ad_group", "grain": "month", "condition": "limit",
            "parameters": {"limit": 0.4}}  # fmt: skip
    answer = admin.post("alert_rules/", {**good, **change})
    assert answer.status_code == 422, answer.get_json()
    assert [error["field"] for error in answer.get_json()["error"]["details"]["errors"]] == [field]
    kept = admin.post("alert_rules/", {**good, "minimum_volume": 30, "volume_kpi_id": "units"}).get_json()["result"]
    assert (str(kept["minimum_volume"]), kept["volume_kpi_id"]) == ("30", "units")


def test_a_more_severe_alert_on_the_same_entity_holds_the_milder_one_back(site: Any) -> None:
    site.channels(hook="json://127.0.0.1/alerts")
    plain = {"kpi_id": "acos", "entity_kind": "ad_group", "condition": "limit", "channels": ["hook"]}
    site.rule(**plain, name="mild", parameters={"limit": "0.2"})  # the older one; severe rules go first all the same
    site.rule(**plain, name="severe", parameters={"limit": "0.4"}, severity="critical")
    site.evaluate()
    told = [(m["payload"]["rule_name"], m["payload"]["entity_id"]) for m in site.outbox()]
    assert told == [("severe", AG2), ("mild", AG1)]
    (mild,) = site.rows(f"select inhibited_by from kpi_alert_instance where rule_id = 1 and entity_id = '{AG2}'")
    (severe,) = site.rows("select id from kpi_alert_instance where rule_id = 2 and state = 'firing'")
    assert mild["inhibited_by"] == severe["id"]
    site.value("acos", AG2, "2026-11-01", "0.3")
    site.evaluate(10)
    assert [(m["event"], m["payload"]["rule_name"]) for m in site.outbox()][2:] == [
        ("resolved", "severe"), ("fired", "mild"),
    ]  # fmt: skip
