"""The rule packs over the quiet months of the simulated business: what fires there, and whether anything was wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest
import yaml

from demo.http import JsonClient

PACKS = Path(__file__).parents[3] / "superset_kpi_plugin" / "alerts" / "packs"
RULES = "/api/v1/kpi/alert_rules/"


def pack(name: str) -> list[dict]:
    return yaml.safe_load((PACKS / f"{name}.yaml").read_text(encoding="utf-8"))["rules"]


@pytest.fixture(scope="module")
def quiet(superset: Callable, sandbox: JsonClient) -> dict[str, dict]:
    """What each of the packs' rules would have done over all the months before the planted troubles, by its name.

    The demo's stock and health rates have no history, and its targets begin with the troubles.
    """
    health = sandbox.call("GET", "/sandbox/health")
    last_day = date.fromisoformat(health["last_day"])
    until = (last_day.replace(day=1) - timedelta(days=32)).replace(day=14)
    span = {"from": health["first_day"], "to": str(until)}
    admin = superset("admin")
    rules = [rule for file in sorted(PACKS.glob("*.yaml")) for rule in pack(file.stem)]
    found = {rule["name"]: (rule, admin.call("POST", f"{RULES}backtest", {"rule": rule, **span})) for rule in rules}
    return {name: {"rule": rule, **answer["result"]} for name, (rule, answer) in found.items()}


def usual_values(sandbox: JsonClient, kpi_id: str) -> dict[str, float]:
    """Account -> what the KPI is in its middle month, by the simulation's own books."""
    months: dict[str, list[float]] = {}
    for row in sandbox.call("GET", f"/sandbox/truth/values?kpi_id={kpi_id}&entity_kind=account", seconds=600):
        if row["value"] is not None:
            months.setdefault(row["entity_id"], []).append(float(row["value"]))
    return {entity_id: median(values) for entity_id, values in months.items()}


def is_beyond(usual: float | None, firing: dict) -> bool:
    """Whether the usual value lies on the same side of the firing's limit as the value that made it fire."""
    limit = float(firing["limit"])
    return usual is not None and (usual - limit) * (float(firing["value"]) - limit) > 0


def test_a_quiet_span_fires_nothing_false_above_one_in_a_thousand_days(
    quiet: dict[str, dict],
    sandbox: JsonClient,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture,
) -> None:
    """A firing is true where the entity's usual month lies beyond the limit by the simulation's books, else false.

    Of all instance-days even the true ones are fewer than one in a thousand.
    """
    every_day = sum(found["entity_days"] for found in quiet.values() if found["can_replay"])
    every_firing = sum(found["fired"] for found in quiet.values() if found["can_replay"])
    raw = f"{every_firing} in {every_day} instance-days, {1000 * every_firing / every_day:.2f} per 1,000, true ones too"
    record_property("firings_in_a_quiet_span", raw)
    assert 1000 * every_firing / every_day < 1, raw
    lines = [f"firings in a quiet span: {raw}"]
    for kind in ("account", "sku"):  # so that many quiet products don't outweigh a noisy account
        replayed = {
            name: found for name, found in quiet.items() if found["can_replay"] and found["rule"]["entity_kind"] == kind
        }
        days = sum(found["entity_days"] for found in replayed.values())
        assert days > 1000
        false = false_firings(replayed, sandbox)
        fired = {name: found["fired"] for name, found in replayed.items() if found["fired"]}
        told = f"{sum(fired.values())} in {days} instance-days: {fired}"
        record_property(f"firings_of_{kind}s_in_a_quiet_span", told)
        record_property(f"false_firings_of_{kind}s_per_1000_instance_days", f"{1000 * len(false) / days:.2f}: {false}")
        lines.append(f"false of {kind}s: {1000 * len(false) / days:.2f} per 1,000 of {days} instance-days")
        assert 1000 * len(false) / days < 1, false
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201


def false_firings(replayed: dict[str, dict], sandbox: JsonClient) -> list[tuple[str, str, str]]:
    """(rule, entity, day) of what fired although nothing was wrong."""
    false = []
    for name, found in replayed.items():
        is_steady = found["rule"]["condition"] in ("limit", "standard")  # of a trend nothing is planted
        usual = usual_values(sandbox, found["rule"]["kpi_id"]) if is_steady and found["firings"] else {}
        false += [
            (name, one["entity_id"], one["fired_on"])
            for one in found["firings"]
            if not is_beyond(usual.get(one["entity_id"]), one)
        ]
    return false


def test_what_is_near_its_limit_all_the_time_is_told_and_told_once(quiet: dict[str, dict], sandbox: JsonClient) -> None:
    """The desk answers one message in eleven too late: near Amazon's limit on every account, far from Walmart's."""
    usual, contacts = (usual_values(sandbox, kpi_id) for kpi_id in ("first_response_p90", "contacts"))
    response = quiet["Response time near the platform's limit"]
    assert {one["limit"] for one in response["firings"]} == {"16.8"}
    amazon = {"account:aurora_us", "account:harbor_us", "account:cascade_us"}
    assert {entity_id for entity_id in amazon if usual[entity_id] > 16.8 and contacts[entity_id] >= 30} == amazon
    assert {one["entity_id"] for one in response["by_entity"]} == amazon
    assert response["fired"] <= len(amazon) + 1, "one that fires stays until it is better by the rule's hysteresis"


def test_rules_on_targets_and_ads_fire_nothing_in_a_quiet_span(quiet: dict[str, dict]) -> None:
    names = [rule["name"] for rule in (*pack("ad_waste"), *pack("margin"), *pack("account_health"))]
    assert {name: quiet[name]["fired"] for name in names if quiet[name]["fired"]} == {}
