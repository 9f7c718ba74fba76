# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""Stock looks back: what a late snapshot, an ASIN or a cost changes on later days is computed again, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sql.dbt_project import run_dbt
from tests.sql.raw_rows import Warehouse
from tests.sql.worlds.core import AS_OF
from tests.sql.worlds.stock import D30, D31, ERP, fill

RELATIONS = (
    "marts.fct_inventory",
    "marts.fct_ranks",
    "marts.fct_warehouse_stock",
    "marts.measures_stock",
    "marts.measures_ranks",
    "marts.measures_warehouse",
    "marts.stock_position",
    "marts.stock_value_days",
    "marts.kpi_average_stock_value",
    "marts.kpi_days_inventory",
)
#: What the loads after the first build are of, and all that it is made of.
CHANGED = ("--select", *(f"+{name.partition('.')[2]}" for name in RELATIONS))


@pytest.fixture
def empty(module_database: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(module_database)
    warehouse.create_raw_tables()
    yield warehouse
    warehouse.close()


def _build(warehouse: Warehouse, *options: str) -> None:
    """A build without its tests, of the whole project if no options say otherwise."""
    run_dbt(
        warehouse.uri,
        "build",
        *options,
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        variables=AS_OF,
    )


def _contents(warehouse: Warehouse) -> dict[str, list[Any]]:
    return {name: sorted(row[0] for row in warehouse.query(f"select t::text from {name} as t")) for name in RELATIONS}


def test_late_snapshots_products_and_costs_reach_later_days(empty: Warehouse) -> None:
    fill(empty)
    _build(empty)
    before = _contents(empty)
    assert before["marts.fct_inventory"]

    # A snapshot of a day before all others, with a SKU that no later one has: zero there, and in the means.
    day = "2026-03-20"
    late = {"snapshot_date": day, "fnsku": "X", "condition": "New", "currency": "USD", "units_shipped_t90": 1}
    rows = [{**late, "sku": "S1", "available": 31}, {**late, "sku": "S9", "available": 3}]
    empty.load("amazon_sp", "fba_stock_and_age", "stock_us", rows, (day, day))
    # Walmart's own warehouses of the 31st come in at last.
    wfs = {
        "snapshot_date": D31,
        "sku": "S1",
        "ship_node_type": "WFS",
        "available_quantity": 7,
        "on_hand_quantity": 7,
    }
    empty.load("walmart", "wfs_inventory", "stock_wm", [wfs], (D31, D31))
    # The ERP learns of a product's second SKU, and of another price from the 31st on.
    news = "2026-04-03"
    products = [
        {
            "snapshot_date": news,
            "sku": sku,
            "account_id": "stock_us",
            "asin": asin,
            "category": "stocked",
            "owner_id": "se1",
        }
        for sku, asin in (("S1", "B01"), ("S3", None), ("S4", "B04"), ("S7", "B01"))
    ]
    empty.load("erp", "products", ERP, products, (news, news))
    costs = [
        {
            "snapshot_date": news,
            "sku": "S1",
            "valid_from": "2026-01-01",
            "valid_to": D31,
            "unit_cost": "4.00",
            "currency": "USD",
        },
        {
            "snapshot_date": news,
            "sku": "S1",
            "valid_from": D31,
            "valid_to": None,
            "unit_cost": "6.00",
            "currency": "USD",
        },
    ]
    empty.load("erp", "unit_costs", ERP, costs, (news, news))
    _build(empty, *CHANGED)
    incremental = _contents(empty)
    us = "account:stock_us"
    assert empty.value("stock_units", "sku:stock_us/S9", D31, "day") == 0
    # (31 + 10 + 9) / 3.
    mean = "select round(average_units_90, 6)::text from marts.fct_inventory where sku_key = 'sku:stock_us/S1' and date_day = %s"
    assert empty.one(mean, D31) == "16.666667"
    assert empty.value("stock_units", "account:stock_wm", D31, "day") == 12
    assert empty.value("bsr", "sku:stock_us/S7", "2026-03-01") == 110
    assert empty.value("bsr", "sku:stock_us/S3", "2026-03-01") is None
    # 9 x 6; S4 has no cost any more. On the 30th 10 x 4.
    assert empty.value("stock_value", "sku:stock_us/S1", "2026-03-01") == 54
    assert empty.value("stock_value", us, "2026-03-01") is None
    assert empty.value("stock_value", "sku:stock_us/S1", D30, "day") == 40

    _build(empty, *CHANGED, "--full-refresh")
    assert _contents(empty) == incremental
