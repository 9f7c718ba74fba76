"""Budget and headcount beside a target: saved, shown in the history, in files and back, and heeded by the checks."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.plugin.conftest import error_of
from tests.plugin.test_targets_api import GMV, save

TARGET = {**GMV, "target_value": "120000"}
MONTH = "grain=month&period_start=2026-11-01"


def test_budget_and_headcount_are_part_of_what_a_target_says(owner: Any, approver: Any, clean: Any) -> None:
    [saved] = save(owner, {**TARGET, "budget": "9000.50", "headcount": "2.5"})
    # Without a currency the budget is in the entity's own.
    draft = saved["draft"]
    assert (draft["budget"], draft["budget_currency"], draft["headcount"]) == ("9000.5", "USD", "2.5")
    [saved] = save(owner, {**GMV, "budget": "8000", "budget_currency": "EUR"})
    approver.post("targets/approve", {"ids": [saved["id"]]})
    newest, oldest = owner.get(f"targets/{saved['id']}/history").get_json()["result"]
    assert newest["changes"] == {
        "budget": {"from": "9000.5", "to": "8000"},
        "budget_currency": {"from": "USD", "to": "EUR"},
    }
    assert oldest["changes"]["headcount"] == {"from": None, "to": "2.5"}
    cells = owner.get("targets/tree?kpi_id=gmv&grain=month&from=2026-11-01&to=2026-11-01").get_json()["cells"]
    [cell] = [cell for cell in cells if cell["entity_id"] == "account:aurora_us"]
    assert (cell["approved"]["budget"], cell["approved"]["headcount"]) == ("8000", "2.5")
    [cleared] = save(owner, {**GMV, "budget": None})
    assert (cleared["draft"]["budget"], cleared["draft"]["budget_currency"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"budget": "-1"}, "budget"),
        ({"headcount": "-1"}, "headcount"),
        ({"budget": "1", "budget_currency": "dollars"}, "budget_currency"),
        ({"budget": "much"}, "budget"),
    ],
)
def test_wrong_means_are_refused_by_field(owner: Any, clean: Any, change: dict[str, Any], field: str) -> None:
    errors = error_of(owner.put("targets/", {"targets": [{**TARGET, **change}]}), 422)["details"]["errors"]
    assert [row["field"] for row in errors] == [field]


def test_a_file_carries_budget_and_headcount_out_and_back(owner: Any, clean: Any) -> None:
    save(owner, {**TARGET, "budget": "9000", "headcount": "2"})
    text = owner.get(f"targets/export?format=csv&{MONTH}").get_data().decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text))
    assert (line["budget"], line["budget_currency"], line["headcount"]) == ("9000", "USD", "2")
    form = {"file": (io.BytesIO(text.replace(",9000,", ",9500,").encode()), "targets.csv")}
    preview = owner.request("POST", "targets/import", data=form).get_json()
    assert preview["errors"] == []
    assert [row["changes"] for row in preview["diff"]] == [{"budget": {"from": "9000", "to": "9500"}}]
    # A file of before these columns leaves them as they are.
    old = "kpi_id,entity_id,grain,period_start,target_value\ngmv,account:aurora_us,month,2026-11-01,130000\n"
    form = {"file": (io.BytesIO(old.encode()), "targets.csv"), "apply": "true"}
    assert owner.request("POST", "targets/import", data=form).get_json() == {"saved": 1}
    [row] = owner.get(f"targets/?{MONTH}").get_json()["result"]
    assert (row["draft"]["target_value"], row["draft"]["budget"]) == ("130000", "9000")


def test_growth_needs_means_beside_the_target_itself(owner: Any, clean: Any) -> None:
    clean.execute(
        "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value) values "
        "('gmv', 'account', 'account:aurora_us', 'month', '2025-11-01', '2025-11-30', 100000)"
    )

    def findings() -> dict[str, Any]:
        return {row["rule"]: row for row in owner.get(f"targets/lint?{MONTH}").get_json()["result"]}

    def rules() -> set[str]:
        return set(findings())

    save(owner, TARGET)
    assert "growth_without_means" in rules()
    save(owner, {**GMV, "headcount": "0"})
    assert "growth_without_means" in rules()
    # The finding says what to fill in, under the etag that it was found with.
    ask = findings()["growth_without_means"]["ask"]
    assert ask["fields"] == ["budget", "headcount"]
    save(owner, {**ask["row"], "headcount": "1"})
    assert "growth_without_means" not in rules()
    assert owner.put("targets/", {"targets": [{**ask["row"], "headcount": "2"}]}).status_code == 412
