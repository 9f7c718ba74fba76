"""What the checks find in a plan, what mends it, and what is waived."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from superset_kpi_plugin.targets import checks_rules as rules
from superset_kpi_plugin.targets.feasibility import Forecast
from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, save

D = Decimal
MONTH = "grain=month&period_start=2026-11-01"
KPIS = {
    "gmv": {"unit": "money", "direction": "higher", "is_additive": True, "counter_kpis": ""},
    "ad_cost": {"unit": "money", "direction": "lower", "is_additive": True, "counter_kpis": ""},
    "late_rate": {"unit": "ratio", "direction": "lower", "is_additive": False, "counter_kpis": "cancel_rate"},
    "cancel_rate": {"unit": "ratio", "direction": "lower", "is_additive": False, "counter_kpis": ""},
}


def today() -> date:
    return datetime.now(timezone.utc).date()


EMPTY = dict.fromkeys(
    ("floor_value", "target_value", "stretch_value", "warn_limit", "breach_limit", "tolerance", "weight", "owner")
)
PLACE = ("gmv", "a")
FORECAST = Forecast(D(90), D(100), D(110))


def cell(kpi_id: str = "gmv", entity_id: str = "a", number: int = 1, **said: Any) -> dict[str, Any]:
    key = {"kpi_id": kpi_id, "entity_id": entity_id, "grain": "month", "period_start": date(2026, 11, 1)}
    return {**key, "id": number, "etag": f"{number}-1", "said": {**EMPTY, "owner": "mei", **said}}


def found(*cells: dict[str, Any], **known: Any) -> dict[str, rules.Finding]:
    return {finding.rule: finding for finding in rules.check(rules.Plan(list(cells), KPIS, **known))}


def test_a_sound_plan_has_no_findings() -> None:
    assert found(cell(target_value=D(100)), last_year={PLACE: D(95)}, forecasts={PLACE: FORECAST}) == {}


@pytest.mark.parametrize(("count", "severity"), [(5, None), (6, "warning"), (15, "warning"), (16, "refusal")])
def test_core_kpis_are_counted_by_owner(count: int, severity: str | None) -> None:
    cells = [cell(f"k{number}", number=number, target_value=D(1)) for number in range(count)]
    cells += [cell("watched", target_value=D(1), weight=D(0)), cell("k0", "b", target_value=D(1))]
    finding = found(*cells).get("too_many_kpis")
    assert (finding and finding.severity) == severity
    if finding:
        assert finding.values["count"] == count


def test_the_least_weighted_kpis_are_offered_to_be_only_watched() -> None:
    weights = {"a": D(1), "b": None, "c": D(3), "d": D("0.5"), "e": D(2), "f": D(2), "g": D(1), "h": D(1)}
    kpis = {f"{name}": KPIS["gmv"] for name in weights}
    cells = [cell(name, number=place, weight=weight) for place, (name, weight) in enumerate(weights.items())]
    cells.append(cell("d", "b", number=20, weight=D(1)))
    # Eight KPIs, five may stay: d weighs 1 at another entity, and of equal weight (a, b, d, g, h) the last ones go.
    [finding] = [one for one in rules.check(rules.Plan(cells, kpis)) if one.rule == "too_many_kpis"]
    assert [(row["kpi_id"], row["entity_id"], row["weight"], row["etag"]) for row in finding.rows] == [
        ("h", "a", 0, "7-1"), ("g", "a", 0, "6-1"), ("d", "a", 0, "3-1"), ("d", "b", 0, "20-1"),
    ]  # fmt: skip
    # Applied, nothing is left to say.
    for row in finding.rows:
        next(one for one in cells if one["etag"] == row["etag"])["said"]["weight"] = row["weight"]
    assert rules.check(rules.Plan(cells, kpis)) == []


def test_a_kpi_that_cannot_be_changed_stays_a_core_kpi() -> None:
    cells = [cell(f"k{number}", number=number) for number in range(6)]
    cells[5]["can_edit"] = False
    assert [row["kpi_id"] for row in found(*cells)["too_many_kpis"].rows] != ["k5"]
    assert len(found(*cells)["too_many_kpis"].rows) == 1
    for one in cells:
        one["can_edit"] = False
    assert found(*cells)["too_many_kpis"].rows == ()


def test_what_cannot_be_changed_is_told_and_no_mend_offered() -> None:
    unlikely = cell(target_value=D(200))
    grown = {"last_year": {PLACE: D(50)}, "forecasts": {PLACE: FORECAST}}
    before = found(unlikely, **grown)
    assert before["unlikely_or_certain"].rows
    assert before["growth_without_means"].ask
    unlikely["can_edit"] = False  # locked since, or out of reach
    after = found(unlikely, **grown)
    assert after.keys() == before.keys()
    assert (after["unlikely_or_certain"].rows, after["growth_without_means"].ask) == ((), None)


def test_core_kpis_are_counted_by_role_too() -> None:
    names = [f"k{number}" for number in range(6)]
    kpis = {name: {**KPIS["gmv"], "owner_role": "operations"} for name in names}
    cells = [cell(name, number=place, target_value=D(1), owner=f"p{place}") for place, name in enumerate(names)]
    [finding] = rules.check(rules.Plan(cells, kpis))
    assert (finding.rule, finding.severity, finding.values["role"]) == ("too_many_kpis", "warning", "operations")
    assert (finding.values["count"], rules.entity_of_key(finding.key)) == (6, None)
    cells[0]["said"]["weight"] = D(0)
    assert rules.check(rules.Plan(cells, kpis)) == []


def test_growth_needs_means() -> None:
    grown = cell(target_value=D("111"))
    assert found(grown, last_year={PLACE: D(100)})["growth_without_means"].values == {"percent": 11}
    assert found(cell(target_value=D("110")), last_year={PLACE: D(100)}) == {}
    assert found(grown, cell("ad_cost", target_value=D(5)), last_year={PLACE: D(100)}) == {}


@pytest.mark.parametrize(("value", "percent"), [(D(200), 1), (D(10), 99), (D(100), None)])
def test_the_unlikely_and_the_certain_are_mended_by_the_median(value: Decimal, percent: int | None) -> None:
    finding = found(cell(target_value=value), forecasts={PLACE: FORECAST}).get("unlikely_or_certain")
    assert (finding and finding.values["percent"]) == percent
    if finding:
        assert (finding.rows[0]["target_value"], finding.rows[0]["etag"]) == (D(100), "1-1")


def test_children_must_add_up_when_all_are_planned() -> None:
    parts = [cell(entity_id="b", number=2, target_value=D(40)), cell(entity_id="c", number=3, target_value=D(50))]
    whole = cell(target_value=D(100))
    finding = found(whole, *parts, children={"a": ["b", "c"]})["children_do_not_add_up"]
    assert (finding.values, finding.rows[0]["target_value"]) == ({"total": D(90), "residual": D(10)}, D(90))
    assert found(whole, *parts, children={"a": ["b", "c", "d"]}) == {}
    # Too much is too much before the last child has its target.
    less = found(cell(target_value=D(80)), *parts, children={"a": ["b", "c", "d"]})["children_do_not_add_up"]
    assert (less.values, less.rows[0]["target_value"]) == ({"total": D(90), "count": 1}, D(90))
    loss = cell(entity_id="c", number=3, target_value=D(-9))
    assert found(cell(target_value=D(30)), parts[0], loss, children={"a": ["b", "c", "d"]}) == {}
    assert found(whole, *parts, children={"a": ["b", "c"]}, currencies={"a": "USD", "b": "EUR", "c": "USD"}) == {}
    assert found(cell(target_value=D("90.4")), *parts, children={"a": ["b", "c"]}) == {}


def test_a_penalty_kpi_needs_its_counter_kpi() -> None:
    late = cell("late_rate", target_value=D("0.04"))
    assert found(late)["missing_counter_kpi"].rows == ()
    mended = found(late, forecasts={("cancel_rate", "a"): Forecast(D("0.01"), D("0.02"), D("0.03"))})
    [row] = mended["missing_counter_kpi"].rows
    assert (row["kpi_id"], row["target_value"], row["etag"]) == ("cancel_rate", D("0.0200"), None)
    assert found(late, cell("cancel_rate", number=2, target_value=D("0.02"))) == {}


def test_peak_season_needs_its_own_limits() -> None:
    limited = cell(target_value=D(100), warn_limit=D(95), breach_limit=D(85))
    before = {PLACE: {**EMPTY, "warn_limit": D(95), "breach_limit": D(85)}}
    finding = found(limited, previous=before, is_peak=True)["off_season_limits"]
    assert (finding.rows[0]["warn_limit"], finding.rows[0]["breach_limit"]) == (None, None)
    assert found(limited, previous=before, is_peak=True, was_peak=True) == {}
    assert found(limited, previous=before) == {}
    assert found(cell(target_value=D(100)), previous={PLACE: EMPTY}, is_peak=True) == {}


def test_owners_must_exist_and_see() -> None:
    assert found(cell(target_value=D(1), owner=None), owners={"a": "lin"})["no_owner"].rows[0]["owner"] == "lin"
    assert "no user" in found(cell(target_value=D(1)), strangers=frozenset({"mei"}))["owner_without_access"].message
    blind = found(cell(target_value=D(1)), blind=frozenset({("mei", "a")}))
    assert "scopes" in blind["owner_without_access"].message
    assert (blind["owner_without_access"].rows, blind["owner_without_access"].lacks) == ((), ("mei", "a"))


def test_a_target_of_one_without_access_goes_to_the_entitys_owner_if_that_one_has_access() -> None:
    gone = {"strangers": frozenset({"mei"})}
    [row] = found(cell(target_value=D(1)), owners={"a": "lin"}, **gone)["owner_without_access"].rows
    assert (row["owner"], row["etag"]) == ("lin", "1-1")
    unsound: list[dict[str, Any]] = [
        {"owners": {"a": "mei"}, **gone},
        {"owners": {"a": None}, **gone},
        {"owners": {"a": "lin"}, "strangers": frozenset({"mei", "lin"})},
        {"owners": {"a": "lin"}, **gone, "blind": frozenset({("lin", "a")})},
    ]
    for known in unsound:
        finding = found(cell(target_value=D(1)), **known)["owner_without_access"]
        assert (finding.rows, finding.lacks) == ((), None)


# Through the API


def test_findings_are_mended_with_one_request_and_waived_with_a_reason(
    owner: Any, approver: Any, clean: Any, metadata_uri: str
) -> None:
    save(owner, {**GMV, "target_value": "100000", "owner": None}, {**ACOS, "target_value": "0.2", "owner": "stranger"})
    # The master data learns of an owner after the target was written; one known before would have been filled in.
    clean.execute("update kpi.kpi_entities set owner_id = 'owner' where entity_id = 'account:aurora_us'")
    result = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    assert sorted((item["rule"], item["kpi_id"]) for item in result) == [
        ("no_owner", "gmv"),
        ("owner_without_access", "acos"),
    ]
    [nobody] = [item for item in result if item["rule"] == "no_owner"]
    assert owner.put("targets/", {"targets": nobody["mend"]["rows"]}).status_code == 200
    [left] = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    until = (today() + timedelta(days=9)).isoformat()
    body = {"key": left["key"], "reason": "Joins in May", "ends_on": until}
    error_of(owner.post("targets/waivers", body), 403)
    for change, field in (({"reason": " "}, "reason"), ({"ends_on": "2020-01-01"}, "ends_on"), ({"x": 1}, "x")):
        error = error_of(approver.post("targets/waivers", {**body, **change}), 422)
        assert error["details"]["errors"][0]["field"] == field
    waiver = approver.post("targets/waivers", body).get_json()["result"]
    error_of(approver.post("targets/waivers", body), 409)
    [shown] = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    assert (shown["waiver"]["reason"], shown["waiver"]["created_by"]) == ("Joins in May", "approver")
    run_sql(metadata_uri, "update kpi_waiver set ends_on = '2020-01-01'")
    assert owner.get(f"targets/lint?{MONTH}").get_json()["result"][0]["waiver"] is None
    waiver = approver.post("targets/waivers", body).get_json()["result"]
    assert approver.delete(f"targets/waivers/{waiver['id']}").get_json() == {"deleted": 1}
    assert approver.get("targets/waivers").get_json()["result"] == []
    error_of(approver.delete("targets/waivers/999"), 404)


def test_more_than_fifteen_core_kpis_are_not_approved_unless_waived(owner: Any, approver: Any, clean: Any) -> None:
    clean.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, unit, direction, is_additive, entity_kinds, display_order) "
        "select 'k' || n, 'K' || n, 'count', 'higher', true, 'account', n from generate_series(1, 16) as n"
    )
    rows = save(owner, *({**GMV, "kpi_id": f"k{n}", "target_value": "1", "owner": "owner"} for n in range(1, 17)))
    ids = [row["id"] for row in rows]
    error = error_of(approver.post("targets/approve", {"ids": ids}), 422)
    assert "16 core KPIs" in error["details"]["errors"][0]["message"]
    assert approver.post("targets/approve", {"ids": ids[:15]}).get_json()["approved"] == 15
    error_of(approver.post("targets/approve", {"ids": ids[15:]}), 422)
    result = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    [finding] = [item for item in result if item["rule"] == "too_many_kpis"]
    assert finding["severity"] == "refusal"
    body = {"key": finding["key"], "reason": "Launch month", "ends_on": today().isoformat()}
    assert approver.post("targets/waivers", body).status_code == 201
    assert approver.post("targets/approve", {"ids": ids[15:]}).get_json()["approved"] == 1


def test_too_many_kpis_are_mended_by_watching_the_least(owner: Any, approver: Any, clean: Any) -> None:
    clean.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, unit, direction, is_additive, entity_kinds, display_order) "
        "select 'k' || n, 'K' || n, 'count', 'higher', true, 'account', 100 + n from generate_series(1, 7) as n"
    )
    weights = ["3", "1", "2", "1", None, "2", "1"]
    rows = [
        {**GMV, "kpi_id": f"k{n}", "target_value": "1", "owner": "owner", "weight": weight}
        for n, weight in enumerate(weights, start=1)
    ]
    saved = save(owner, *rows)
    assert approver.post("targets/approve", {"ids": [saved[6]["id"]]}).status_code == 200
    assert approver.post("targets/lock", {"ids": [saved[6]["id"]]}).status_code == 200
    [finding] = [one for one in owner.get(f"targets/lint?{MONTH}").get_json()["result"] if one["owner"] == "owner"]
    assert [(row["kpi_id"], row["weight"]) for row in finding["mend"]["rows"]] == [("k5", "0"), ("k4", "0")]
    assert owner.put("targets/", {"targets": finding["mend"]["rows"]}).status_code == 200
    left = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    assert [one for one in left if one["rule"] == "too_many_kpis"] == []


def test_an_owner_without_access_is_mended_by_the_entitys_owner_or_a_scope(
    owner: Any, admin: Any, clean: Any, metadata_uri: str
) -> None:
    save(owner, {**GMV, "target_value": "1", "owner": "stranger"}, {**ACOS, "target_value": "0.2", "owner": "viewer"})
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'viewer', 'account:borealis_us', false, false, 'admin', now())",
    )
    clean.execute("update kpi.kpi_entities set owner_id = 'owner' where entity_id = 'account:aurora_us'")

    def doubts(client: Any) -> dict[str, dict[str, Any]]:
        found = client.get(f"targets/lint?{MONTH}").get_json()["result"]
        return {one["owner"]: one for one in found if one["rule"] == "owner_without_access"}

    assert [one["grant"] for one in doubts(owner).values()] == [None, None], "who may not give scopes isn't offered to"
    shown = doubts(admin)
    assert shown["stranger"]["grant"] is None
    assert admin.post("scopes/", shown["viewer"]["grant"]).status_code == 201
    assert list(doubts(admin)) == ["stranger"]
    assert owner.put("targets/", {"targets": shown["stranger"]["mend"]["rows"]}).status_code == 200
    assert doubts(admin) == {}


def test_peak_season_is_read_from_the_calendar(owner: Any, approver: Any, clean: Any) -> None:
    clean.execute("create table kpi.kpi_calendar (starts_on date, ends_on date, threshold_factor numeric)")
    clean.execute("grant select on kpi.kpi_calendar to public")
    clean.execute("insert into kpi.kpi_calendar values ('2026-11-20', '2026-12-25', 1.5)")
    limits = {"target_value": "100", "warn_limit": "95", "owner": "owner"}
    try:
        save(owner, {**GMV, **limits}, {**GMV, **limits, "period_start": "2026-10-01"})
        rules_found = [item["rule"] for item in owner.get(f"targets/lint?{MONTH}").get_json()["result"]]
        assert rules_found == ["off_season_limits"]
    finally:
        clean.execute("drop table kpi.kpi_calendar")


def test_an_owner_who_is_a_user_by_another_name_has_access(app: Any, owner: Any, clean: Any, monkeypatch: Any) -> None:
    save(owner, {**GMV, "target_value": "100000", "owner": "e001"}, {**ACOS, "target_value": "0.2", "owner": "e002"})
    monkeypatch.setitem(app.config, "KPI_OWNERS", {"e001": {"user": "owner"}, "e002": {"email": "mei@example.com"}})
    result = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    assert [(item["rule"], item["owner"]) for item in result] == [("owner_without_access", "e002")]


def test_findings_name_people_kpis_and_entities(owner: Any, clean: Any) -> None:
    save(owner, {**ACOS, "target_value": "0.2", "owner": "e001"})
    [found] = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    assert found["message"] == "Mei Lin owns this target and has no user here."
    names = ("owner", "owner_name", "entity_name", "account_name")
    assert tuple(found[name] for name in names) == ("e001", "Mei Lin", "Broad", None)
    clean.execute("update kpi.kpi_catalogue set counter_kpis = 'gmv' where kpi_id = 'acos'")
    result = owner.get(f"targets/lint?{MONTH}").get_json()["result"]
    [counter] = [one for one in result if one["rule"] == "missing_counter_kpi"]
    assert counter["message"] == "Its counter-KPI GMV has no target here, so it can be met the wrong way."
