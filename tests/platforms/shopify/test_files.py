"""What a person exports from Shopify's admin: orders, products, inventory, sessions. Figures are worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import WrongDocument
from airflow_dags.ingest import load_file
from airflow_dags.platforms.shopify.cells import export_instant, split
from airflow_dags.uploads.recognise import candidates, the_one
from tests.pipeline.conftest import Warehouse

ORDERS = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,\
Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,\
Billing Name,Shipping Name,Shipping City,Cancelled at,Refunded Amount,Vendor,Id,Source,Lineitem discount
#1001,jane@example.com,paid,2026-11-01 00:30:05 -0400,fulfilled,2026-11-02 09:00:00 -0500,no,USD,90.00,5.99,6.30,\
102.29,SAVE10,10.00,Standard,2026-11-01 00:30:00 -0400,2,"Lamp, Blue",30.00,,LAMP-1,true,true,fulfilled,\
Jane Doe,Jane Doe,Boston,,0.00,Auréa,5551001,web,0.00
#1001,jane@example.com,,,,,,,,,,,,,,2026-11-01 00:30:00 -0400,1,Mug,40.00,,MUG-1,true,true,fulfilled,,,,,,Auréa,,,0.00
#1002,joe@example.com,voided,,unfulfilled,,no,USD,20.00,0.00,1.40,21.40,,0.00,,2026-11-01 02:30:00 -0500,\
1,Spoon,20.00,,SPOON-1,true,true,pending,Joe Roe,Joe Roe,Miami,2026-11-01 03:00:00 -0500,0.00,Auréa,5551002,web,0.00
"""
PRODUCTS = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,\
Variant Price,Variant Compare At Price,Image Src,Cost per item,Status
lamp,Lamp,<p>Light</p>,Auréa,Lighting,new,true,Color,Blue,Size,L,LAMP-1,30.00,35.00,https://example.com/1.jpg,11.20,active
lamp,,,,,,,,Red,,L,LAMP-2,31.00,,https://example.com/2.jpg,,
lamp,,,,,,,,,,,,,,https://example.com/3.jpg,,
mug,Mug,,Auréa,Kitchen,,true,Title,Default Title,,,MUG-1,40.00,,,15.00,draft
"""
INVENTORY = """\
Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,SKU,HS Code,COO,Location,\
Bin name,Incoming (not editable),Unavailable (not editable),Committed (not editable),Available (not editable),\
On hand (current),On hand (new)
lamp,Lamp,Color,Blue,,,,,LAMP-1,,,Main warehouse,,5,0,2,10,12,
lamp,Lamp,Color,Blue,,,,,LAMP-1,,,Dépôt Nord,,not stocked,not stocked,not stocked,not stocked,not stocked,
mug,Mug,Title,Default Title,,,,,MUG-1,,,Main warehouse,,0,0,0,0,0,
"""
SESSIONS = "Day,Online store visitors,Sessions\n2026-11-01,80,100\n2026-11-02,90,120\n"


def load(warehouse: Warehouse, stream: str, text: str, window: Window | None = None) -> Any:
    job = warehouse.job("shopify", stream, "aurora_shop", time_zone="America/New_York", currency="USD")
    return load_file(job, Document("export.csv", text.encode()), window)


class TestOrders:
    def test_an_export_is_loaded_by_line_with_the_orders_own_cells_on_each(self, warehouse: Warehouse) -> None:
        assert load(warehouse, "orders", ORDERS).rows_loaded == 3
        rows = warehouse.rows("select * from raw.shopify__orders order by order_id, line_number")
        assert [(r["order_id"], r["line_number"], r["sku"], r["quantity"]) for r in rows] == [
            (5551001, 1, "LAMP-1", 2),
            (5551001, 2, "MUG-1", 1),
            (5551002, 1, "SPOON-1", 1),
        ]
        assert [r["gross_amount"] for r in rows] == [Decimal("60.00"), Decimal("40.00"), Decimal("20.00")]
        # 10.00 of the order over 60.00 and 40.00.
        assert [r["discount_amount"] for r in rows] == [Decimal("6.00"), Decimal("4.00"), Decimal("0.00")]
        assert [r["order_shipping_amount"] for r in rows] == [Decimal("5.99"), None, Decimal("0.00")]
        assert {r["currency"] for r in rows} == {"USD"}
        assert [r["cancelled_at"] is None for r in rows] == [True, True, False]
        # Before and after the clock change of that morning.
        assert [r["created_at"].isoformat() for r in rows[1:]] == [
            "2026-11-01T04:30:00+00:00",
            "2026-11-01T07:30:00+00:00",
        ]
        # What stands for the last update: shipped, cancelled.
        assert [r["updated_at"].isoformat() for r in rows[1:]] == [
            "2026-11-02T14:00:00+00:00",
            "2026-11-01T08:00:00+00:00",
        ]

    def test_nothing_of_the_buyer_is_stored_and_no_column_is_unknown(self, warehouse: Warehouse) -> None:
        load(warehouse, "orders", ORDERS)
        stored = str(warehouse.table("shopify__orders"))
        assert [name for name in ("jane", "Jane", "Boston", "Joe") if name in stored] == []
        assert warehouse.ledger()[0]["unknown_columns"] in (None, [])

    def test_what_the_api_knows_better_stays(self, warehouse: Warehouse) -> None:
        """The same order from the API, updated a day later than anything that the export dates."""
        lines = [
            '{"id":"gid://shopify/Order/5551001","name":"#1001","createdAt":"2026-11-01T04:30:00Z",'
            '"updatedAt":"2026-11-03T00:00:00Z","displayFinancialStatus":"PARTIALLY_REFUNDED","currencyCode":"USD"}',
            '{"id":"gid://shopify/LineItem/1","sku":"LAMP-1","quantity":2,"originalTotalSet":{"shopMoney":'
            '{"amount":"60.0"}},"__parentId":"gid://shopify/Order/5551001"}',
        ]
        load(warehouse, "orders", "\n".join(lines))
        load(warehouse, "orders", ORDERS)
        rows = warehouse.rows("select financial_status from raw.shopify__orders where order_id = 5551001")
        assert [row["financial_status"] for row in rows] == ["PARTIALLY_REFUNDED"]
        assert warehouse.value("select count(*) from raw.shopify__orders") == 2

    def test_an_amount_that_is_none_sets_its_order_aside(self, warehouse: Warehouse) -> None:
        result = load(warehouse, "orders", ORDERS.replace(",Mug,40.00", ",Mug,forty"))
        assert (result.rows_loaded, result.rows_quarantined) == (1, 2)

    def test_another_table_is_refused(self, warehouse: Warehouse) -> None:
        with pytest.raises(WrongDocument, match=r"order_id.*currency"):
            load(warehouse, "orders", "Name,Total\n#1,2.00\n")


DAY = Window(date(2026, 11, 2), date(2026, 11, 2))


def test_products_are_variants_and_rows_of_pictures_are_left_out(warehouse: Warehouse) -> None:
    load(warehouse, "products", PRODUCTS, DAY)
    rows = warehouse.rows("select * from raw.shopify__products order by sku")
    assert [
        (r["sku"], r["variant_title"], r["price"], r["unit_cost"], r["product_title"], r["status"]) for r in rows
    ] == [
        ("LAMP-1", "Blue / L", Decimal("30.00"), Decimal("11.20"), "Lamp", "active"),
        ("LAMP-2", "Red / L", Decimal("31.00"), None, "Lamp", "active"),
        ("MUG-1", "Default Title", Decimal("40.00"), Decimal("15.00"), "Mug", "draft"),
    ]
    assert {str(r["snapshot_date"]) for r in rows} == {"2026-11-02"}


def test_inventory_that_a_location_does_not_stock_is_no_zero(warehouse: Warehouse) -> None:
    load(warehouse, "inventory_levels", INVENTORY, DAY)
    rows = warehouse.rows("select * from raw.shopify__inventory_levels order by sku")
    assert [
        (r["sku"], r["location_name"], r["available"], r["on_hand"], r["committed"], r["incoming"]) for r in rows
    ] == [("LAMP-1", "Main warehouse", 10, 12, 2, 5), ("MUG-1", "Main warehouse", 0, 0, 0, 0)]


def test_sessions_by_day_come_from_the_report_as_well(warehouse: Warehouse) -> None:
    load(warehouse, "sessions", SESSIONS)
    rows = warehouse.rows("select day, sessions, visitors from raw.shopify__sessions order by day")
    assert [(str(r["day"]), r["sessions"], r["visitors"]) for r in rows] == [
        ("2026-11-01", 100, 80),
        ("2026-11-02", 120, 90),
    ]


@pytest.mark.parametrize(
    ("text", "stream"),
    [(ORDERS, "orders"), (PRODUCTS, "products"), (INVENTORY, "inventory_levels"), (SESSIONS, "sessions")],
)
def test_exports_are_recognised_by_their_columns(text: str, stream: str) -> None:
    document = Document("export.csv", text.encode())
    found = the_one(document, candidates(document))
    assert (found.platform, found.stream) == ("shopify", stream)


def test_parts_of_a_discount_add_up_to_it() -> None:
    parts = split(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)])
    assert parts == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert split(Decimal("10.00"), [Decimal(0), Decimal(0)]) == [Decimal("10.00"), Decimal(0)]


def test_instants_of_exports() -> None:
    assert export_instant("2026-11-01 01:15:00 -0400") == "2026-11-01T05:15:00+00:00"
    assert export_instant("2026-11-01 01:15:00 UTC") == "2026-11-01T01:15:00+00:00"
    assert export_instant("yesterday") == "yesterday"
    assert export_instant("") is None
