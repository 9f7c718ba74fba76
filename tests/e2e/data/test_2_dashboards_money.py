"""Figures of Finance, Reconciliation and Team scorecard, as Superset answers them, against the simulated business."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from demo.http import JsonClient
from superset_kpi_plugin.assets.source import asset_uuid
from tests.e2e.truth import judged_since, truth

Ask = Callable[..., list[dict[str, Any]]]
#: Chart of the dashboard Finance, its metric, and the KPI of the company that it shows.
HEADLINES = [
    ("net_sales", "total_net_sales", "net_sales"),
    ("margin_before_ads", "total_margin_before_ads", "margin_before_ads"),
    ("ad_cost", "total_ad_cost", "ad_cost"),
    ("contribution", "total_contribution", "contribution_margin"),
    ("contribution_rate", "contribution_share", "contribution_margin_rate"),
    ("provisional_share", "provisional_share", "provisional_fee_share"),
]
#: Line of the waterfall, the KPI behind it, and its sign.
LINES = [
    ("01 GMV", "gmv", 1),
    ("02 Discounts", "discounts", -1),
    ("03 Refunds", "refunds", -1),
    ("04 Referral fees", "referral_fees", -1),
    ("05 Fulfilment fees", "fulfilment_fees", -1),
    ("06 Storage fees", "storage_fees", -1),
    ("11 Cost of goods", "cogs", -1),
    ("12 Freight", "freight_cost", -1),
    ("13 Tariff", "tariff_cost", -1),
    ("14 Ads", "ad_cost", -1),
]


@pytest.fixture(scope="module")
def month(sandbox: JsonClient) -> str:
    """The latest month whose margin can be judged: the day that its first settlement is known from on is in it."""
    first = judged_since(sandbox)["contribution_margin"]
    months = {row["period_start"] for row in truth(sandbox) if row["kpi_id"] == "contribution_margin"}
    return max(months, key=lambda start: (start >= first, start))


@pytest.fixture(scope="module")
def true(sandbox: JsonClient, month: str) -> dict[tuple[str, str], Decimal]:
    """The true values of the month by KPI and entity."""
    return {
        (row["kpi_id"], row["entity_id"]): Decimal(row["value"])
        for row in truth(sandbox)
        if row["period_start"] == month and row["value"] is not None
    }


@pytest.fixture(scope="module")
def ask(superset: Callable[[str], JsonClient], month: str) -> Ask:
    """The rows of a chart's own query for the month, as a KPI Viewer gets them."""
    viewer = superset("viewer")

    def rows(key: str, by: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        found = viewer.call("GET", f"/api/v1/chart/{asset_uuid(f'chart/{key}')}")["result"]
        context = json.loads(found["query_context"])
        for query in context["queries"]:
            query["row_limit"] = 10_000
            query["filters"] += [{"col": name, "op": "==", "val": value} for name, value in filters.items()]
            if by:
                query["filters"].append({"col": by, "op": "==", "val": month[:7]})
        (result,) = viewer.call("POST", "/api/v1/chart/data", context)["result"]
        return list(result["data"])

    return rows


def is_same(shown: Any, value: Decimal) -> bool:
    # Superset hands figures out as floating point, so a cent of a sum may hide in the last digits.
    return shown is not None and abs(Decimal(str(shown)) - value) <= max(Decimal("0.005"), abs(value) * Decimal("1e-9"))


@pytest.mark.parametrize(("chart", "metric", "kpi_id"), HEADLINES)
def test_a_headline_of_finance_is_the_true_figure(chart: str, metric: str, kpi_id: str, ask: Ask, true: Any) -> None:
    ((row),) = ask(f"kpi_finance/{chart}", by="month")
    value = true[kpi_id, "company"]
    tolerance = Decimal("1e-9") if kpi_id.endswith(("rate", "share")) else Decimal("0.005")
    assert abs(Decimal(str(row[metric])) - value) <= tolerance, (row, value)


def test_every_line_of_the_waterfall_is_the_true_figure(ask: Ask, true: Any) -> None:
    shown = {row["line"]: row["margin_amount"] for row in ask("kpi_finance/waterfall", by="month")}
    wrong = [
        (line, shown[line], sign * true[kpi_id, "company"])
        for line, kpi_id, sign in LINES
        if not is_same(shown[line], sign * true[kpi_id, "company"])
    ]
    assert wrong == []
    total = sum(Decimal(str(amount)) for amount in shown.values())
    assert abs(total - true["contribution_margin", "company"]) < Decimal("0.01")


def test_every_account_has_its_true_margin(ask: Ask, true: Any, superset: Any) -> None:
    rows = ask("kpi_finance/accounts", by="month")
    names = {row["account_name"] for row in rows}
    accounts = [entity for kpi_id, entity in true if kpi_id == "contribution_margin" and entity.startswith("account:")]
    assert len(names) == len(rows) == len(accounts)
    shown = sorted(round(Decimal(str(row["contribution_margin"])), 2) for row in rows)
    assert shown == sorted(round(true["contribution_margin", account], 2) for account in accounts)


def test_deposits_add_up_to_the_true_ones(ask: Ask, true: Any) -> None:
    by_currency: dict[str, Decimal] = {}
    for row in ask("kpi_finance/settlements", by="month"):
        by_currency[row["currency"]] = by_currency.get(row["currency"], Decimal(0)) + Decimal(str(row["deposited"]))
    assert set(by_currency) == {"USD"}
    assert is_same(by_currency["USD"], true["settlement_deposits", "company"])


def test_the_items_that_differ_are_the_planted_ones(ask: Ask, sandbox: JsonClient) -> None:
    planted = sandbox.call("GET", "/sandbox/truth/erp_differences")
    rows = ask("kpi_reconciliation/items")
    assert len(rows) == len(planted)
    assert all(row["account_name"] and row["difference"] for row in rows)
    ((counted),) = ask("kpi_reconciliation/items_different")
    assert counted["items_different"] == len(planted)


def test_what_a_person_reached_is_the_true_figure(ask: Ask, sandbox: JsonClient) -> None:
    targets = {
        row["entity_id"]: row
        for row in sandbox.call("GET", "/sandbox/truth/targets")
        if row["kpi_id"] == "gmv" and row["entity_id"].startswith("person:") and row["grain"] == "month"
    }
    assert targets
    latest = max(row["period_start"] for row in targets.values())
    made = {
        row["entity_id"]: Decimal(row["value"])
        for row in truth(sandbox)
        if row["kpi_id"] == "gmv" and row["entity_kind"] == "person" and row["period_start"] == latest
    }
    rows = ask("kpi_team/targets_list", month=latest[:7], entity_kind="person", kpi_id="gmv")
    shown = sorted(round(Decimal(str(row["display_value"])), 2) for row in rows)
    assert shown == sorted(round(made[person], 2) for person in targets)
