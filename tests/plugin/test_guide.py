"""The set-up guide: what it finds, and the targets it proposes; figures can be checked by head (see `contract`)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sql.tools.definitions import definitions
from superset_kpi_plugin.guide.history import from_history, season_factor
from superset_kpi_plugin.guide.packs import joined, packs, problems
from tests.plugin.conftest import error_of, run_sql

D = Decimal
AURORA, BOREALIS = "account:aurora_us", "account:borealis_us"
DECEMBER = {"pack": "basic", "kinds": ["account"], "period_start": "2026-12-01"}
ROOT = Path(__file__).parents[2]
RULE_PACKS = ROOT / "superset_kpi_plugin" / "alerts" / "packs"


@pytest.fixture
def seller(clean: Any) -> Any:
    """Aurora sells since August, Borealis since October; a fifth of Aurora's ads' sales are their cost."""
    clean.execute(
        "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value) values "
        "('gmv', 'account', 'account:aurora_us', 'month', '2026-08-01', '2026-08-31', 80000), "
        "('gmv', 'account', 'account:aurora_us', 'month', '2026-09-01', '2026-09-30', 90000.006), "
        "('tacos', 'account', 'account:aurora_us', 'month', '2026-08-01', '2026-08-31', 0.30), "
        "('tacos', 'account', 'account:aurora_us', 'month', '2026-09-01', '2026-09-30', 0.10), "
        "('tacos', 'account', 'account:aurora_us', 'month', '2026-10-01', '2026-10-31', 0.20), "
        "('tacos', 'account', 'account:borealis_us', 'month', '2026-10-01', '2026-10-31', 0.12)"
    )
    clean.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, name_zh, unit, direction, is_additive, is_ratio, entity_kinds,"
        " days_until_settled, display_order) values "
        "('tacos', 'TACoS', '总广告成本比', 'ratio', 'lower', false, true, 'company,account', 2, 50)"
    )
    return clean


def rows_of(client: Any, body: dict[str, Any]) -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
    answer = client.post("setup/proposal", body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = answer.get_json()
    return {(row["kpi_id"], row["entity_id"]): row for row in found["rows"]}, found


def test_every_pack_and_problem_names_kpis_of_the_catalogue_and_rule_packs_that_exist() -> None:
    defined = {one.kpi_id: set(one.meta["entity_kinds"]) for one in definitions()}
    wrong = [
        (pack.pack_id, item.kpi_id, kind)
        for pack in packs().values()
        for item in pack.kpis
        for kind in item.kinds
        if kind not in defined.get(item.kpi_id, set())
    ]
    signs = [sign for problem in problems().values() for sign in problem.signs]
    wrong += [("sign", sign.kpi_id, sign.kind) for sign in signs if sign.kind not in defined.get(sign.kpi_id, set())]
    wrong += [(item.problem_id, kpi, "") for item in problems().values() for kpi in item.kpis if kpi not in defined]
    assert wrong == []
    assert {name for problem in problems().values() for name in problem.alert_packs} <= {
        file.stem for file in RULE_PACKS.glob("*.yaml")
    }
    assert [pack_id for pack_id, pack in packs().items() if pack.size] == ["basic", "full"]
    assert {pack_id for pack_id, pack in packs().items() if not pack.size} == {"electronics", "home", "outdoor"}


def test_packs_and_problems_join_by_the_greatest_weight_and_all_kinds() -> None:
    found = {item.kpi_id: item for item in joined([packs()["full"], packs()["electronics"]], [problems()["returns"]])}
    assert (found["return_rate"].weight, found["return_rate"].kinds) == (2, ("company", "account", "category"))
    assert found["days_inventory"].kinds == ("company", "account", "category")
    # A problem makes core what a pack only watches.
    assert found["refund_value_rate"].weight == 1
    assert sum(item.weight > 0 for item in packs()["basic"].kpis) <= 5


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("higher", (1, 2, 9)), ("lower", (9, 2, 1)), ("band", (None, 2, None))],
)
def test_history_gives_worst_median_and_best(direction: str, expected: tuple[Any, ...]) -> None:
    found = from_history(direction, "count", [Decimal(9), Decimal(1), Decimal(2)])
    assert (found["floor"], found["target"], found["stretch"]) == expected
    assert from_history(direction, "count", [])["target"] is None


@pytest.mark.parametrize(
    ("wanted", "months", "factor"),
    [
        (D(30), (D(10), D(20), D(15)), D(2)),
        (D(30), (D(10),), D(3)),
        (None, (D(1),), None),
        (D(3), (), None),
        (D(0), (D(1),), None),
        (D(3), (D(1), D(0)), None),
    ],
)
def test_a_season_is_last_years_month_against_the_mean_of_the_others(wanted: Any, months: Any, factor: Any) -> None:
    assert season_factor(wanted, months) == factor


def test_a_month_in_season_is_planned_by_last_years_season(owner: Any, seller: Any) -> None:
    seller.execute(
        "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value) values "
        "('gmv', 'account', 'account:aurora_us', 'month', '2025-09-01', '2025-09-30', 40000), "
        "('gmv', 'account', 'account:aurora_us', 'month', '2025-10-01', '2025-10-31', 60000), "
        "('gmv', 'account', 'account:aurora_us', 'month', '2025-12-01', '2025-12-31', 75000), "
        "('tacos', 'account', 'account:aurora_us', 'month', '2025-10-01', '2025-10-31', 0.1), "
        "('tacos', 'account', 'account:aurora_us', 'month', '2025-12-01', '2025-12-31', 0.9)"
    )
    rows, _ = rows_of(owner, DECEMBER)
    gmv = rows["gmv", AURORA]
    # December was 75,000 where September and October had 50,000 in the mean: 1.5 times 80, 90 and 100 thousand.
    assert (gmv["floor_value"], gmv["target_value"], gmv["stretch_value"]) == ("120000", "135000.01", "150000")
    assert "times 1.5" in gmv["reason"]
    # A ratio has no season of this kind.
    assert rows["tacos", AURORA]["target_value"] == "0.2"


def test_the_survey_tells_what_is_there_what_is_missing_and_which_problems_show(owner: Any, seller: Any) -> None:
    body = owner.get("setup/").get_json()
    assert body["months"] == ["2026-08-01", "2026-09-01", "2026-10-01"]
    assert {row["entity_kind"]: row["count"] for row in body["found"]}["account"] == 2
    accounts = {row["entity_id"]: row for row in body["accounts"]}
    assert (accounts[AURORA]["months_with_sales"], accounts[BOREALIS]["months_with_sales"]) == (3, 1)
    assert (accounts[AURORA]["streams"], accounts[AURORA]["stale_streams"]) == (2, 1)
    lacks = {row["code"]: row for row in body["missing"]}
    assert lacks["short_history"]["entity_ids"] == [BOREALIS]
    assert lacks["stale_feed"]["entity_ids"] == [AURORA]
    assert (lacks["no_owner"]["count"], lacks["no_owner"]["entity_ids"]) == (1, ["sku:aurora_us/AUD-001"])
    assert lacks["no_costs"]["entity_ids"] == [AURORA, BOREALIS]
    assert lacks["person_without_user"]["entity_ids"] == ["person:e001"]
    assert "no_people" not in lacks
    assert "no_forecast" in lacks
    troubles = {row["problem_id"]: row for row in body["problems"]}
    # October's 0.20 is beyond 0.15, and it is the newest, not September's 0.10.
    ads = troubles["ad_waste"]
    assert (ads["is_likely"], ads["evidence"]["value"], ads["evidence"]["entity_id"]) == (True, "0.2", AURORA)
    assert (troubles["low_margin"]["is_likely"], troubles["low_margin"]["evidence"]) == (None, None)
    known = {kpi["kpi_id"]: kpi["is_known"] for kpi in body["packs"][0]["kpis"]}
    assert (known["gmv"], known["return_rate"]) == (True, False)


def test_a_pack_becomes_drafts_once_with_targets_from_history(owner: Any, seller: Any, metadata_uri: str) -> None:
    rows, body = rows_of(owner, DECEMBER)
    gmv = rows["gmv", AURORA]
    assert (gmv["floor_value"], gmv["target_value"], gmv["stretch_value"]) == ("80000", "90000.01", "100000")
    assert (gmv["basis"], gmv["state"], gmv["probability"], gmv["weight"]) == ("history", "new", None, "3")
    assert "2026-08 to 2026-10" in gmv["reason"]
    # Lower is better: the floor is the worst, so the highest.
    tacos = rows["tacos", AURORA]
    assert (tacos["floor_value"], tacos["target_value"], tacos["stretch_value"]) == ("0.3", "0.2", "0.1")
    bare = rows["gmv", BOREALIS]
    assert (bare["state"], bare["target_value"], bare["basis"]) == ("no_target", None, None)
    assert bare["reason"].startswith("Only 1 of the last 3 months")
    assert body["counts"] == {"new": 2, "exists": 0, "no_target": 2}
    assert body["unknown_kpis"] == ["contribution_margin_rate", "return_rate", "stock_out_rate"]
    assert run_sql(metadata_uri, "select * from kpi_target") == []

    _, saved = rows_of(owner, {**DECEMBER, "apply": True})
    assert saved["saved"] == 2
    before = run_sql(metadata_uri, "select * from kpi_target_version order by id")
    assert [(row["state"], row["stage"], row["changed_by"]) for row in before] == [("draft", "draft", "owner")] * 2
    again, saved = rows_of(owner, {**DECEMBER, "apply": True})
    assert (saved["saved"], again["gmv", AURORA]["state"]) == (0, "exists")
    assert run_sql(metadata_uri, "select * from kpi_target_version order by id") == before


def test_a_discarded_draft_is_proposed_anew_and_the_forecast_goes_before_history(owner: Any, seller: Any) -> None:
    rows_of(owner, {**DECEMBER, "apply": True})
    ids = [row["id"] for row in owner.get("targets/?grain=month&period_start=2026-12-01").get_json()["result"]]
    assert owner.delete("targets/drafts", {"ids": ids}).status_code == 200
    seller.execute(
        "insert into kpi.kpi_forecast (kpi_id, entity_kind, entity_id, grain, period_start, p20, p50, p80) values "
        "('gmv', 'account', 'account:borealis_us', 'month', '2026-12-01', 30000, 40000, 50000)"
    )
    rows, body = rows_of(owner, {**DECEMBER, "apply": True, "owner": "mei"})
    assert body["saved"] == 3
    found = rows["gmv", BOREALIS]
    assert (found["floor_value"], found["target_value"], found["stretch_value"]) == ("30000", "40000", "50000")
    assert (found["basis"], found["probability"], found["owner"]) == ("forecast", "0.5", "mei")


def test_a_previewed_row_is_not_written_over_a_target_that_came_in_between(owner: Any, seller: Any) -> None:
    rows, _ = rows_of(owner, DECEMBER)
    names = ("kpi_id", "entity_id", "period_start", "floor_value", "target_value", "stretch_value", "weight", "etag")
    wanted = [{"grain": "month", **{name: rows[key, AURORA][name] for name in names}} for key in ("gmv", "tacos")]
    assert [row["etag"] for row in wanted] == [None, None]
    assert owner.put("targets/", {"targets": [{**wanted[0], "target_value": "95000"}]}).status_code == 200
    conflicts = error_of(owner.put("targets/", {"targets": wanted}), 412)["details"]["conflicts"]
    assert [row["index"] for row in conflicts] == [0]
    rows, _ = rows_of(owner, DECEMBER)
    assert rows["gmv", AURORA]["state"] == "exists"
    assert owner.put("targets/", {"targets": [wanted[1]]}).status_code == 200


def test_the_guide_keeps_to_the_scope(clients: Any, seller: Any, metadata_uri: str) -> None:
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        f"values ('user', 'owner_in', '{BOREALIS}', true, false, 'test', now()), "
        f"('user', 'owner_in', '{AURORA}', false, false, 'test', now()), "
        f"('user', 'owner_out', '{BOREALIS}', true, false, 'test', now())",
    )
    inside, outside = clients("owner_in"), clients("owner_out")
    page = outside.get("setup/")
    assert [row["entity_id"] for row in page.get_json()["accounts"]] == [BOREALIS]
    assert "Aurora" not in page.get_data(as_text=True)
    rows, _ = rows_of(inside, DECEMBER)
    assert {entity_id for _, entity_id in rows} == {BOREALIS}
    named = {**DECEMBER, "entity_ids": [AURORA]}
    error_of(inside.post("setup/proposal", named), 403)
    assert (
        "There is no entity" in error_of(outside.post("setup/proposal", named), 422)["details"]["errors"][0]["message"]
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pack": "electronics"}, "pack"),
        ({"variant": "basic"}, "variant"),
        ({"problems": ["weather"]}, "problems"),
        ({"period_start": "2026-12-02"}, "period_start"),
    ],
)
def test_a_wrong_request_is_refused_by_field(owner: Any, seller: Any, change: dict[str, Any], field: str) -> None:
    errors = error_of(owner.post("setup/proposal", {**DECEMBER, **change}), 422)["details"]["errors"]
    assert [error["field"] for error in errors] == [field]
