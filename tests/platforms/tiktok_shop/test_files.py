"""Files of Seller Center as a person downloads them, made here: the order export and the income export."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.platforms.tiktok_shop import PLATFORM
from airflow_dags.sandbox.business.tiktok_money import TiktokTransaction, order_id, seller_discount, statements
from airflow_dags.sandbox.tiktok_shop.documents import STATUSES, money, sku_id
from airflow_dags.uploads.recognise import ranked
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

Jobs = Callable[[str, str], list[Job]]


def columns(header: str) -> list[str]:
    return header.split(",")


DESCRIPTION = "Platform unique order ID."
ORDER_HEADER = columns(
    "Order ID,Order Status,Order Substatus,Cancelation/Return Type,Normal or Pre-order,SKU ID,Seller SKU,Product Name,"
    "Variation,Quantity,Sku Quantity of return,SKU Unit Original Price,SKU Subtotal Before Discount,SKU Platform "
    "Discount,SKU Seller Discount,SKU Subtotal After Discount,Shipping Fee After Discount,Original Shipping Fee,Taxes,"
    "Order Amount,Order Refund Amount,Created Time,Paid Time,RTS Time,Shipped Time,Delivered Time,Cancelled Time,"
    "Cancel By,Cancel Reason,Fulfillment Type,Tracking ID,Buyer Username,Recipient,Phone #,Country,State,City,Zipcode"
)
WORDS = {
    "AWAITING_SHIPMENT": "Awaiting shipment",
    "IN_TRANSIT": "In transit",
    "DELIVERED": "Delivered",
    "CANCELLED": "Canceled",
}
INCOME_HEADER = columns(
    "Statement date,Statement ID,Payment ID,Status,Currency,Type,Order/adjustment ID,SKU ID,Quantity,Product name,"
    "Total settlement amount,Net sales,Gross sales,Gross sales refund,Seller discount,Seller discount refund,Shipping,"
    "TikTok Shop shipping fee,Customer-paid shipping fee,TikTok Shop shipping incentive,Return shipping fee,Fees,"
    "Transaction fee,Referral fee,Refund administration fee,Affiliate commission,Adjustment amount,Related order ID"
)
STATEMENT_HEADER = columns(
    "Statement date,Statement ID,Payment ID,Status,Currency,Total settlement amount,Net sales,Shipping,Fees,"
    "Adjustment amount"
)


@pytest.fixture
def shop(business: Any) -> Any:
    [found] = business.shops_of("tiktok_shop")
    return found


def job_of(jobs: Jobs, stream: str) -> Job:
    [found] = jobs("tiktok_shop", stream)
    return found


def local(moment: datetime | None, shop: Any) -> str:
    return moment.astimezone(shop.zone).strftime("%m/%d/%Y %I:%M:%S %p") + "\t" if moment else ""


def order_rows(business: Any, shop: Any, days: list[date]) -> list[dict[str, str]]:
    rows = []
    for order in (order for day in days for order in business.shop_orders(shop, day, 0)):
        total = sum(line.price - line.discount + line.tax for line in order.lines) + order.shipping
        for line in order.lines:
            by_seller = seller_discount(line)
            rows.append(
                {
                    "Order ID": order_id(order) + "\t",
                    "Order Status": "Shipped",
                    "Order Substatus": WORDS[STATUSES[order.status]],
                    "SKU ID": sku_id(shop, line.sku) + "\t",
                    "Seller SKU": line.sku.sku,
                    "Product Name": line.sku.name,
                    "Variation": "Default",
                    "Quantity": str(line.quantity),
                    "SKU Unit Original Price": money(line.price // line.quantity),
                    "SKU Subtotal Before Discount": f"${money(line.price)}",
                    "SKU Platform Discount": money(line.discount - by_seller),
                    "SKU Seller Discount": money(by_seller),
                    "SKU Subtotal After Discount": money(line.price - line.discount),
                    "Order Amount": money(total),
                    "Created Time": local(order.purchased_at, shop),
                    "Shipped Time": local(order.shipped_at, shop),
                    "Delivered Time": local(order.delivered_at, shop),
                    "Cancelled Time": local(order.updated_at if order.is_cancelled else None, shop),
                    "Buyer Username": "somebody",
                    "Country": "United States",
                    "State": order.destination[1],
                }
            )
    return rows


def csv_of(header: list[str], rows: list[dict[str, str]], described: bool = True) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    if described:
        writer.writerow([DESCRIPTION, *(f"What {name} is, in words." for name in header[1:])])
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def workbook_of(**sheets: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def listed(header: list[str], rows: list[dict[str, Any]]) -> list[list[Any]]:
    return [header, *([row.get(name) for name in header] for row in rows)]


def test_an_order_export_gives_the_shops_figures(business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs) -> None:
    """Two days, one of them that of the clock change; expected from the records."""
    days = [date(2026, 10, 31), date(2026, 11, 1)]
    rows = order_rows(business, shop, days)
    result = load_file(job_of(jobs, "orders"), Document("orders.csv", csv_of(ORDER_HEADER, rows)))
    assert (result.rows_loaded, result.rows_quarantined, result.unknown_columns) == (len(rows), 0, ())
    found = warehouse.rows(
        "select (created_at at time zone 'America/Los_Angeles')::date as day, sum(quantity) as units, "
        "sum(original_price) as sales, sum(seller_discount) as discount, count(distinct order_id) as orders "
        "from raw.tiktok_shop__orders where order_status <> 'CANCELLED' group by 1 order by 1"
    )
    expected = []
    for day in days:
        kept = [order for order in business.shop_orders(shop, day, 0) if not order.is_cancelled]
        lines = [line for order in kept for line in order.lines]
        expected.append(
            {
                "day": day,
                "units": sum(line.quantity for line in lines),
                "sales": Decimal(sum(line.price for line in lines)) / 100,
                "discount": Decimal(sum(seller_discount(line) for line in lines)) / 100,
                "orders": len(kept),
            }
        )
    assert found == expected
    assert warehouse.value("select count(*) from raw.tiktok_shop__orders where order_id !~ '^[0-9]+$'") == 0


def test_what_the_api_knows_of_a_later_change_stays(business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs) -> None:
    """An export from before a refund doesn't undo it, one of an order that didn't change since replaces it."""
    job = job_of(jobs, "orders")
    run(job, whole_window(business, job.stream))
    refunded = [order for day in business.days() for order in business.shop_orders(shop, day, 0) if order.refunds]
    rows = order_rows(business, shop, sorted({order.day for order in refunded}))
    result = load_file(job, Document("orders.csv", csv_of(ORDER_HEADER, rows)))
    assert result.rows_unchanged == sum(len(order.lines) for order in refunded)
    kept = warehouse.rows(
        "select distinct updated_at from raw.tiktok_shop__orders where order_id = %s", order_id(refunded[0])
    )
    assert [row["updated_at"].astimezone(UTC) for row in kept] == [refunded[0].updated_at]


def test_an_order_export_without_descriptions_or_as_a_workbook_is_read_too(
    business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs
) -> None:
    rows = order_rows(business, shop, [date(2026, 11, 2)])
    job = job_of(jobs, "orders")
    load_file(job, Document("orders.csv", csv_of(ORDER_HEADER, rows, described=False)))
    plain = warehouse.table("tiktok_shop__orders")
    described = [ORDER_HEADER, [DESCRIPTION], *listed(ORDER_HEADER, rows)[1:]]
    load_file(job, Document("orders.xlsx", workbook_of(OrderSKUList=described)))
    assert warehouse.table("tiktok_shop__orders") == plain
    assert len(plain) == len(rows)


def test_a_line_that_can_not_be_read_sets_its_order_aside(
    business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs
) -> None:
    rows = order_rows(business, shop, [date(2026, 11, 2)])
    spoiled = rows[0]["Order ID"].strip()
    rows[0]["Created Time"] = "32/13/2026"
    result = load_file(job_of(jobs, "orders"), Document("orders.csv", csv_of(ORDER_HEADER, rows)))
    of_order = [row for row in rows if row["Order ID"].strip() == spoiled]
    assert (result.rows_loaded, result.rows_quarantined) == (len(rows) - len(of_order), len(of_order))
    reasons = {row["reason"] for row in warehouse.rows("select reason from raw.quarantine")}
    assert any("'32/13/2026' is not an instant" in reason for reason in reasons)


def income(business: Any, shop: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of the income export: its orders, and its statements."""
    details, summaries = [], []
    for item in statements(business, shop, 0):
        common = {
            "Statement date": item.day.strftime("%Y/%m/%d"),
            "Statement ID": item.statement_id,
            "Payment ID": "1",
            "Status": "Paid",
            "Currency": "USD",
        }
        summaries.append(common | sums({name: item.total(name) for name in MEASURES}))
        details += [common | detail(transaction) for transaction in item.transactions]
    return details, summaries


MEASURES = {
    "settlement": "Total settlement amount",
    "revenue": "Net sales",
    "shipping": "Shipping",
    "fees": "Fees",
    "adjustment": "Adjustment amount",
}


def sums(cents: dict[str, int]) -> dict[str, float]:
    """Amounts as numbers, as Excel holds them."""
    return {MEASURES[name]: value / 100 for name, value in cents.items()}


def detail(transaction: TiktokTransaction) -> dict[str, Any]:
    is_order = transaction.kind == "ORDER"
    return {
        "Type": "Order" if is_order else transaction.kind.replace("_", " ").capitalize(),
        "Order/adjustment ID": order_id(transaction.order) if is_order else transaction.transaction_id,
        "SKU ID": "1729000000000000001" if is_order else "/",
        "Quantity": 1,
        "Product name": "A lamp",
        **sums({name: getattr(transaction, name) for name in MEASURES}),
        "Gross sales": transaction.gross_sales / 100,
        "Referral fee": transaction.referral_fee / 100,
        "Related order ID": "/" if is_order else order_id(transaction.order),
    }


def test_an_income_export_gives_statements_and_their_orders(
    business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs
) -> None:
    details, summaries = income(business, shop)
    content = workbook_of(
        Reports=[["Time period", "2026/10/01-2026/11/22"]],
        Statements=listed(STATEMENT_HEADER, summaries),
        OrderDetails=listed(INCOME_HEADER, details),
    )
    results = [
        load_file(job_of(jobs, stream), Document("income.xlsx", content))
        for stream in ("statements", "statement_transactions")
    ]
    assert [(result.rows_loaded, result.rows_quarantined) for result in results] == [
        (len(summaries), 0),
        (len(details), 0),
    ]
    assert {name for result in results for name in result.unknown_columns} == set()
    expected: dict[date, int] = defaultdict(int)
    for item in statements(business, shop, 0):
        expected[item.day] += item.total("settlement")
    for table in ("statements", "statement_transactions"):
        rows = warehouse.rows(
            f"select statement_date, sum(settlement_amount) as total from raw.tiktok_shop__{table} group by 1"
        )
        found = {row["statement_date"]: row["total"] for row in rows}
        assert found == {day: Decimal(cents) / 100 for day, cents in expected.items()}
    assert warehouse.value(
        "select count(*) from raw.tiktok_shop__statement_transactions where order_id is null"
    ) == sum(transaction.kind != "ORDER" for item in statements(business, shop, 0) for transaction in item.transactions)


def test_an_income_export_that_cuts_a_statement_in_two_is_refused(
    business: Any, shop: Any, warehouse: Warehouse, jobs: Jobs
) -> None:
    details, summaries = income(business, shop)
    sheets = {"Statements": listed(STATEMENT_HEADER, summaries), "OrderDetails": listed(INCOME_HEADER, details[1:])}
    with pytest.raises(WrongDocument, match="download the export for whole statements"):
        load_file(job_of(jobs, "statement_transactions"), Document("income.xlsx", workbook_of(**sheets)))
    assert warehouse.value("select count(*) from raw.tiktok_shop__statement_transactions") == 0


def test_the_apis_own_answer_loads_as_a_file(
    business: Any, warehouse: Warehouse, make_warehouse: Callable[[], Warehouse], jobs: Jobs
) -> None:
    """For every stream: the JSON that the API gave, saved, gives the rows that the pull gave."""
    from airflow_dags.platforms.tiktok_shop.client import TikTokShop

    answers: list[tuple[str, bytes]] = []
    real = TikTokShop._data_of

    def kept(self: Any, operation: str, response: Any) -> Any:
        answers.append((operation, response.content))
        return real(self, operation, response)

    for stream in PLATFORM.streams:
        job = job_of(jobs, stream)
        answers.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TikTokShop, "_data_of", kept)
            run(job, Window(business.as_of - timedelta(days=4), business.last_day))
        by_hand = make_warehouse()
        own = answers[-1][0]
        for content in (content for operation, content in answers if operation == own):
            load_file(Job(job.platform, job.stream, job.account, by_hand.uri), Document("answer.json", content))
        table = job.contract.table
        assert by_hand.table(table) == warehouse.table(table) != [], stream


def test_what_is_no_export_is_refused_with_one_line(jobs: Jobs) -> None:
    for stream in PLATFORM.streams:
        with pytest.raises(WrongDocument, match="nothing was changed") as caught:
            load_file(job_of(jobs, stream), Document("other.csv", b"a,b\n1,2\n"))
        assert "\n" not in caught.value.message
        with pytest.raises(WrongDocument, match="nothing was changed"):
            load_file(job_of(jobs, stream), Document("other.json", b'{"a": 1}'))


@pytest.mark.parametrize(
    ("header", "stream"),
    [
        (ORDER_HEADER, "orders"),
        (INCOME_HEADER, "statement_transactions"),
        (STATEMENT_HEADER, "statements"),
        (["return_id", "return_line_items", "update_time"], "returns"),
        (["id", "title", "skus"], "products"),
    ],
)
def test_files_are_recognised(header: list[str], stream: str) -> None:
    best = ranked(header)[0]
    assert (best.platform, best.stream) == ("tiktok_shop", stream)


def test_json_of_another_list_is_not_taken_for_orders(jobs: Jobs) -> None:
    content = json.dumps({"code": 0, "data": {"products": []}}).encode()
    with pytest.raises(WrongDocument, match="a JSON list of orders"):
        load_file(job_of(jobs, "orders"), Document("answer.json", content))
