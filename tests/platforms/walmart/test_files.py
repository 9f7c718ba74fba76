"""What a person downloads from Seller Center: payment reports, exports of orders, the API's own JSON."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from airflow_dags.documents import Document
from airflow_dags.errors import DocumentBroken, PipelineError, WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.platforms.walmart import PLATFORM
from airflow_dags.sandbox.business.walmart_money import settlements
from airflow_dags.sandbox.walmart.recon import COLUMNS, recon_csv, recon_rows, zipped
from airflow_dags.sandbox.walmart.returns import return_json
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

Jobs = Callable[[str, str], list[Job]]
PAYOUT = {
    "Period Start Date": "10/10/2026",
    "Period End Date": "10/23/2026",
    "Total Payable": "14.36",
    "Currency": "USD",
    "Transaction Posted Timestamp": "10/27/2026",
    "Transaction Type": "PaymentSummary",
}
SALE = {
    "Transaction Key": "2026_10_20_1",
    "Transaction Posted Timestamp": "10/20/2026",
    "Transaction Type": "Sale",
    "Purchase Order #": "129112345678901",
    "Amount Type": "Product Price",
    "Amount": "19.52",
    "Partner Item Id": "A-1",
}
FEE = {**SALE, "Amount Type": "Commission on Product", "Amount": "-2.34"}
# Two labels of the same price at the same time are two labels.
LABEL = {**SALE, "Transaction Type": "Adjustment", "Amount Type": "Fee/Reimbursement", "Amount": "-1.41"}


def report(*rows: dict[str, str]) -> bytes:
    return recon_csv([{name: row.get(name, "") for name in COLUMNS} for row in rows])


def workbook(content: bytes) -> bytes:
    book, output = Workbook(), io.BytesIO()
    for row in csv.reader(io.StringIO(content.decode())):
        book.active.append(row)
    book.save(output)
    return output.getvalue()


@pytest.fixture
def recon(jobs: Jobs) -> Job:
    [job] = jobs("walmart", "recon")
    return job


def amounts(warehouse: Warehouse) -> list[Decimal]:
    return [row["amount"] for row in warehouse.rows("select amount from raw.walmart__recon order by line_number")]


@pytest.mark.parametrize(
    "form", [lambda text: text, lambda text: zipped(text, "report.csv"), workbook], ids=["csv", "zip", "xlsx"]
)
def test_a_payment_report_loads_in_every_form(form: Callable[[bytes], bytes], recon: Job, warehouse: Warehouse) -> None:
    result = load_file(recon, Document("report", form(report(PAYOUT, SALE, FEE, LABEL, LABEL))))
    assert (result.rows_loaded, result.rows_quarantined, result.new_columns) == (4, 0, ())
    assert sorted(amounts(warehouse)) == [Decimal(text) for text in ("-2.34", "-1.41", "-1.41", "19.52")]
    [row] = warehouse.rows(
        "select distinct settlement_start, settlement_end, transaction_date, currency from raw.walmart__recon"
    )
    assert [str(value) for value in row.values()] == ["2026-10-10", "2026-10-23", "2026-10-20", "USD"]


def test_the_order_of_its_lines_makes_no_difference(recon: Job, warehouse: Warehouse) -> None:
    load_file(recon, Document("one", report(PAYOUT, SALE, FEE, LABEL, LABEL)))
    before = warehouse.table("walmart__recon")
    load_file(recon, Document("other", report(LABEL, FEE, PAYOUT, LABEL, SALE)))
    assert warehouse.table("walmart__recon") == before


def test_lines_that_a_file_repeats_are_told_by_its_payout(recon: Job, warehouse: Warehouse) -> None:
    once = {**PAYOUT, "Total Payable": "15.77"}
    load_file(recon, Document("twice", report(once, once, SALE, SALE, FEE, LABEL, LABEL)))
    assert sorted(amounts(warehouse)) == [Decimal(text) for text in ("-2.34", "-1.41", "19.52")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([PAYOUT, SALE, FEE, LABEL], "add up to 15.77, but 14.36 were paid out"),
        ([PAYOUT, SALE, FEE, LABEL, LABEL, LABEL], "add up to 12.95, but 14.36 were paid out"),
        ([SALE, FEE], "names no settlement period"),
        ([PAYOUT, {**PAYOUT, "Period End Date": "11/06/2026"}, SALE], "names 2 settlement periods"),
    ],
)
def test_a_report_that_does_not_add_up_is_refused_and_what_was_known_stays(
    rows: list[dict[str, str]], reason: str, recon: Job, warehouse: Warehouse
) -> None:
    load_file(recon, Document("good", report(PAYOUT, SALE, FEE, LABEL, LABEL)))
    before = warehouse.table("walmart__recon")
    with pytest.raises((DocumentBroken, WrongDocument), match=reason):
        load_file(recon, Document("bad", report(*rows)))
    assert warehouse.table("walmart__recon") == before


def test_a_damaged_zip_is_refused(recon: Job) -> None:
    content = zipped(report(PAYOUT, SALE, FEE, LABEL, LABEL), "report.csv")
    cuts = [content[:place] + content[place + 20 :] for place in range(30, len(content) - 20, 11)]
    for spoiled in (content[: len(content) // 2], content[:60] + b"\x00" * 20 + content[80:], *cuts):
        with pytest.raises(PipelineError, match="nothing was changed"):
            recon.stream.read(Document("damaged.zip", spoiled), recon.account, recon.today())


def test_a_zip_that_grows_without_end_is_refused(recon: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_dags.platforms.walmart.recon.LARGEST_MEMBER", 1000)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.csv", b"0" * 2000)
    with pytest.raises(DocumentBroken, match="grows beyond 1000 bytes"):
        load_file(recon, Document("bomb.zip", output.getvalue()))


def test_a_downloaded_report_equals_that_of_the_api(recon: Job, business: Any, warehouse: Warehouse) -> None:
    run(recon, whole_window(business, recon.stream))
    before = warehouse.table("walmart__recon")
    [shop] = business.shops_of("walmart")
    for found in settlements(business, shop):
        rows = recon_rows(found, set())
        load_file(recon, Document("report", recon_csv([{**row, "Fulfillment Type": ""} for row in rows])))
    after = warehouse.table("walmart__recon")
    assert len(after) == len(before)
    assert warehouse.value("select count(*) from raw.walmart__recon where fulfillment_type is not null") == 0


def test_an_export_of_orders_replaces_them_by_purchase_order(jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
    [job] = jobs("walmart", "orders")
    run(job, whole_window(business, job.stream))
    kept = "purchase_order_id, line_number, order_date, sku, quantity, product_amount, tax_amount, status"
    query = f"select {kept}, shipping_amount, ordered_at from raw.walmart__orders order by 1, 2"
    rows = warehouse.rows(query)
    names = ["PO#", "Order#", "Order Date", "Customer Name", "Zip", "Line#", "Status", "Qty", "SKU", "Item Cost"]
    book = Workbook()
    book.active.append([*names, "Shipping Cost", "Tax", "Fulfillment Entity"])
    for row in rows:
        day = datetime(row["order_date"].year, row["order_date"].month, row["order_date"].day, 9, 30)  # noqa: DTZ001
        cells = [row["purchase_order_id"], "2000", day, "A Buyer", "94086", row["line_number"], row["status"]]
        money = [float(row["product_amount"]), row["shipping_amount"], row["tax_amount"], "Seller Fulfilled"]
        book.active.append([*cells, row["quantity"], row["sku"], *money])
    output = io.BytesIO()
    book.save(output)
    result = load_file(job, Document("orders.xlsx", output.getvalue()))
    assert (result.rows_quarantined, result.new_columns) == (0, ())
    found = warehouse.rows(query)
    assert [{**row, "ordered_at": None} for row in found] == [{**row, "ordered_at": None} for row in rows]
    assert {row["ordered_at"] for row in found} == {None}, "an export knows the day only"


def test_an_export_with_american_dates_loads(jobs: Jobs, warehouse: Warehouse) -> None:
    [job] = jobs("walmart", "orders")
    header = "PO#,Line#,Order Date,SKU,Status,Qty,Item Cost"
    lines = [header, "1,1,9/5/2026,A-1,Delivered,1,19.99", "2,1,13/45/2026,A-1,Delivered,1,5"]
    result = load_file(job, Document("orders.csv", "\n".join(lines).encode()))
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert str(warehouse.value("select order_date from raw.walmart__orders")) == "2026-09-05"


def test_the_apis_json_of_returns_loads_as_a_file(jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
    [shop] = business.shops_of("walmart")
    orders = [order for day in business.days() for order in business.shop_orders(shop, day, 0)]
    pairs = [(order, refund) for order in orders for refund in order.refunds]
    content = json.dumps({"returnOrders": [return_json(order, refund) for order, refund in pairs]}).encode()
    [job] = jobs("walmart", "returns")
    load_file(job, Document("returns.json", content))
    found = warehouse.value("select sum(refund_amount) from raw.walmart__returns")
    assert found == Decimal(sum(refund.amount for _, refund in pairs)) / 100
    assert len(pairs) > 3


def test_files_are_recognised_by_what_only_they_have() -> None:
    streams = PLATFORM.streams
    assert streams["recon"].recognises(COLUMNS) > 0.9
    export = ["PO#", "Line#", "Order Date", "SKU", "Status", "Qty", "Item Cost"]
    assert {name: stream.recognises(export) > 0 for name, stream in streams.items()} == {
        name: name == "orders" for name in streams
    }
