"""KPIs whose values people enter: defined, entered, restated, published, and judged like any other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import save

BRAND = {
    "kpi_id": "brand_awareness",
    "name_en": "Brand awareness",
    "name_zh": "品牌知名度",
    "unit": "score",
    "direction": "higher",
    "entity_kinds": ["company", "account"],
    "owner": "mei",
}
OCTOBER = {"kpi_id": "brand_awareness", "entity_id": "account:aurora_us", "period_start": "2026-10-01"}
ENTERED = {**OCTOBER, "value": "42.5", "note": "Survey of 400 customers"}


@pytest.fixture
def brand(admin: Any, clean: Any) -> Any:
    """The KPI is defined."""
    answer = admin.post("manual/kpis", BRAND)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.get_json()["publication"] == {"state": "done", "error": None}
    return clean


def enter(client: Any, *rows: dict[str, Any]) -> dict[str, Any]:
    answer = client.put("manual/values", {"values": list(rows)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_an_entered_value_is_in_the_warehouse_and_has_a_status_against_its_target(
    owner: Any, approver: Any, brand: Any
) -> None:
    [known] = [row for row in owner.get("catalogue/").get_json()["result"] if row["kpi_id"] == "brand_awareness"]
    assert (known["source"], known["name_zh"], known["unit"]) == ("manual", "品牌知名度", "score")
    done = enter(owner, ENTERED)
    assert (done["saved"], done["publication"]["state"]) == (1, "done")
    [row] = done["result"]
    assert (row["value"], row["note"], row["entered_by"], row["revision"]) == ("42.5", ENTERED["note"], "owner", 1)
    [published] = brand.execute("select * from kpi.kpi_manual_values")
    assert (str(published["value"]), published["grain"], published["entered_by"]) == ("42.500000", "month", "owner")

    place = {"grain": "month", **OCTOBER}
    [target] = save(owner, {**place, "target_value": "50"})
    approver.post("targets/approve", {"ids": [target["id"]]})
    [shown] = owner.get("targets/?grain=month&period_start=2026-10-01").get_json()["result"]
    # 42.5 of 50 is exactly the breach limit at 15 %, and beyond the warning limit at 5 %.
    assert (shown["status"]["value"], shown["status"]["status"]) == ("42.5", "warn")
    address = "targets/tree?kpi_id=brand_awareness&grain=month&from=2026-10-01&to=2026-10-01"
    cells = {cell["entity_id"]: cell for cell in owner.get(address).get_json()["cells"]}
    assert cells["account:aurora_us"]["status"]["value"] == "42.5"
    card = owner.get("targets/scorecards?grain=month&period_start=2026-10-01&by=entity").get_json()["result"][0]
    assert (card["parts"][0]["kpi_id"], card["parts"][0]["value"]) == ("brand_awareness", "42.5")


def test_a_restated_value_keeps_what_was_entered_before_and_null_withdraws_it(
    owner: Any, approver: Any, brand: Any, metadata_uri: str
) -> None:
    [first] = enter(owner, ENTERED)["result"]
    [same] = enter(owner, ENTERED)["result"]
    assert same["etag"] == first["etag"]
    [second] = enter(approver, {**ENTERED, "value": "44", "note": "Two answers came late"})["result"]
    assert second["revision"] == 2
    error = error_of(owner.put("manual/values", {"values": [{**ENTERED, "value": "1", "etag": first["etag"]}]}), 412)
    assert error["details"]["conflicts"][0]["theirs"]["value"] == "44"
    enter(owner, {**ENTERED, "value": None, "note": "The survey was void", "etag": second["etag"]})
    assert brand.execute("select * from kpi.kpi_manual_values") == []
    history = owner.get(f"manual/values/{first['id']}/history").get_json()["result"]
    assert [(row["value"], row["entered_by"]) for row in history] == [
        (None, "owner"),
        ("44", "approver"),
        ("42.5", "owner"),
    ]
    actions = [row["action"] for row in run_sql(metadata_uri, "select action from kpi_audit order by seq")]
    assert actions == ["define manual KPI", "enter values", "enter values", "enter values"]


def test_a_kpi_that_is_switched_off_leaves_the_warehouse_and_takes_no_values(
    admin: Any, owner: Any, brand: Any
) -> None:
    enter(owner, ENTERED)
    changed = {name: BRAND[name] for name in ("name_en", "name_zh", "direction", "entity_kinds")}
    answer = admin.request("PUT", "manual/kpis/brand_awareness", {**changed, "is_active": False})
    assert answer.get_json()["result"]["is_active"] is False
    assert brand.execute("select * from kpi.kpi_manual_kpis") == []
    assert brand.execute("select * from kpi.kpi_manual_values") == []
    error_of(owner.put("manual/values", {"values": [ENTERED]}), 422)
    # What was entered is kept, and is there again once the KPI is.
    admin.request("PUT", "manual/kpis/brand_awareness", {**changed, "is_active": True})
    assert len(brand.execute("select * from kpi.kpi_manual_values")) == 1


def test_a_warehouse_that_refuses_loses_nothing_and_publishing_again_mends_it(app: Any, owner: Any, brand: Any) -> None:
    from superset_kpi_plugin import doctor
    from superset_kpi_plugin.cli import kpi

    brand.execute("alter table kpi.kpi_manual_values rename to away")
    try:
        done = enter(owner, ENTERED)
        assert done["publication"]["state"] == "failed"
        assert "kpi_manual_values" in done["publication"]["error"]
    finally:
        brand.execute("alter table kpi.away rename to kpi_manual_values")
    with app.app_context():
        assert doctor.check_manual()[0] == doctor.FAIL
    assert app.test_cli_runner().invoke(kpi, ["publish"]).exit_code == 0
    with app.app_context():
        assert doctor.check_manual() == (doctor.OK, "1 entered values are published.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kpi_id": "gmv"}, "kpi_id"),
        ({"entity_id": "account:nobody"}, "entity_id"),
        ({"entity_id": "team:north"}, "entity_id"),
        ({"period_start": "2026-10-02"}, "period_start"),
        ({"period_start": "2999-01-01"}, "period_start"),
        ({"value": "much"}, "value"),
        ({"note": "  "}, "note"),
    ],
)
def test_a_wrong_value_is_refused_by_field_and_nothing_is_entered(
    owner: Any, brand: Any, metadata_uri: str, change: dict[str, Any], field: str
) -> None:
    good = {**ENTERED, "entity_id": "company"}
    error = error_of(owner.put("manual/values", {"values": [good, {**ENTERED, **change}]}), 422)
    assert [(row["index"], row["field"]) for row in error["details"]["errors"]] == [(1, field)]
    assert run_sql(metadata_uri, "select * from kpi_manual_value") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kpi_id": "gmv"}, "kpi_id"),
        ({"kpi_id": "Brand!"}, "kpi_id"),
        ({"name_en": " "}, "name_en"),
        ({"unit": "pounds"}, "unit"),
        ({"direction": "up"}, "direction"),
        ({"entity_kinds": []}, "entity_kinds"),
        ({"grain": "day"}, "grain"),
    ],
)
def test_a_wrong_definition_is_refused_by_field(admin: Any, clean: Any, change: dict[str, Any], field: str) -> None:
    errors = error_of(admin.post("manual/kpis", {**BRAND, **change}), 422)["details"]["errors"]
    assert [row["field"] for row in errors] == [field]


def test_a_kpi_is_defined_once(admin: Any, owner: Any, brand: Any) -> None:
    error_of(admin.post("manual/kpis", BRAND), 409)
    error_of(owner.post("manual/kpis", {**BRAND, "kpi_id": "other"}), 403)


def test_values_keep_to_the_scope(clients: Any, owner: Any, brand: Any, metadata_uri: str) -> None:
    enter(owner, ENTERED, {**ENTERED, "entity_id": "account:borealis_us"})
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_out', 'account:borealis_us', true, false, 'test', now())",
    )
    out = clients("owner_out")
    rows = out.get("manual/values?kpi_id=brand_awareness").get_json()["result"]
    assert [row["entity_id"] for row in rows] == ["account:borealis_us"]
    error_of(out.put("manual/values", {"values": [ENTERED]}), 422)
    enter(out, {**ENTERED, "entity_id": "account:borealis_us", "value": "7"})


def test_two_people_do_not_overwrite_each_others_definition(admin: Any, brand: Any) -> None:
    (read,) = admin.get("manual/kpis").get_json()["result"]
    changed = {name: BRAND[name] for name in ("name_en", "name_zh", "direction", "entity_kinds")}
    match = {"headers": {"If-Match": f'"{read["etag"]}"'}}
    first = admin.put("manual/kpis/brand_awareness", {**changed, "name_en": "Fame"}, **match)
    assert first.status_code == 200
    refused = error_of(admin.put("manual/kpis/brand_awareness", {**changed, "name_en": "Renown"}, **match), 412)
    (conflict,) = refused["details"]["conflicts"]
    assert conflict["yours"] == {"name_en": "Renown"}
    assert conflict["theirs"] == {"name_en": "Fame", "etag": first.get_json()["result"]["etag"]}
    (stored,) = admin.get("manual/kpis").get_json()["result"]
    assert (stored["name_en"], stored["etag"]) == ("Fame", conflict["theirs"]["etag"])
