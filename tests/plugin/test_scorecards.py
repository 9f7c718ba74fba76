"""Scorecards: weighted, capped, explained, and kept as they were when their period was closed."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from superset_kpi_plugin.targets.scorecard import CAP, Score, score
from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import GMV, save

D = Decimal
OCTOBER = {"grain": "month", "period_start": "2026-10-01"}
QUERY = "targets/scorecards?grain=month&period_start=2026-10-01"


def part(attainment: Any, weight: Any = None) -> dict[str, Any]:
    return {"attainment": attainment, "weight": weight}


def test_scores_by_hand() -> None:
    # (0.6 x 0.9 + 0.4 x 1.2) / 1
    assert score([part(D("0.9"), D("0.6")), part(D("1.2"), D("0.4"))]) == Score(D("1.0200"), D("1.0000"))
    assert score([part(D(9)), part(D("0.5"))]).score == D("1.0000")  # capped at 1.5; no weight is 1
    assert score([part(D("-2")), part(D(1))]).score == D("0.5000")
    assert score([part(D(1), D(3)), part(None, D(1))]) == Score(D("1.0000"), D("0.7500"))
    assert score([part(D(1), D(0))]) == Score(None, None)
    assert score([part(None)]) == Score(None, D(0))
    assert score([]) == Score(None, None)


@given(st.lists(st.builds(part, st.none() | st.decimals(-9, 9, places=3), st.none() | st.decimals(0, 9, places=2))))
def test_a_score_lies_between_nothing_and_the_cap(parts: list[dict[str, Any]]) -> None:
    found = score(parts)
    assert found.score is None or 0 <= found.score <= CAP
    assert found.covered is None or 0 <= found.covered <= 1


def test_cards_by_owner_and_entity_and_as_they_were_at_closing(
    clients: Any, owner: Any, approver: Any, admin: Any, clean: Any, metadata_uri: str
) -> None:
    # October: Aurora 100,000 of 100,000, Borealis 40,000 of 80,000.
    base = {**GMV, **OCTOBER, "owner": "mei"}
    rows = save(
        owner,
        {**base, "target_value": "100000", "weight": "3"},
        {**base, "entity_id": "account:borealis_us", "target_value": "80000", "weight": "1"},
    )
    approver.post("targets/approve", {"ids": [row["id"] for row in rows]})
    body = owner.get(QUERY).get_json()
    [card] = body["result"]
    assert card["subject_name"] == "mei"  # nobody of that id among the people
    assert (card["subject"], card["score"], card["covered"], body["closed"]) == ("mei", "0.875", "1", None)
    assert [(item["entity_name"], item["attainment"], item["weight"]) for item in card["parts"]] == [
        ("Aurora US", "1", "3"),
        ("Borealis US", "0.5", "1"),
    ]
    assert "min(max(attainment, 0), cap)" in body["formula"]
    cards = owner.get(QUERY + "&by=entity").get_json()["result"]
    assert [(item["subject_name"], item["score"]) for item in cards] == [("Aurora US", "1"), ("Borealis US", "0.5")]

    error_of(approver.post("targets/scorecards/close", OCTOBER), 403)
    assert admin.post("targets/scorecards/close", OCTOBER).get_json() == {"closed": 2}
    error_of(admin.post("targets/scorecards/close", OCTOBER), 409)
    clean.execute("update kpi.kpi_values set value = 1, numerator = 1 where kpi_id = 'gmv'")
    again = owner.get(QUERY).get_json()
    assert (again["result"][0]["score"], again["closed"]["closed_by"]) == ("0.875", "admin")
    # A closed card shows no more than the reader's scope.
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_in', 'account:borealis_us', false, false, 'test', now())",
    )
    [seen] = clients("owner_in").get(QUERY).get_json()["result"]
    assert (seen["score"], len(seen["parts"])) == ("0.5", 1)

    answer = owner.get(QUERY + "&format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(line["subject"], line["score"], line["entity_name"]) for line in lines] == [
        ("mei", "0.875", "Aurora US"),
        ("mei", "0.875", "Borealis US"),
    ]
    assert owner.get(QUERY + "&format=xlsx").status_code == 200
    error_of(owner.get(QUERY + "&format=pdf"), 400)
    error_of(owner.get(QUERY + "&by=moon"), 400)
    error_of(admin.post("targets/scorecards/close", {}), 400)
    error_of(admin.post("targets/scorecards/close", {**OCTOBER, "period_start": "2026-09-01"}), 409)
