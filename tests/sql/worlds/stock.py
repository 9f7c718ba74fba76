# ruff: noqa: E501 - tables of rows read better on one line
"""Stock, ranks and own warehouses, in accounts of their own, around the end of March 2026.

Costs: S1 4.00 until March 30th, 5.00 from the 31st on; S3 2.00; S4 70 yuan at 0.14 dollars = 9.80; S2 has none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sql.raw_rows import Row, Warehouse, order_line

ERP = "erp_stock"
MARCH, APRIL = "2026-03-01", "2026-04-01"
D30, D31, A1 = "2026-03-30", "2026-03-31", "2026-04-01"
US, SHOP, WALMART, TIKTOK = "account:stock_us", "account:stock_shop", "account:stock_wm", "account:stock_tt"


def fill(warehouse: Warehouse) -> None:
    warehouse.account("stock_us")
    warehouse.account("stock_us2")
    warehouse.account("stock_shop", platform="shopify")
    warehouse.account("stock_wm", platform="walmart")
    warehouse.account("stock_tt", platform="tiktok_shop")
    _erp(warehouse)
    _amazon(warehouse)
    _others(warehouse)


def _erp(warehouse: Warehouse) -> None:
    day = "2026-04-02"
    products = [
        {"sku": sku, "account_id": "stock_us", "asin": asin, "category": "stocked", "owner_id": owner}
        for sku, asin, owner in (("S1", "B01", "se1"), ("S3", "B01", "se1"), ("S4", "B04", "se2"))
    ]
    costs = [
        {"sku": "S1", "valid_from": "2026-01-01", "valid_to": D31, "unit_cost": "4.00", "currency": "USD"},
        {"sku": "S1", "valid_from": D31, "unit_cost": "5.00", "currency": "USD"},
        {"sku": "S3", "valid_from": "2026-01-01", "unit_cost": "2.00", "currency": "USD"},
        {"sku": "S4", "valid_from": "2026-01-01", "unit_cost": "70.00", "currency": "CNY"},
    ]
    staff = [{"employee_id": "se1", "employee_name": "Sol", "team_id": "stock_team", "team_name": "Stock"}]
    for stream, rows in (("products", products), ("unit_costs", costs), ("staff", staff)):
        for row in rows:  # a load's rows have the same columns
            warehouse.load("erp", stream, ERP, [{"snapshot_date": day, **row}], (day, day))
    rate = {"date": D30, "from_currency": "CNY", "to_currency": "USD", "rate": "0.14"}
    warehouse.load("erp", "fx_rates", ERP, [rate], (D30, D30))
    for snapshot, held in ((D31, [("sz", "S1", 100), ("la", "S1", 20), ("sz", "S3", 10)]), (day, [("sz", "S2", 4)])):
        rows = [
            {"snapshot_date": snapshot, "warehouse_id": where, "sku": sku, "on_hand": units}
            for where, sku, units in held
        ]
        warehouse.load("erp", "warehouse_stock", ERP, rows, (snapshot, snapshot))


def _planning(day: str, sku: str, available: int, ages: dict[str, int], **more: Any) -> Row:
    buckets = {f"inv_age_{name}_days": units for name, units in ages.items()}
    return {
        "snapshot_date": day, "sku": sku, "fnsku": f"X{sku}", "condition": "New", "available": available, "currency": "USD", **buckets, **more,
    }  # fmt: skip


def _amazon(warehouse: Warehouse) -> None:
    older = {"0_to_90": 4, "91_to_180": 3, "181_to_270": 1, "271_to_365": 1, "365_plus": 1}
    none = dict.fromkeys(older, 0)
    parts = {
        "0_to_30": 1,
        "31_to_60": 1,
        "61_to_90": 1,
        "91_to_180": 2,
        "181_to_330": 2,
        "331_to_365": 0,
        "366_to_455": 1,
        "456_plus": 0,
    }
    low = {"short_term_historical_days_of_supply": "20", "long_term_historical_days_of_supply": "25"}
    half_low = {"short_term_historical_days_of_supply": "10", "long_term_historical_days_of_supply": "40"}
    rows = [
        _planning(D30, "S1", 10, older, units_shipped_t30=15, units_shipped_t90=40, estimated_storage_cost_next_month="1.50", estimated_ais_181_210_days="0.30", inbound_quantity=5, estimated_excess_quantity=3, **low),
        _planning(D30, "S3", 0, none, units_shipped_t30=6, units_shipped_t90=20, **half_low),
        _planning(D30, "S4", 8, parts, units_shipped_t30=0, units_shipped_t90=0),
        # The 31st: S3 isn't listed any more; the inbound total isn't stated, its stages are.
        _planning(D31, "S1", 9, {**older, "0_to_90": 3}, units_shipped_t30=18, units_shipped_t90=42, estimated_storage_cost_next_month="1.20", estimated_ltsf_next_charge="0.80", inbound_working=1, inbound_shipped=2, inbound_received=0, estimated_excess_quantity=2, historical_days_of_supply="30"),
        # Two conditions of one SKU; what is missing between 181 and 270 days follows from the columns that split at 330.
        _planning(D31, "S4", 5, {**parts, "0_to_30": 0, "31_to_60": 0, "271_to_365": 1, "456_plus": 0, "91_to_180": 1}, units_shipped_t30=0, units_shipped_t90=0),
        _planning(D31, "S4", 3, {"0_to_30": 1, "31_to_60": 1, "61_to_90": 0, "91_to_180": 1, "181_to_330": 0, "331_to_365": 0, "366_to_455": 0, "456_plus": 0, "271_to_365": 0}, units_shipped_t30=0, units_shipped_t90=0, condition="Used"),
        _planning(A1, "S1", 0, {}, units_shipped_t30=12, units_shipped_t90=50),
    ]  # fmt: skip
    for row in rows:
        warehouse.load(
            "amazon_sp", "fba_stock_and_age", "stock_us", [row], (row["snapshot_date"], row["snapshot_date"])
        )
    other = _planning(D31, "S1", 10, {})
    warehouse.load("amazon_sp", "fba_stock_and_age", "stock_us2", [other], (D31, D31))
    lines = [
        order_line("ST1", 1, "2026-03-10 20:00+00", "S1", 2, "30.00"),
        order_line("ST2", 1, "2026-03-12 20:00+00", "S3", 3, "24.00"),
    ]
    warehouse.load("amazon_sp", "orders", "stock_us", lines, ("2026-03-01", "2026-04-30"))
    ranks = [
        (D30, "display_group", "toys", 100),
        (D30, "classification", "blocks", 10),
        (D30, "classification", "puzzles", 7),
        (D31, "display_group", "toys", 120),
        (A1, "classification", "blocks", 9),
    ]
    for day, kind, category, rank in ranks:
        row = {"snapshot_date": day, "asin": "B01", "rank_kind": kind, "category_id": category, "rank": rank}
        warehouse.load("amazon_sp", "rank", "stock_us", [row], (day, day))
    ledger = [
        # 10 + 5 - 6 + 1 = 10; and 10 - 2 + 3 in transit = 11, as a published sample writes it: without a sign.
        {
            "date": D30,
            "starting_balance": 10,
            "receipts": 5,
            "customer_shipments": -6,
            "customer_returns": 1,
            "in_transit": 2,
            "ending_balance": 10,
        },
        {
            "date": D31,
            "starting_balance": 10,
            "receipts": 0,
            "customer_shipments": 2,
            "customer_returns": 0,
            "in_transit": 3,
            "ending_balance": 11,
        },
    ]
    product = {"fnsku": "XS1", "asin": "B01", "msku": "S1", "disposition": "SELLABLE", "location": "US"}
    warehouse.load("amazon_sp", "fba_ledger_summary", "stock_us", [{**product, **row} for row in ledger], (D30, D31))


def _others(warehouse: Warehouse) -> None:
    levels = [
        {
            "inventory_item_id": 1,
            "sku": "S1",
            "location_name": "Main",
            "available": 5,
            "committed": 1,
            "incoming": 4,
            "is_tracked": True,
        },
        {
            "inventory_item_id": 1,
            "sku": "S1",
            "location_name": "Nord",
            "available": -2,
            "committed": 0,
            "incoming": 0,
            "is_tracked": True,
        },
        {
            "inventory_item_id": 2,
            "sku": "S2",
            "location_name": "Main",
            "available": 6,
            "committed": 0,
            "incoming": 0,
            "is_tracked": True,
        },
        {
            "inventory_item_id": 5,
            "sku": "S5",
            "location_name": "Main",
            "available": 100,
            "committed": 0,
            "incoming": 0,
            "is_tracked": False,
        },
        {
            "inventory_item_id": 6,
            "sku": "",
            "location_name": "Main",
            "available": 7,
            "committed": 0,
            "incoming": 0,
            "is_tracked": True,
        },
    ]
    warehouse.load(
        "shopify", "inventory_levels", "stock_shop", [{"snapshot_date": D31, **row} for row in levels], (D31, D31)
    )
    own = [
        {"snapshot_date": D30, "sku": "S1", "ship_node": "a", "available_quantity": 4, "reserved_quantity": 1},
        {"snapshot_date": D30, "sku": "S1", "ship_node": "b", "available_quantity": 0, "reserved_quantity": 0},
        {"snapshot_date": D30, "sku": "S3", "ship_node": "a", "available_quantity": 0, "reserved_quantity": 0},
    ]
    warehouse.load("walmart", "inventory", "stock_wm", own, (D30, D30))
    at_walmart = {
        "snapshot_date": D30,
        "sku": "S1",
        "ship_node_type": "WFS",
        "available_quantity": 10,
        "on_hand_quantity": 12,
    }
    warehouse.load("walmart", "wfs_inventory", "stock_wm", [at_walmart], (D30, D30))
    # On the 31st Walmart's own warehouses are missing: no snapshot of the account.
    warehouse.load(
        "walmart", "inventory", "stock_wm", [{**own[0], "snapshot_date": D31, "available_quantity": 5}], (D31, D31)
    )
    listings = [
        {"sku_id": "1", "warehouse_id": "w1", "seller_sku": "S1", "product_status": "ACTIVATE", "stock": 2},
        {"sku_id": "1", "warehouse_id": "w2", "seller_sku": "S1", "product_status": "ACTIVATE", "stock": 3},
        {"sku_id": "3", "warehouse_id": "w1", "seller_sku": "S3", "product_status": "SELLER_DEACTIVATED", "stock": 9},
        {"sku_id": "2", "warehouse_id": "w1", "seller_sku": "S2", "product_status": "DELETED", "stock": 5},
    ]
    warehouse.load(
        "tiktok_shop", "products", "stock_tt", [{"snapshot_date": D31, **row} for row in listings], (D31, D31)
    )


EXPECTED: list[tuple[str, str, str, str, str | None]] = [
    # The 31st: S1 9, S3 gone from the snapshot: 0, S4 5 + 3. April 1st: S1 0, the others gone.
    ("stock_units", US, "month", MARCH, "17"),
    ("stock_units", US, "day", D30, "18"),
    ("stock_units", US, "month", APRIL, "0"),
    ("stock_units", US, "quarter", "2026-01-01", "17"),
    ("stock_units", US, "year", "2026-01-01", "0"),
    ("stock_units", "sku:stock_us/S3", "month", MARCH, "0"),
    ("stock_units", "sku:stock_us/S4", "month", APRIL, "0"),
    ("stock_units", "category:stock_us/stocked", "month", MARCH, "17"),
    ("stock_units", "person:se1", "month", MARCH, "9"),
    ("stock_units", "team:stock_team", "month", MARCH, "9"),
    # Shopify: S1 5 - 2, S2 6, an item without a SKU 7; what isn't tracked is no stock.
    ("stock_units", SHOP, "month", MARCH, "16"),
    ("stock_units", "sku:stock_shop/S1", "month", MARCH, "3"),
    # Walmart: the 30th, 4 + 0 + 10; there is no whole snapshot of the 31st.
    ("stock_units", WALMART, "month", MARCH, "14"),
    ("stock_units", WALMART, "day", D31, None),
    # TikTok: 2 + 3; a listing that is switched off has nothing to sell.
    ("stock_units", TIKTOK, "month", MARCH, "5"),
    ("stock_units", "sku:stock_tt/S3", "month", MARCH, "0"),
    ("stock_units", "platform:walmart", "month", MARCH, "14"),
    # Each account's own last day: 17 + 10 + 16 + 14 + 5.
    ("stock_units", "company", "month", MARCH, "62"),
    # 9 x 5 + 8 x 9.80; on the 30th 10 x 4 + 8 x 9.80.
    ("stock_value", US, "month", MARCH, "123.4"),
    ("stock_value", US, "day", D30, "118.4"),
    ("stock_value", "sku:stock_us/S4", "month", MARCH, "78.4"),
    ("stock_value", "sku:stock_shop/S1", "month", MARCH, "15"),
    ("stock_value", SHOP, "month", MARCH, None),
    ("stock_value", "company", "month", MARCH, None),
    ("stock_value", WALMART, "month", MARCH, "56"),
    ("average_stock_value", US, "month", MARCH, "120.9"),
    ("average_stock_value", WALMART, "month", MARCH, "56"),
    # Each account by its own days: 120.9, and 10 x 5 of a single day.
    ("average_stock_value", "platform:amazon", "month", MARCH, "170.9"),
    ("average_stock_value", "person:se1", "month", MARCH, "42.5"),
    ("average_stock_value", "company", "month", MARCH, None),
    ("average_stock_value", SHOP, "month", MARCH, None),
    # Sold: 2 x 4 + 3 x 2 = 14; over the mean of 120.9. 31 days / that.
    ("inventory_turnover", US, "month", MARCH, str(Decimal("14") / Decimal("120.9"))),
    ("inventory_turnover", "sku:stock_us/S1", "month", MARCH, str(Decimal("8") / Decimal("42.5"))),
    ("inventory_turnover", "sku:stock_us/S4", "month", MARCH, "0"),
    ("inventory_turnover", US, "month", APRIL, None),
    ("days_inventory", "sku:stock_us/S4", "month", MARCH, None),
    ("days_inventory", US, "month", MARCH, str(Decimal("31") * Decimal("120.9") / Decimal("14"))),
    ("days_inventory", US, "quarter", "2026-01-01", str(Decimal("90") * Decimal("120.9") / Decimal("14"))),
    # (9 + 8) x 30 / (18 + 0); Shopify's pace isn't known.
    ("days_of_supply", US, "month", MARCH, str(Decimal("510") / Decimal("18"))),
    ("days_of_supply", "sku:stock_us/S4", "month", MARCH, None),
    ("days_of_supply", SHOP, "month", MARCH, None),
    # 42 / ((10 + 9) / 2 + 8).
    ("sell_through", US, "month", MARCH, str(Decimal("42") / Decimal("17.5"))),
    ("sell_through", "sku:stock_us/S1", "month", MARCH, str(Decimal("42") / Decimal("9.5"))),
    # S3 on the 30th, of 3 + 2 listed SKU-days; Walmart's S3 of 2.
    ("stock_out_days", US, "month", MARCH, "1"),
    ("stock_out_rate", US, "month", MARCH, "0.2"),
    ("stock_out_rate", US, "month", APRIL, "1"),
    ("stock_out_rate", WALMART, "month", MARCH, "0.5"),
    ("stock_out_rate", SHOP, "month", MARCH, "0"),
    ("stock_out_rate", TIKTOK, "month", MARCH, "0"),
    # S1 3, 3, 1, 1, 1; S4 1 + 2, 1 + 1, 2 - 1 + 0, 1 + 0, 1 + 0.
    ("stock_age_0_90", US, "month", MARCH, "6"),
    ("stock_age_91_180", US, "month", MARCH, "5"),
    ("stock_age_181_270", US, "month", MARCH, "2"),
    ("stock_age_271_365", US, "month", MARCH, "2"),
    ("stock_age_366_plus", US, "month", MARCH, "2"),
    # On the 30th S4's units between 181 and 365 days can't be told apart; all of them are aged.
    ("stock_age_181_270", US, "day", D30, "1"),
    ("stock_age_181_270", "sku:stock_us/S4", "day", D30, None),
    ("aged_stock_units_181", "sku:stock_us/S4", "day", D30, "3"),
    ("aged_stock_units_181", US, "month", MARCH, "6"),
    ("aged_stock_units_181", SHOP, "month", MARCH, None),
    ("aged_stock_share_181", US, "month", MARCH, str(Decimal("6") / Decimal("17"))),
    # 3 x 5 + 3 x 9.80.
    ("aged_stock_value", US, "month", MARCH, "44.4"),
    ("excess_units", US, "month", MARCH, "2"),
    # S4 shipped nothing in 90 days: its 8 less the 3 that are younger than 91 days.
    ("dead_stock_share", US, "month", MARCH, str(Decimal("5") / Decimal("17"))),
    ("inbound_units", US, "month", MARCH, "3"),
    ("inbound_units", US, "day", D30, "5"),
    ("inbound_units", SHOP, "month", MARCH, "4"),
    ("low_inventory_skus", US, "day", D30, "1"),
    ("low_inventory_skus", US, "month", MARCH, "0"),
    ("estimated_storage_cost", US, "month", MARCH, "1.20"),
    ("estimated_aged_surcharge", US, "month", MARCH, "0.80"),
    ("estimated_aged_surcharge", US, "day", D30, "0.30"),
    # 120 x 5 + 10 x 2; in April 4 of S2, which has no cost.
    ("warehouse_stock_units", "company", "month", MARCH, "130"),
    ("warehouse_stock_value", "company", "month", MARCH, "620"),
    ("warehouse_stock_units", "company", "month", APRIL, "4"),
    ("warehouse_stock_value", "company", "month", APRIL, None),
    # (100 + 120) / 2, of both SKUs of the product; best subcategory 7, without one on the 31st.
    ("bsr", "sku:stock_us/S1", "month", MARCH, "110"),
    ("bsr", "sku:stock_us/S3", "month", MARCH, "110"),
    ("bsr", "sku:stock_us/S1", "month", APRIL, None),
    ("subcategory_bsr", "sku:stock_us/S1", "month", MARCH, "7"),
    ("subcategory_bsr", "sku:stock_us/S1", "month", APRIL, "9"),
]
