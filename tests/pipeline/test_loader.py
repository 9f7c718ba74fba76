"""The loader on a real PostgreSQL: what each mode replaces, what the ledger says, and whose rows a file may hold."""

from __future__ import annotations

import json
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import AllRowsRefused, WrongAccount, WrongDocument
from airflow_dags.loader import ensure_schema, schema
from airflow_dags.registry import contracts

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file, traffic_file

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "material" / "amzn-sp-api-models" / "examples"


def order_states(warehouse: Warehouse) -> dict[str, str]:
    rows = warehouse.rows(
        "select amazon_order_id, string_agg(order_status, ',') as s from raw.amazon_sp__orders group by 1"
    )
    return {row["amazon_order_id"]: row["s"] for row in rows}


# Mode changes


def test_an_order_is_stored_typed_and_without_the_buyers_address(warehouse: Warehouse) -> None:
    result = warehouse.load("amazon_sp", "orders", orders_file([order()]))
    assert (result.state, result.rows_read, result.rows_loaded, result.rows_quarantined) == ("loaded", 1, 1, 0)
    [row] = warehouse.rows("select * from raw.amazon_sp__orders")
    assert (row["line_number"], row["quantity"], row["item_price"]) == (1, 2, Decimal("25.98"))
    assert row["shipping_price"] is None
    assert row["purchase_date"].isoformat() == "2026-11-01T06:30:00+00:00"
    assert (row["_account_id"], row["_load_id"], row["_extra"]) == ("aurora_us", result.load_id, None)
    assert "Reno" not in json.dumps(row, default=str)
    assert "89501" not in json.dumps(row, default=str)


def test_the_newer_state_of_an_order_wins_whatever_comes_first(warehouse: Warehouse) -> None:
    old = orders_file([order(order_status="Pending", last_updated_date="2026-11-02T10:00:00+00:00")])
    new = orders_file([order(order_status="Shipped", last_updated_date="2026-11-02T11:00:00+00:00")])
    warehouse.load("amazon_sp", "orders", new)
    late = warehouse.load("amazon_sp", "orders", old)
    assert order_states(warehouse) == {"111-0000001-0000001": "Shipped"}
    assert (late.rows_loaded, late.rows_unchanged) == (0, 1)


def test_all_lines_of_an_order_are_replaced_together(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "orders", orders_file([order(sku="A"), order(sku="B"), order("222", sku="C")]))
    warehouse.load("amazon_sp", "orders", orders_file([order(sku="B", last_updated_date="2026-11-03T10:00:00+00:00")]))
    rows = warehouse.rows("select amazon_order_id, line_number, sku from raw.amazon_sp__orders order by 1, 2")
    assert [tuple(row.values()) for row in rows] == [("111-0000001-0000001", 1, "B"), ("222", 1, "C")]


def test_lines_are_numbered_by_content_not_by_their_place(warehouse: Warehouse) -> None:
    lines = [order(sku="B"), order(sku="A"), order(sku="A", quantity="1", item_price="12.99")]
    warehouse.load("amazon_sp", "orders", orders_file(lines))
    first = warehouse.table("amazon_sp__orders")
    warehouse.load("amazon_sp", "orders", orders_file(lines[::-1]))
    assert warehouse.table("amazon_sp__orders") == first
    assert len(first) == 3


def test_a_file_with_two_states_of_an_order_keeps_the_newer(warehouse: Warehouse) -> None:
    lines = [order(order_status="Shipped", last_updated_date="2026-11-05T00:00:00Z"), order(order_status="Pending")]
    warehouse.load("amazon_sp", "orders", orders_file(lines))
    assert order_states(warehouse) == {"111-0000001-0000001": "Shipped"}


# Mode window


def test_a_restated_window_replaces_the_old_one_with_its_empty_days(warehouse: Warehouse) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 3))
    days = ["2026-11-01", "2026-11-02", "2026-11-03"]
    warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row(day) for day in days]), window=window)
    outside = [ad_row("2026-10-31", cost="9.00"), ad_row("2026-11-04", cost="9.00")]
    warehouse.load(
        "amazon_ads", "sp_campaigns", ads_file(outside[:1]), window=Window(date(2026, 10, 31), date(2026, 10, 31))
    )
    warehouse.load(
        "amazon_ads", "sp_campaigns", ads_file(outside[1:]), window=Window(date(2026, 11, 4), date(2026, 11, 4))
    )
    restated = [ad_row("2026-11-01", cost="2.00"), ad_row("2026-11-03", cost="3.00")]
    warehouse.load("amazon_ads", "sp_campaigns", ads_file(restated), window=window)
    rows = warehouse.rows("select date, cost from raw.amazon_ads__sp_campaigns order by date")
    assert [(str(row["date"]), row["cost"]) for row in rows] == [
        ("2026-10-31", Decimal(9)),
        ("2026-11-01", Decimal(2)),
        ("2026-11-03", Decimal(3)),
        ("2026-11-04", Decimal(9)),
    ]


def test_an_empty_document_empties_its_window_and_the_ledger_says_so(warehouse: Warehouse) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 2))
    warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row("2026-11-01"), ad_row("2026-11-02")]), window=window)
    assert warehouse.load("amazon_ads", "sp_campaigns", ads_file([]), window=window).state == "empty"
    assert warehouse.table("amazon_ads__sp_campaigns") == []
    assert [row["state"] for row in warehouse.ledger()] == ["loaded", "empty"]


def test_rows_outside_the_window_are_set_aside(warehouse: Warehouse) -> None:
    rows = [ad_row("2026-11-01"), ad_row("2026-11-09")]
    result = warehouse.load(
        "amazon_ads", "sp_campaigns", ads_file(rows), window=Window(date(2026, 11, 1), date(2026, 11, 2))
    )
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert (
        warehouse.value("select reason from raw.quarantine")
        == "date 2026-11-09 is outside the window 2026-11-01..2026-11-02"
    )


def test_the_same_row_twice_is_one_row_and_a_contradiction_is_set_aside(warehouse: Warehouse) -> None:
    rows = [ad_row("2026-11-01"), ad_row("2026-11-01"), ad_row("2026-11-01", cost="7.00"), ad_row("2026-11-02")]
    result = warehouse.load("amazon_ads", "sp_campaigns", ads_file(rows))
    assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
    assert "the document holds another row with date 2026-11-01, campaign_id 501" in warehouse.value(
        "select reason from raw.quarantine"
    )


def test_a_day_of_sales_by_sku_replaces_that_day_only(warehouse: Warehouse) -> None:
    for day, skus in (("2026-11-01", {"A": (1, "10.00"), "B": (2, "40.10")}), ("2026-11-02", {"A": (3, "30.00")})):
        warehouse.load("amazon_sp", "sales_and_traffic", traffic_file(day, skus))
    warehouse.load("amazon_sp", "sales_and_traffic", traffic_file("2026-11-01", {"B": (1, "20.05")}))
    rows = warehouse.rows(
        "select row_level, period_start, period_end, sku, units_ordered, ordered_product_sales, currency, sessions "
        "from raw.amazon_sp__sales_and_traffic order by period_start, row_level, sku"
    )
    assert [
        (r["row_level"], str(r["period_start"]), r["sku"], r["units_ordered"], r["ordered_product_sales"]) for r in rows
    ] == [
        ("asin", "2026-11-01", "B", 1, Decimal("20.05")),
        ("date", "2026-11-01", None, 1, Decimal("20.05")),
        ("asin", "2026-11-02", "A", 3, Decimal("30.00")),
        ("date", "2026-11-02", None, 3, Decimal("30.00")),
    ]
    assert {row["currency"] for row in rows} == {"USD"}
    assert all(row["period_start"] == row["period_end"] for row in rows)


def test_the_published_examples_load_and_stay_apart(warehouse: Warehouse) -> None:
    """Amazon's own three examples: by day and SKU, by week and child, by month and parent."""
    if not EXAMPLES.is_dir():
        pytest.skip(f"Amazon's published examples are not at {EXAMPLES}: they are NOT loaded here")
    for _ in range(2):
        for number in range(3):
            content = (EXAMPLES / f"report__sellerSalesAndTrafficReport__{number}.json").read_bytes()
            assert warehouse.load("amazon_sp", "sales_and_traffic", content).rows_quarantined == 0
    rows = warehouse.rows(
        "select row_level, date_granularity, asin_granularity, count(*), min(period_start)::text as first, "
        "max(period_end)::text as last from raw.amazon_sp__sales_and_traffic group by 1, 2, 3 order by 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("asin", "DAY", "SKU", 3, "2021-06-11", "2021-06-14"),
        ("asin", "MONTH", "PARENT", 3, "2021-06-11", "2021-06-14"),
        ("asin", "WEEK", "CHILD", 3, "2021-06-11", "2021-06-14"),
        ("date", "DAY", "SKU", 4, "2021-06-11", "2021-06-14"),
        ("date", "MONTH", "PARENT", 1, "2021-06-01", "2021-06-30"),
        ("date", "WEEK", "CHILD", 2, "2021-06-06", "2021-06-19"),
    ]


# Mode snapshot


def test_a_snapshot_replaces_its_own_day_and_keeps_the_others(warehouse: Warehouse) -> None:
    header = b"sku,product_name,category,owner_id\n"
    for day, rows in (
        (1, b"A,Lamp,light,e001\nB,Desk,office,e002\n"),
        (2, b"A,Lamp,light,e003\n"),
        (1, b"A,Lamp,light,e009\n"),
    ):
        moment = date(2026, 11, day)
        warehouse.load("erp", "products", header + rows, "erp_main", window=Window(moment, moment))
    rows = warehouse.rows("select snapshot_date, sku, owner_id from raw.erp__products order by 1, 2")
    assert [(str(r["snapshot_date"]), r["sku"], r["owner_id"]) for r in rows] == [
        ("2026-11-01", "A", "e009"),
        ("2026-11-02", "A", "e003"),
    ]


def test_an_empty_snapshot_keeps_the_one_of_the_day(warehouse: Warehouse) -> None:
    header, day = b"employee_id,employee_name,team_id\n", Window(date(2026, 11, 1), date(2026, 11, 1))
    warehouse.load("erp", "staff", header + b"e001,Kim,north\n", "erp_main", window=day)
    assert warehouse.load("erp", "staff", header, "erp_main", window=day).state == "empty"
    assert len(warehouse.table("erp__staff")) == 1


# Ledger, quarantine, drift


def test_the_ledger_tells_of_every_load(warehouse: Warehouse) -> None:
    result = warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row("2026-11-01"), ad_row("2026-11-03")]))
    [row] = warehouse.ledger()
    assert (row["load_id"], row["platform"], row["stream"], row["account_id"]) == (
        result.load_id,
        "amazon_ads",
        "sp_campaigns",
        "aurora_us",
    )
    assert (row["mode"], str(row["window_start"]), str(row["window_end"])) == ("window", "2026-11-01", "2026-11-03")
    assert (row["rows_read"], row["rows_loaded"], row["rows_quarantined"], row["state"]) == (2, 2, 0, "loaded")
    assert (row["source_document"], row["error"]) == ("report", None)
    assert row["checksum"].startswith("sha256:")
    assert row["started_at"] <= row["finished_at"]


def test_text_in_an_amount_sets_one_row_aside_and_loads_the_rest(warehouse: Warehouse) -> None:
    lines = [order("1"), order("2", item_price="twelve"), order("3")]
    result = warehouse.load("amazon_sp", "orders", orders_file(lines))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (3, 2, 1)
    [row] = warehouse.rows("select * from raw.quarantine")
    assert (row["load_id"], row["row_number"], row["account_id"]) == (result.load_id, 2, "aurora_us")
    assert row["reason"] == "item-price: 'twelve' is not an amount"
    assert row["row"]["amazon-order-id"] == "2"


def test_a_file_of_bad_rows_only_changes_nothing_and_is_in_the_ledger(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "orders", orders_file([order("1")]))
    before = warehouse.table("amazon_sp__orders")
    with pytest.raises(AllRowsRefused, match=r"not one of 2 rows .*nothing was changed"):
        warehouse.load("amazon_sp", "orders", orders_file([order("1", quantity="x"), order("2", quantity="y")]))
    assert warehouse.table("amazon_sp__orders") == before
    assert [(row["state"], row["rows_quarantined"]) for row in warehouse.ledger()] == [("loaded", 0), ("failed", 2)]
    assert warehouse.value("select count(*) from raw.quarantine") == 2


def test_unknown_columns_are_kept_and_reported_once(warehouse: Warehouse) -> None:
    first = warehouse.load("amazon_sp", "orders", orders_file([order("1", loyalty_tier="gold")]))
    second = warehouse.load("amazon_sp", "orders", orders_file([order("2", loyalty_tier="")]))
    assert (first.new_columns, second.new_columns) == (("loyalty-tier",), ())
    assert second.unknown_columns == ("loyalty-tier",)
    rows = warehouse.rows("select amazon_order_id, _extra from raw.amazon_sp__orders order by 1")
    assert [row["_extra"] for row in rows] == [{"loyalty-tier": "gold"}, None]


# Accounts


def test_a_selling_account_is_described_by_its_loads(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "sales_and_traffic", traffic_file("2026-11-01", {"A": (1, "10.00")}))
    [row] = warehouse.rows("select * from raw.accounts")
    assert {k: row[k] for k in ("account_id", "platform", "marketplace_id", "currency", "time_zone")} == {
        "account_id": "aurora_us",
        "platform": "amazon",
        "marketplace_id": "ATVPDKIKX0DER",
        "currency": "USD",
        "time_zone": "America/Los_Angeles",
    }
    warehouse.load("amazon_sp", "orders", orders_file([order()]), account_name="Aurora US")
    [row] = warehouse.rows("select * from raw.accounts")
    assert (row["account_name"], row["marketplace_id"]) == ("Aurora US", "ATVPDKIKX0DER")


def refused(warehouse: Warehouse, platform: str, stream: str, content: bytes, account: str, **settings: Any) -> str:
    """The one line of a refusal, having checked that it changed nothing."""
    table = f"{platform}__{stream}"
    before = warehouse.table(table)
    with pytest.raises(WrongAccount) as caught:
        warehouse.load(platform, stream, content, account, **settings)
    assert warehouse.table(table) == before
    assert warehouse.ledger()[-1]["state"] == "failed"
    assert "nothing was changed" in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def test_a_file_of_another_account_is_refused(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "orders", orders_file([order("1"), order("2")]), "aurora_us")
    same = refused(warehouse, "amazon_sp", "orders", orders_file([order("1"), order("2")]), "harbor_us")
    assert "this very document was already loaded for account aurora_us" in same
    part = refused(warehouse, "amazon_sp", "orders", orders_file([order("2"), order("9")]), "harbor_us")
    assert "amazon_order_id 2 belongs to account aurora_us" in part
    warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row("2026-11-01")]), "aurora_us")
    other_day = refused(warehouse, "amazon_ads", "sp_campaigns", ads_file([ad_row("2026-11-09")]), "harbor_us")
    assert "campaign_id 501 belongs to account aurora_us" in other_day


def test_a_file_of_another_accounts_skus_is_refused(warehouse: Warehouse) -> None:
    warehouse.load(
        "amazon_sp", "sales_and_traffic", traffic_file("2026-11-01", {"A": (1, "1"), "B": (1, "1")}), "aurora_us"
    )
    warehouse.load("amazon_sp", "sales_and_traffic", traffic_file("2026-11-01", {"X": (1, "1")}), "harbor_us")
    message = refused(
        warehouse,
        "amazon_sp",
        "sales_and_traffic",
        traffic_file("2026-11-02", {"A": (2, "2"), "B": (1, "1")}),
        "harbor_us",
    )
    assert "2 of its 2 skus are account aurora_us's and none is harbor_us's" in message
    # SKUs that both sell, or that are new, are no sign of a mistake.
    warehouse.load(
        "amazon_sp", "sales_and_traffic", traffic_file("2026-11-02", {"A": (2, "2"), "X": (1, "1")}), "harbor_us"
    )
    warehouse.load("amazon_sp", "sales_and_traffic", traffic_file("2026-11-03", {"Z": (2, "2")}), "harbor_us")


def test_a_file_of_another_marketplace_is_refused(warehouse: Warehouse) -> None:
    content = traffic_file("2026-11-01", {"A": (1, "1")}, marketplaceIds=["A1PA6795UKMFR9"])
    message = refused(warehouse, "amazon_sp", "sales_and_traffic", content, "aurora_us", marketplace_id="ATVPDKIKX0DER")
    assert "is of marketplace A1PA6795UKMFR9, account aurora_us sells in ATVPDKIKX0DER" in message
    german = orders_file([order(sales_channel="Amazon.de"), order("2", sales_channel="Non-Amazon")])
    message = refused(warehouse, "amazon_sp", "orders", german, "aurora_us", marketplace_id="ATVPDKIKX0DER")
    assert "is of Amazon.de, account aurora_us sells on Amazon.com" in message


def test_a_stated_window_must_be_the_documents(warehouse: Warehouse) -> None:
    content = traffic_file("2026-11-01", {"A": (1, "1")})
    with pytest.raises(WrongDocument, match=r"covers 2026-11-01\.\.2026-11-01, not 2026-11-02\.\.2026-11-03"):
        warehouse.load("amazon_sp", "sales_and_traffic", content, window=Window(date(2026, 11, 2), date(2026, 11, 3)))


# Concurrency


def test_loads_of_one_account_at_once_do_not_mix(warehouse: Warehouse) -> None:
    """Eight loads of the same window, each with its own number of rows: the end is one of them, whole."""
    window = Window(date(2026, 11, 1), date(2026, 11, 1))
    documents = [
        ads_file([ad_row("2026-11-01", ad_group=str(700 + n), cost=f"{size}.00") for n in range(size * 20)])
        for size in range(1, 9)
    ]
    threads = [
        threading.Thread(target=warehouse.load, args=("amazon_ads", "sp_campaigns", content), kwargs={"window": window})
        for content in documents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = warehouse.rows(
        "select cost, count(*) as n, count(distinct _load_id) as loads from raw.amazon_ads__sp_campaigns group by cost"
    )
    assert len(found) == 1
    assert found[0]["n"] == int(found[0]["cost"]) * 20
    assert found[0]["loads"] == 1
    assert len(warehouse.ledger()) == 8


def test_many_processes_may_create_the_schema_at_once(fresh_database: str) -> None:
    failures: list[BaseException] = []

    def create() -> None:
        try:
            schema._ready.clear()
            ensure_schema(fresh_database, contracts())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with psycopg.connect(fresh_database) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'raw'").fetchone()
    assert tables == (len(contracts()) + len(schema.SERVICE_TABLES),)


def test_a_contract_that_gained_a_column_gains_it_in_the_warehouse(warehouse: Warehouse) -> None:
    with psycopg.connect(warehouse.uri) as connection:
        connection.execute("alter table raw.amazon_sp__orders drop column ship_state")
    schema._ready.clear()
    warehouse.load("amazon_sp", "orders", orders_file([order()]))
    assert warehouse.value("select ship_state from raw.amazon_sp__orders") == "NV"
