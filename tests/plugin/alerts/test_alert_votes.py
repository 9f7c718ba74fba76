"""Votes: one a person and incident, counted in the inbox and as the precision of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.alerts.conftest import BOREALIS
from tests.plugin.conftest import error_of


@pytest.fixture
def firing(site: Any, admin: Any) -> int:
    """The id of an alert that fires."""
    site.plant_breach()
    site.rule()
    site.evaluate()
    return int(admin.get("alerts/?state=firing").get_json()["result"][0]["id"])


def votes_of(client: Any, alert_id: int) -> dict[str, Any]:
    found = client.get(f"alerts/{alert_id}").get_json()["result"]["votes"]
    listed = {row["id"]: row["votes"] for row in client.get("alerts/").get_json()["result"]}
    assert listed[alert_id] == found
    return dict(found)


def test_each_person_has_one_vote_and_may_take_it_back(owner: Any, approver: Any, firing: int) -> None:
    answer = owner.post(f"alerts/{firing}/vote", {"vote": "noise", "reason": " known sale "})
    mine = {"useful": 0, "noise": 1, "mine": "noise", "my_reason": "known sale"}
    assert answer.get_json()["result"]["votes"] == mine
    assert approver.post(f"alerts/{firing}/vote", {"vote": "useful"}).status_code == 200
    assert owner.post(f"alerts/{firing}/vote", {"vote": "useful"}).status_code == 200
    assert votes_of(owner, firing) == {"useful": 2, "noise": 0, "mine": "useful", "my_reason": None}
    assert owner.delete(f"alerts/{firing}/vote").status_code == 200
    assert owner.delete(f"alerts/{firing}/vote").status_code == 200
    assert votes_of(owner, firing) == {"useful": 1, "noise": 0, "mine": None, "my_reason": None}


def test_votes_speak_of_the_latest_incident_and_the_rule_keeps_all(site: Any, admin: Any, firing: int) -> None:
    admin.post(f"alerts/{firing}/vote", {"vote": "noise"})
    site.value("gmv", BOREALIS, "2026-11-01", "30000")
    site.evaluate(60)
    site.value("gmv", BOREALIS, "2026-11-01", "12000")
    site.evaluate(120)
    assert votes_of(admin, firing)["noise"] == 0
    admin.post(f"alerts/{firing}/vote", {"vote": "useful"})
    (rule,) = admin.get("alert_rules/").get_json()["result"]
    assert rule["votes"] == {"useful": 1, "noise": 1, "n": 2, "precision": "0.5"}


def test_the_noisiest_rules_come_first(site: Any, admin: Any, firing: int) -> None:
    site.rule(name="A rule without votes")
    admin.post(f"alerts/{firing}/vote", {"vote": "noise"})
    names = [rule["name"] for rule in admin.get("alert_rules/?order=noise").get_json()["result"]]
    assert names == ["GMV pace", "A rule without votes"]
    assert [rule["name"] for rule in admin.get("alert_rules/").get_json()["result"]] == names[::-1]
    quiet = admin.get("alert_rules/").get_json()["result"][0]["votes"]
    assert quiet == {"useful": 0, "noise": 0, "n": 0, "precision": None}
    error_of(admin.get("alert_rules/?order=loud"), 400)


def test_what_is_no_vote_is_refused(site: Any, admin: Any, viewer: Any, firing: int) -> None:
    error_of(admin.post(f"alerts/{firing}/vote", {"vote": "maybe"}), 422)
    error_of(admin.post(f"alerts/{firing}/vote", {"vote": "noise", "reason": "x" * 501}), 422)
    error_of(viewer.post(f"alerts/{firing}/vote", {"vote": "noise"}), 403)
    error_of(admin.post("alerts/999999/vote", {"vote": "noise"}), 404)
    fine = next(row["id"] for row in admin.get("alerts/?state=ok").get_json()["result"])
    error_of(admin.post(f"alerts/{fine}/vote", {"vote": "noise"}), 409)


def test_a_comment_joins_the_thread_in_any_state(admin: Any, firing: int) -> None:
    assert admin.post(f"alerts/{firing}/comment", {"comment": " on it "}).status_code == 200
    newest = admin.get(f"alerts/{firing}").get_json()["result"]["events"][0]
    assert (newest["event"], newest["comment"], newest["by"]) == ("commented", "on it", "admin")
    error_of(admin.post(f"alerts/{firing}/comment", {"comment": "  "}), 422)
