"""A business small enough to compute by hand; what each test expects of it is worked out beside the expectation.

The clock stands at noon of 2026-11-23 in Los Angeles: yesterday, the last whole day, is 2026-11-22.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.sql.raw_rows import Warehouse, ad_row, order_line, traffic_row

AS_OF = {"as_of": "2026-11-23 12:00:00-08"}
PRODUCTS = [
    {
        "sku": "A",
        "account_id": "aurora_us",
        "category": "audio",
        "owner_id": "e1",
        "team_id": None,
        "product_name": "Speaker",
    },
    # The staff list doesn't know e2; the product's own team counts.
    {
        "sku": "B",
        "account_id": "aurora_us",
        "category": "audio",
        "owner_id": "e2",
        "team_id": "south",
        "product_name": "Cable",
    },
    {"sku": "C", "account_id": None, "category": "home", "owner_id": "e1", "team_id": None, "product_name": "Lamp"},
]
COSTS = [
    {"sku": "A", "valid_from": "2025-01-01", "valid_to": None, "unit_cost": "4.00", "currency": "USD"},
    # B has no cost from the 10th on.
    {"sku": "B", "valid_from": "2025-01-01", "valid_to": "2026-11-10", "unit_cost": "2.00", "currency": "USD"},
]
STAFF = [{"employee_id": "e1", "employee_name": "Ada", "team_id": "north", "team_name": "North"}]


def fill(warehouse: Warehouse) -> None:
    warehouse.account("aurora_us")
    warehouse.account("brit_uk", "GBP", "Europe/London")
    snapshot = "2026-11-23"
    for stream, rows in (("products", PRODUCTS), ("unit_costs", COSTS), ("staff", STAFF)):
        warehouse.load(
            "erp", stream, "erp_main", [{"snapshot_date": snapshot, **row} for row in rows], (snapshot, snapshot)
        )
    _orders(warehouse)
    _traffic(warehouse)
    _ads(warehouse)


def _orders(warehouse: Warehouse) -> None:
    lines = [
        # October: one order of two SKUs, and one of 23:30 on the 31st in Los Angeles, which is November in UTC.
        order_line("O1", 1, "2026-10-15 20:00+00", "A", 2, "20.00", item_promotion_discount="-1.00"),
        order_line("O1", 2, "2026-10-15 20:00+00", "B", 1, "10.00"),
        order_line("O6", 1, "2026-11-01 06:30+00", "A", 1, "10.00"),
        # November.
        order_line("O2", 1, "2026-11-05 20:00+00", "B", 1, "10.00"),
        order_line("O3", 1, "2026-11-12 20:00+00", "B", 1, "10.00"),
        order_line("O4", 1, "2026-11-12 20:00+00", "D", 1, "5.00"),
        order_line("O5", 1, "2026-11-12 20:00+00", "C", 1, "50.00", order_status="Cancelled"),
        order_line("O7", 1, "2026-11-20 20:00+00", "A", 1, "10.00"),
        order_line("S1", 1, "2026-11-20 20:00+00", "A", 1, "99.00", sales_channel="Non-Amazon US"),
    ]
    # Last year's shape: one A a day from 2025-11-02 to 12-01, at 10.00, and at 30.00 from 11-23 on.
    for n in range(30):
        day = date(2025, 11, 2) + timedelta(days=n)
        price = "10.00" if day < date(2025, 11, 23) else "30.00"
        lines.append(order_line(f"L{n}", 1, f"{day} 20:00+00", "A", 1, price))
    warehouse.load("amazon_sp", "orders", "aurora_us", lines, ("2025-11-02", "2026-11-22"))
    # Nothing was given back, and that is known.
    warehouse.load("amazon_sp", "economics", "aurora_us", [], ("2025-11-02", "2026-11-22"))
    pounds = [order_line("P1", 1, "2026-11-10 12:00+00", "A", 1, "8.00", currency="GBP", sales_channel="Amazon.co.uk")]
    warehouse.load("amazon_sp", "orders", "brit_uk", pounds, ("2026-11-01", "2026-11-22"))


def _traffic(warehouse: Warehouse) -> None:
    rows = [
        traffic_row("date", "2026-11-05", None, 10, 20, "90", 2),
        traffic_row("asin", "2026-11-05", "A", 6, 12, "100", 1),
        traffic_row("asin", "2026-11-05", "B", 6, 10, "50", 1),
    ]
    warehouse.load("amazon_sp", "sales_and_traffic", "aurora_us", rows, ("2026-11-05", "2026-11-19"))


def _ads(warehouse: Warehouse) -> None:
    window = ("2026-11-01", "2026-11-22")
    groups = [
        ad_row("2026-11-05", "g1", "12.50", "50.00", 25, 1000),
        ad_row("2026-11-06", "g2", "5.00", "0", 0, 100),
        ad_row("2026-11-17", "g1", "0", "0", 0, 0),
    ]
    products = [
        ad_row("2026-11-05", "g1", "10.00", "50.00", 20, 900, "A"),
        ad_row("2026-11-06", "g2", "5.00", "0", 0, 100, "A"),
    ]
    warehouse.load("amazon_ads", "sp_campaigns", "aurora_us", groups, window)
    warehouse.load("amazon_ads", "sp_advertised_product", "aurora_us", products, window)
    # Two settlements that reach as far: one platform makes them every two weeks, of the other nobody knows.
    warehouse.stream("amazon_sp", "orders", settled_days=3)
    warehouse.stream("amazon_sp", "settlement", lag_days=18)
    for platform, stream in (("amazon_sp", "settlement"), ("walmart", "recon")):
        warehouse.load(platform, stream, "aurora_us", [], ("2026-10-26", "2026-11-08"))
    warehouse.load(
        "amazon_ads",
        "sp_campaigns",
        "aurora_us",
        [],
        window,
        state="failed",
        error="the login was refused",
        finished_at="2026-11-23 11:00:00+00",
    )


def set_targets(warehouse: Warehouse) -> None:
    """One target for every branch of kpi_status."""
    account, company = "account:aurora_us", "company"
    warehouse.target("gmv", account, "100", owner="e1", weight="0.5")
    warehouse.target("gmv", account, "40", "2026-10-01")
    warehouse.target("gmv", account, "40", "2026-12-01")
    warehouse.target("gmv", "sku:aurora_us/B", "27")
    warehouse.target("gmv", company, "100")
    warehouse.target("units", account, "6")
    warehouse.target("net_sales", account, "45", "2026-10-01", warn_limit="42", breach_limit="38.5")
    warehouse.target("acos", account, "0.30")
    warehouse.target("acos", company, "0.32")
    warehouse.target("acos", "campaign:aurora_us/c1", "0.30", tolerance="0.10")
    warehouse.target("acos", "ad_group:aurora_us/g1", "0.25")
    warehouse.target("acos", "ad_group:aurora_us/g2", "0.25")
    warehouse.target("ad_sales", account, "10", "2026-11-16", grain="week")
    warehouse.target("ad_cost", account, "10", "2026-11-16", grain="week")
    warehouse.target("tacos", "ad_group:aurora_us/g1", "0.25")


US = "account:aurora_us"
OCTOBER, NOVEMBER = "2026-10-01", "2026-11-01"
# (KPI, entity, grain, first day of the period, value or None for no value)
EXPECTED: list[tuple[str, str, str, str, str | None]] = [
    # O1 20 + 10, and O6 of the 31st at 23:30.
    ("gmv", US, "month", OCTOBER, "40.00"),
    ("gmv", "company", "month", OCTOBER, "40.00"),
    ("gmv", "sku:aurora_us/A", "month", OCTOBER, "30.00"),
    ("net_sales", US, "month", OCTOBER, "39.00"),
    ("units", US, "month", OCTOBER, "4"),
    # O1 holds A and B: one order of the account, one of each SKU.
    ("orders", US, "month", OCTOBER, "2"),
    ("orders", "category:aurora_us/audio", "month", OCTOBER, "2"),
    ("orders", "sku:aurora_us/A", "month", OCTOBER, "2"),
    ("orders", "sku:aurora_us/B", "month", OCTOBER, "1"),
    ("aov", US, "month", OCTOBER, "20"),
    # 39 less 3 A at 4 and 1 B at 2.
    ("gross_margin", US, "month", OCTOBER, "25.00"),
    ("gross_margin_rate", US, "month", OCTOBER, str(Decimal(25) / 39)),
    # November: 10 + 10 + 5 + 10; the cancelled order and the other shop's count nothing.
    ("gmv", US, "month", NOVEMBER, "35.00"),
    ("gmv", "sku:aurora_us/C", "month", NOVEMBER, "0"),
    ("gmv", "category:aurora_us/uncategorised", "month", NOVEMBER, "5.00"),
    ("gmv", "person:e2", "month", NOVEMBER, "20.00"),
    ("gmv", "team:south", "month", NOVEMBER, "20.00"),
    ("gmv", "team:north", "month", NOVEMBER, "10.00"),
    # B was sold on the 12th, when it had no cost; the SKU that nobody knows has none at all.
    ("gross_margin", "sku:aurora_us/B", "month", NOVEMBER, None),
    ("gross_margin", US, "month", NOVEMBER, None),
    ("gross_margin_rate", US, "month", NOVEMBER, None),
    ("gross_margin", "sku:aurora_us/A", "month", NOVEMBER, "6.00"),
    # The pound account keeps its currency; there is no rate to add it to the company.
    ("gmv", "account:brit_uk", "month", NOVEMBER, "8.00"),
    ("gmv", "company", "month", NOVEMBER, None),
    ("gmv", "platform:amazon", "month", NOVEMBER, None),
    ("aov", "company", "month", NOVEMBER, None),
    # 4 + 1, and the 22 of the calendar's world.
    ("units", "company", "month", NOVEMBER, "27"),
    # Amazon's own account day, not the sum of its SKUs (6 + 6).
    ("sessions", US, "month", NOVEMBER, "10"),
    ("sessions", "category:aurora_us/audio", "month", NOVEMBER, "12"),
    ("conversion_rate", US, "month", NOVEMBER, "0.2"),
    ("buy_box_share", US, "month", NOVEMBER, "0.9"),
    ("buy_box_share", "category:aurora_us/audio", "month", NOVEMBER, str(Decimal(17) / 22)),
    # Campaign report for ad groups and above, advertised products for SKUs.
    ("ad_cost", US, "month", NOVEMBER, "17.50"),
    ("ad_sales", US, "month", NOVEMBER, "50.00"),
    ("ad_cost", "sku:aurora_us/A", "month", NOVEMBER, "15.00"),
    ("acos", "ad_group:aurora_us/g1", "month", NOVEMBER, "0.25"),
    ("acos", "sku:aurora_us/A", "month", NOVEMBER, "0.3"),
    ("acos", US, "month", NOVEMBER, "0.35"),
    ("tacos", US, "month", NOVEMBER, "0.5"),
    ("roas", "ad_group:aurora_us/g1", "month", NOVEMBER, "4"),
    ("ctr", US, "month", NOVEMBER, str(Decimal(25) / 1100)),
    ("cpc", US, "month", NOVEMBER, "0.7"),
    # No sales, no clicks: no value, never 0.
    ("acos", "ad_group:aurora_us/g2", "month", NOVEMBER, None),
    ("cpc", "ad_group:aurora_us/g2", "month", NOVEMBER, None),
    ("roas", "ad_group:aurora_us/g2", "month", NOVEMBER, "0"),
    # Sold without ads: the input is missing.
    ("tacos", "sku:aurora_us/B", "month", NOVEMBER, None),
]
