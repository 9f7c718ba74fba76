"""Sales and traffic, Advertising, Inventory, Fulfilment and account health, Customer service: every chart answers, and
what they show is the simulated business's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from demo.http import JsonClient
from superset_kpi_plugin.assets.source import load
from tests.e2e.truth import truth

BOARDS = ("kpi_sales", "kpi_ads", "kpi_inventory", "kpi_health", "kpi_service")
SOURCE = load()
CHARTS = [key for key in SOURCE.charts if key.split("/")[0] in BOARDS]
#: Lists of what is wrong now: empty where nothing is.
MAY_BE_EMPTY = ("kpi_inventory/clear", "kpi_inventory/reorder")
#: Chart, and the KPI of the company that is its headline; the metric has the KPI's name.
HEADLINES = [
    ("kpi_sales/gmv", "gmv"),
    ("kpi_sales/net_sales", "net_sales"),
    ("kpi_sales/orders", "orders"),
    ("kpi_sales/units", "units"),
    ("kpi_sales/aov", "aov"),
    ("kpi_sales/sessions", "sessions"),
    ("kpi_sales/conversion", "conversion_rate"),
    ("kpi_sales/buy_box", "buy_box_share"),
    ("kpi_sales/refund_rate", "refund_rate"),
    ("kpi_ads/ad_cost", "ad_cost"),
    ("kpi_ads/ad_sales", "ad_sales"),
    ("kpi_ads/acos", "acos"),
    ("kpi_ads/tacos", "tacos"),
    ("kpi_inventory/value", "stock_value"),
    ("kpi_inventory/aged_value", "aged_stock_value"),
    ("kpi_service/contacts", "contacts"),
    ("kpi_service/csat", "csat"),
    ("kpi_service/in_24h", "response_24h_rate"),
    ("kpi_service/response_p50", "first_response_p50"),
    ("kpi_service/response_p90", "first_response_p90"),
    ("kpi_service/rating", "seller_rating"),
]
#: Table by account, and the KPIs that are its columns.
BY_ACCOUNT = [
    ("kpi_sales/accounts", ("gmv", "net_sales", "refund_rate")),
    ("kpi_ads/accounts", ("ad_cost",)),
    ("kpi_service/accounts", ("contacts",)),
]


@pytest.fixture(scope="module")
def true(sandbox: JsonClient) -> dict[tuple[str, str, str], Decimal]:
    """True monthly values by KPI, entity and month."""
    return {
        (row["kpi_id"], row["entity_id"], row["period_start"][:7]): Decimal(row["value"])
        for row in truth(sandbox)
        if row["value"] is not None
    }


@pytest.fixture(scope="module")
def ask(superset: Callable[[str], JsonClient]) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a chart's own query, as a KPI Viewer gets them; ``month`` is the dashboard's filter."""
    viewer = superset("viewer")

    def rows(key: str, month: str) -> list[dict[str, Any]]:
        found = viewer.call("GET", f"/api/v1/chart/{SOURCE.charts[key]['uuid']}")["result"]
        context = json.loads(found["query_context"])
        for query in context["queries"]:
            if has_month_filter(key):
                query["filters"].append({"col": "month", "op": "==", "val": month})
        data: list[dict[str, Any]] = []
        for result in viewer.call("POST", "/api/v1/chart/data", context)["result"]:
            assert not result.get("error"), (key, result["error"])
            data += result["data"]
        return data

    return rows


def has_month_filter(key: str) -> bool:
    """Whether the dashboard's filter Month applies: it is in scope, and the dataset has the column."""
    chart = SOURCE.charts[key]
    (dataset,) = [each for each in SOURCE.datasets.values() if each["uuid"] == chart["dataset_uuid"]]
    filters = SOURCE.dashboards[key.split("/", maxsplit=1)[0]].config["metadata"]["native_filter_configuration"]
    excluded = {uuid for each in filters if each["name"] == "Month" for uuid in each["scope"]["excluded"]}
    return "month" in {column["column_name"] for column in dataset["columns"]} and chart["uuid"] not in excluded


def latest(true: dict[tuple[str, str, str], Decimal], kpi_id: str) -> str:
    """The latest month in which the company has the figure."""
    return max(month for name, entity, month in true if name == kpi_id and entity == "company")


def is_same(shown: Any, value: Decimal) -> bool:
    # Superset hands figures out as floating point, so the last digits of a sum may differ.
    return shown is not None and abs(Decimal(str(shown)) - value) <= abs(value) * Decimal("1e-9")


@pytest.mark.parametrize("key", CHARTS)
def test_every_chart_answers_with_rows(key: str, ask: Any, true: Any) -> None:
    rows = ask(key, latest(true, "gmv"))
    if key in MAY_BE_EMPTY:
        return
    assert rows
    assert any(value is not None for row in rows for value in row.values())


@pytest.mark.parametrize(("key", "kpi_id"), HEADLINES)
def test_a_headline_is_the_true_figure(key: str, kpi_id: str, ask: Any, true: Any) -> None:
    month = latest(true, kpi_id)
    (row,) = ask(key, month)
    assert is_same(row[kpi_id], true[kpi_id, "company", month]), (row, true[kpi_id, "company", month])


@pytest.mark.parametrize(("key", "kpi_ids"), BY_ACCOUNT)
def test_a_table_by_account_has_the_true_figures(key: str, kpi_ids: tuple[str, ...], ask: Any, true: Any) -> None:
    month = latest(true, kpi_ids[0])
    rows = ask(key, month)
    for kpi_id in kpi_ids:
        shown = sorted(Decimal(str(row[kpi_id])) for row in rows if row[kpi_id] is not None)
        values = sorted(
            value
            for (name, entity, of), value in true.items()
            if name == kpi_id and of == month and entity.startswith("account:")
        )
        assert values
        assert len(shown) == len(values), (kpi_id, shown, values)
        assert all(is_same(*pair) for pair in zip(shown, values, strict=True)), (kpi_id, shown, values)
