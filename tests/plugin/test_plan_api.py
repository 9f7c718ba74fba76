"""The tree, splits, feasibility and explanation through the API; figures can be checked by head (see `contract`)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.conftest import Client, error_of
from tests.plugin.test_targets_api import ACOS, GMV, save

TREE = "targets/tree?kpi_id=gmv&grain=month&from=2026-10-01&to=2026-11-01"
PLATFORM = {**GMV, "entity_id": "platform:amazon"}
BOREALIS = {**GMV, "entity_id": "account:borealis_us"}
SPLIT = {**PLATFORM, "method": "even"}


@pytest.fixture
def planned(clean: Any) -> Any:
    """Last year's November, and a forecast of this one for Aurora."""
    clean.execute(
        "insert into kpi.kpi_values select kpi_id, entity_kind, entity_id, grain, date '2025-11-01', "
        "date '2025-11-30', numerator * 3, denominator, value * 3, currency, true, date '2025-11-30' "
        "from kpi.kpi_values where kpi_id = 'gmv' and period_start = '2026-11-01'"
    )
    clean.execute(
        "insert into kpi.kpi_forecast (kpi_id, entity_kind, entity_id, grain, period_start, p20, p50, p80, method, "
        "made_at, history_periods, backtest_points, backtest_below_p20) values ('gmv', 'account', "
        "'account:aurora_us', 'month', '2026-11-01', 80000, 100000, 150000, 'AutoETS', '2026-11-16 00:00+00', "
        "24, 40, 0.21)"
    )
    return clean


def opened(client: Client, address: str = TREE) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def cells(body: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(cell["entity_id"], cell["period_start"][:7]): cell for cell in body["cells"]}


def test_the_tree_shows_targets_beside_last_year_forecast_and_probability(owner: Any, planned: Any) -> None:
    save(owner, {**GMV, "target_value": "150000"}, {**PLATFORM, "target_value": "200000"})
    body = opened(owner)
    assert body["warnings"] == []
    nodes = [(node["entity_id"], node["parent_id"], node["depth"]) for node in body["nodes"]]
    assert nodes == [
        ("company", None, 0),
        ("platform:amazon", "company", 1),
        ("account:aurora_us", "platform:amazon", 2),
        ("category:aurora_us/audio", "account:aurora_us", 3),
        ("sku:aurora_us/AUD-001", "category:aurora_us/audio", 4),
        ("account:borealis_us", "platform:amazon", 2),
    ]
    assert body["periods"] == ["2026-10-01", "2026-11-01"]
    found = cells(body)
    aurora = found["account:aurora_us", "2026-11"]
    assert (aurora["last_year"], aurora["status"]["value"], aurora["p50"]) == ("150000", "50000", "100000")
    assert (aurora["probability"], aurora["state"], aurora["can_edit"], aurora["can_approve"]) == (
        "0.2",
        "draft",
        True,
        False,
    )
    platform = found["platform:amazon", "2026-11"]
    assert (platform["children_sum"], platform["residual"], platform["missing_children"]) == ("150000", "50000", 1)
    assert found["account:borealis_us", "2026-10"]["id"] is None
    assert ("company", "2026-10") not in found  # nothing is known of it
    assert body["series"]["account:aurora_us"][-10:] == [None] * 10
    november = opened(owner, TREE.replace("2026-10-01", "2026-11-01"))
    assert november["series"]["account:aurora_us"] == ["150000", *[None] * 10, "100000"]


def test_the_tree_comes_in_parts(clients: Any, owner: Any, admin: Any, planned: Any) -> None:
    body = opened(owner, TREE + "&page=1&page_size=2")
    assert ([node["entity_id"] for node in body["nodes"]], body["count"]) == (
        ["account:aurora_us", "category:aurora_us/audio"],
        6,
    )
    assert len(opened(owner, TREE + "&entity_id=account:aurora_us")["nodes"]) == 3
    assert len(opened(owner, TREE + "&depth=1")["nodes"]) == 2
    people = opened(owner, TREE + "&tree=people")
    assert [node["entity_id"] for node in people["nodes"]] == ["company", "team:north", "person:e001"]
    first = owner.get(TREE)
    assert owner.get(TREE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    for bad in (
        TREE.replace("gmv", ""),
        TREE + "&tree=oak",
        TREE + "&depth=x",
        TREE.replace("2026-10-01", "2026-12-01"),
        TREE.replace("2026-10-01", "2026-10-02"),
        TREE.replace("month", "decade"),
        "targets/tree?kpi_id=gmv&grain=day&from=2000-01-01&to=2026-11-01",
    ):
        error_of(owner.get(bad), 400)
    error_of(owner.get(TREE.replace("gmv", "happiness")), 404)


def test_ratios_show_what_their_children_imply(owner: Any, clean: Any) -> None:
    # Denominators of November: 1,000 and 500 of ad sales; 0.2 and 0.5 imply 450 of 1,500.
    save(
        owner,
        {**ACOS, "entity_id": "ad_group:aurora_us/ag1", "target_value": "0.2"},
        {**ACOS, "target_value": "0.5"},
        {**ACOS, "entity_id": "campaign:aurora_us/c1", "target_value": "0.25"},
    )
    body = opened(owner, TREE.replace("gmv", "acos"))
    campaign = cells(body)["campaign:aurora_us/c1", "2026-11"]
    assert (campaign["implied"], campaign["missing_children"]) == ("0.3", 0)
    assert "residual" not in campaign


def test_currencies_are_never_added(owner: Any, clean: Any) -> None:
    clean.execute("update kpi.kpi_entities set currency = 'EUR' where entity_id = 'account:borealis_us'")
    save(owner, {**GMV, "target_value": "1"}, {**BOREALIS, "target_value": "1"}, {**PLATFORM, "target_value": "3"})
    platform = cells(opened(owner))["platform:amazon", "2026-11"]
    assert (platform["mixed_currency"], "children_sum" in platform) == (True, False)
    error = error_of(owner.post("targets/split", SPLIT), 422)
    assert "currencies" in error["details"]["errors"][0]["message"]


def split(client: Any, **more: Any) -> dict[str, Any]:
    answer = client.post("targets/split", {**SPLIT, **more})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_a_split_is_a_preview_until_it_is_applied(owner: Any, planned: Any) -> None:
    save(owner, {**PLATFORM, "target_value": "100000.01"})
    shown = split(owner)
    assert [(row["entity_id"], row["proposed"], row["share"]) for row in shown["rows"]] == [
        ("account:aurora_us", "50000.01", "0.5"),
        ("account:borealis_us", "50000", "0.5"),
    ]
    assert (shown["amount"], shown["residual"]) == ("100000.01", "0")
    assert "account:aurora_us" not in {cell["entity_id"] for cell in opened(owner)["cells"] if cell["id"]}
    # Last year: 150,000 and 36,000 of 186,000.
    last = split(owner, method="last_year", amount="186000", apply=True)
    assert ([row["proposed"] for row in last["rows"]], last["saved"]) == (["150000", "36000"], 2)
    platform = cells(opened(owner))["platform:amazon", "2026-11"]
    assert (platform["children_sum"], platform["residual"]) == ("186000", "-85999.99")


def test_locked_cells_hold_and_a_residual_is_kept_if_wished(owner: Any, approver: Any, planned: Any) -> None:
    save(owner, {**PLATFORM, "target_value": "100"})
    [row] = save(owner, {**BOREALIS, "target_value": "40"})
    held = split(owner, locked=["account:borealis_us"], amount="100")
    assert [(row["proposed"], row["is_locked"]) for row in held["rows"]] == [("60", False), ("40", True)]
    approver.post("targets/approve", {"ids": [row["id"]]})
    approver.post("targets/lock", {"ids": [row["id"]]})
    assert split(owner, apply=True)["saved"] == 1
    kept = split(owner, amount="100.001", residual="keep")
    assert ([row["proposed"] for row in kept["rows"]], kept["residual"]) == (["60", "40"], "0.001")
    error = error_of(owner.post("targets/split", {**SPLIT, "amount": "39"}), 422)
    assert error["details"]["errors"][0]["field"] == "amount"


def test_splits_over_periods_and_by_forecast(owner: Any, planned: Any) -> None:
    days = split(owner, by="periods", amount="100")
    assert (len(days["rows"]), days["rows"][0]["grain"], days["residual"]) == (30, "day", "0")
    year = {"grain": "year", "period_start": "2026-01-01", "amount": "120", "by": "periods"}
    assert [row["proposed"] for row in split(owner, **year)["rows"]] == ["30"] * 4
    assert len(split(owner, **year, into="month")["rows"]) == 12
    forecast = split(owner, method="forecast", amount="10")
    assert ([row["proposed"] for row in forecast["rows"]], forecast["warnings"][0]["code"]) == (
        ["10", "0"],
        "unweighted",
    )
    season = split(owner, method="season", amount="10", period_start="2027-02-01")
    assert season["warnings"][0]["code"] == "no_weights"
    for change, field in (
        ({"kpi_id": "acos", "entity_id": "company"}, "kpi_id"),
        ({"entity_id": "nobody"}, "entity_id"),
        ({"entity_id": "sku:aurora_us/AUD-001", "amount": "1"}, "entity_id"),
        ({"method": "magic"}, "method"),
        ({"period_start": "2026-11-02"}, "period_start"),
        ({"by": "periods", "into": "year", "amount": "1"}, "into"),
        ({}, "amount"),
        ({"decimals": 9}, "decimals"),
        ({"amount": "x"}, "amount"),
    ):
        error = error_of(owner.post("targets/split", {**SPLIT, **change}), 422)
        assert [item["field"] for item in error["details"]["errors"]] == [field], change


def test_feasibility_proposes_by_the_forecast_and_says_when_there_is_none(owner: Any, planned: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "150000", "floor_value": "80000"})
    body = owner.get(f"targets/{row['id']}/feasibility?value=100000").get_json()
    assert (body["floor"], body["target"], body["stretch"]) == ("80000", "100000", "150000")
    assert body["probabilities"] == {"floor": "0.8", "target": "0.5", "stretch": "0.2"}
    assert body["current"] == {"floor": "0.8", "target": "0.2", "stretch": None}
    assert (body["value_probability"], body["method"], body["backtest"]["below_p20"]) == ("0.5", "AutoETS", "0.21")
    cell = "kpi_id=gmv&entity_id=account:borealis_us&grain=month&period_start=2026-11-01"
    none = owner.get(f"targets/feasibility?{cell}").get_json()
    assert (none["has_forecast"], none["target"], "no forecast" in none["message"]) == (False, None, True)
    error_of(owner.get(f"targets/feasibility?{cell}&value=x"), 400)
    error_of(owner.get("targets/feasibility?" + cell.replace("account:borealis_us", "x")), 404)
    error_of(owner.get("targets/999/feasibility"), 404)


def test_a_site_without_forecasts_still_plans(owner: Any, clean: Any) -> None:
    clean.execute("alter table kpi.kpi_forecast rename to elsewhere")
    try:
        body = opened(owner)
        assert [warning["code"] for warning in body["warnings"]] == ["warehouse_contract"]
        assert cells(body)["account:aurora_us", "2026-11"]["p50"] is None
    finally:
        clean.execute("alter table kpi.elsewhere rename to kpi_forecast")


def test_a_number_opens_into_drivers_parts_and_sources(owner: Any, planned: Any) -> None:
    planned.execute(
        "update kpi.kpi_catalogue set drivers = 'units,nothing', source = 'amazon_ads' where kpi_id = 'gmv'"
    )
    planned.execute(
        "insert into kpi.kpi_values values ('gmv', 'platform', 'platform:amazon', 'month', '2026-11-01', '2026-11-30', "
        "62000, null, 62000, 'USD', false, '2026-11-15')"
    )
    body = owner.get(
        "targets/explain?kpi_id=gmv&entity_id=platform:amazon&grain=month&period_start=2026-11-01"
    ).get_json()
    assert body["value"]["value"] == "62000"
    assert [driver["kpi_id"] for driver in body["drivers"]] == ["units"]
    assert [(part["entity_name"], part["value"], part["share"]) for part in body["parts"]] == [
        ("Aurora US", "50000", "0.806452"),
        ("Borealis US", "12000", "0.193548"),
    ]
    assert body["sources"][0]["platform"] == "amazon_ads"
    error_of(owner.get("targets/explain?kpi_id=gmv&entity_id=x&grain=month&period_start=2026-11-01"), 404)


def test_a_year_shows_its_quarters_and_months_with_what_each_level_leaves_over(owner: Any, planned: Any) -> None:
    place = {"kpi_id": "gmv", "entity_id": "account:aurora_us"}
    save(
        owner,
        {**place, "grain": "year", "period_start": "2026-01-01", "target_value": "1000000"},
        {**place, "grain": "quarter", "period_start": "2026-10-01", "target_value": "400000"},
        {**place, "grain": "quarter", "period_start": "2026-07-01", "target_value": "250000.5"},
        {**place, "grain": "month", "period_start": "2026-10-01", "target_value": "100000"},
        {**place, "grain": "month", "period_start": "2026-11-01", "target_value": "150000"},
    )
    address = "targets/periods?kpi_id=gmv&entity_id=account:aurora_us&year=2026"
    body = opened(owner, address)
    assert [(row["grain"], row["period_start"]) for row in body["rows"]][:6] == [
        ("year", "2026-01-01"),
        ("quarter", "2026-01-01"),
        ("month", "2026-01-01"),
        ("month", "2026-02-01"),
        ("month", "2026-03-01"),
        ("quarter", "2026-04-01"),
    ]
    rows = {(row["grain"], row["period_start"]): row for row in body["rows"]}
    assert len(rows) == 17
    year = rows["year", "2026-01-01"]
    assert (year["children_sum"], year["residual"], year["missing_children"]) == ("650000.5", "349999.5", 2)
    fourth = rows["quarter", "2026-10-01"]
    assert (fourth["children_sum"], fourth["residual"], fourth["missing_children"]) == ("250000", "150000", 1)
    assert fourth["parent"] == {"grain": "year", "period_start": "2026-01-01"}
    assert "residual" not in rows["quarter", "2026-07-01"]
    november = rows["month", "2026-11-01"]
    assert (november["actual"], november["last_year"], november["p50"]) == ("50000", "150000", "100000")
    assert (november["target"]["state"], november["target"]["etag"]) == ("draft", f"{november['target']['id']}-1")
    assert (rows["month", "2026-12-01"]["target"], rows["month", "2026-12-01"]["actual"]) == (None, None)
    error_of(owner.get(address.replace("aurora_us", "nobody")), 404)


def test_months_of_a_ratio_imply_their_quarter(owner: Any, clean: Any) -> None:
    place = {"kpi_id": "acos", "entity_id": "ad_group:aurora_us/ag2", "grain": "month"}
    save(
        owner,
        {**place, "period_start": "2026-10-01", "target_value": "0.30"},
        {**place, "period_start": "2026-11-01", "target_value": "0.60"},
    )
    body = opened(owner, "targets/periods?kpi_id=acos&entity_id=ad_group:aurora_us/ag2&year=2026")
    [fourth] = [row for row in body["rows"] if (row["grain"], row["period_start"]) == ("quarter", "2026-10-01")]
    # Sales of 1,000 and 500: (0.30 * 1000 + 0.60 * 500) / 1500.
    assert (fourth["implied"], fourth["missing_children"]) == ("0.4", 1)
