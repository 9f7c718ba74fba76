"""Stock and its age, the inventory ledger, account health, feedback: files as a person downloads them, the published
schema, and a simulated warehouse whose books balance."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import WrongAccount, WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.platforms.amazon_sp import PLATFORM
from airflow_dags.platforms.amazon_sp.days import iso_day
from airflow_dags.platforms.amazon_sp.ledger import balance_difference
from airflow_dags.sandbox.business.stock import stock_of
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

from ...sandbox.conftest import MATERIAL

Jobs = Callable[[str, str], list[Job]]
DAY = date(2026, 11, 23)
SUMMARY_NAMES = (
    "Date\tFNSKU\tASIN\tMSKU\tTitle\tDisposition\tStartingWarehouseBalance\tInTransitBetweenWarehouses\tReceipts\t"
    "CustomerShipments\tCustomerReturns\tVendorReturns\tWarehouseTransferIn/Out\tFound\tLost\tDamaged\tDisposed\t"
    "OtherEvents\tEndingWarehouseBalance\tUnknownEvents\tLocation"
)


def first(jobs: Jobs, stream: str) -> Job:
    return next(job for job in jobs("amazon_sp", stream) if job.account.account_id == "aurora_us")


def text(name: str, *lines: str) -> Document:
    return Document(name, ("\r\n".join(lines) + "\r\n").encode())


@pytest.mark.parametrize("revision", [0, 1])
def test_the_simulated_books_balance_and_nothing_is_sold_that_is_not_there(business: Any, revision: int) -> None:
    for account in business.catalogue.accounts:
        stocks = stock_of(business, account.account_id, revision)
        assert stocks
        for stock in stocks:
            before = stock.days[0].starting
            for one in stock.days:
                assert one.starting == before
                before = one.ending
                assert one.ending >= 0
            assert sum(units for _, units in stock.lots) == stock.available
        assert sum(stock.units_of_age(business.as_of, 181) for stock in stocks) > 0, "an account without aged stock"


def test_shipments_of_the_stock_are_the_units_of_fba_orders(business: Any) -> None:
    shipped = sum(
        one.shipments
        for account in business.catalogue.accounts
        for stock in stock_of(business, account.account_id, 0)
        for one in stock.days
    )
    sold = sum(
        line.quantity
        for month in business.months
        for order in business.orders(month, 0)
        if not order.is_merchant_fulfilled
        for line in order.sold_lines()
    )
    assert shipped == sold > 0


def test_every_row_of_the_loaded_summary_adds_up_and_follows_the_day_before(
    jobs: Jobs, warehouse: Warehouse, business: Any
) -> None:
    job = first(jobs, "fba_ledger_summary")
    run(job, Window(business.last_day - timedelta(days=9), business.last_day))
    table = "raw.amazon_sp__fba_ledger_summary"
    [totals] = warehouse.rows(
        f"select count(*) as rows, count(balance_difference) as known, "
        f"sum(abs(balance_difference)) as wrong from {table}"
    )
    assert totals["rows"] == totals["known"] > 10
    assert totals["wrong"] == 0
    broken = warehouse.rows(
        f"select * from (select starting_balance, lag(ending_balance) over (partition by msku, disposition "
        f"order by date) as before from {table} where disposition = 'SELLABLE') as t where before <> starting_balance"
    )
    assert broken == []


def test_a_row_adds_up_whichever_sign_what_leaves_has_and_with_or_without_transit() -> None:
    movements = dict.fromkeys(("vendor_returns", "warehouse_transfer", "found", "lost", "damaged"), 0)
    row = {**movements, "disposed": 0, "other_events": 0, "unknown_events": 0, "in_transit": 5, "receipts": 25}
    row |= {"starting_balance": 150, "customer_returns": 3, "customer_shipments": -30, "ending_balance": 148}
    assert balance_difference(row) == 0
    assert balance_difference({**row, "customer_shipments": 30}) == 0
    assert balance_difference({**row, "ending_balance": 153}) == 0  # the five in transit counted
    assert abs(balance_difference({**row, "ending_balance": 160})) == 7


def test_equal_events_of_the_ledger_are_all_kept(jobs: Jobs, warehouse: Warehouse) -> None:
    names = (
        "Date\tFNSKU\tASIN\tMSKU\tTitle\tEvent Type\tReference ID\tQuantity\tFulfillment Center\tDisposition\tReason\t"
        "Country\tReconciled Quantity\tUnreconciled Quantity"
    )
    event = "11/20/2026\tX0A\tB0A\tAUD-101\tLamp\tShipments\t\t-1\tONT8\tSELLABLE\t\tUS\t0\t0"
    job = first(jobs, "fba_ledger_detail")
    for _ in range(2):
        load_file(job, text("ledger.tsv", names, event, event, event.replace("-1", "-2")))
    rows = warehouse.rows("select date, quantity, line_number from raw.amazon_sp__fba_ledger_detail order by 2, 3")
    assert [(row["quantity"], row["line_number"]) for row in rows] == [(-2, 1), (-1, 1), (-1, 2)]
    assert {row["date"] for row in rows} == {date(2026, 11, 20)}


def test_a_planning_file_brings_its_own_day_and_an_unknown_bucket_stays_empty(jobs: Jobs, warehouse: Warehouse) -> None:
    names = "snapshot-date\tsku\tfnsku\tasin\tproduct-name\tcondition\tavailable\tinv-age-271-to-365-days\tcurrency"
    row = "2026-11-20\tAUD-101\tX0A\tB0A\tLamp\tNew\t12\t7\tUSD"
    load_file(first(jobs, "fba_stock_and_age"), text("planning.tsv", names, row))
    [found] = warehouse.rows("select * from raw.amazon_sp__fba_stock_and_age")
    assert (found["snapshot_date"], found["available"]) == (date(2026, 11, 20), 12)
    assert found["inv_age_271_to_365_days"] == 7
    assert found["inv_age_0_to_90_days"] is None, "missing is never zero"


def test_feedback_keeps_no_address_and_writes_the_marketplace_s_day(jobs: Jobs, warehouse: Warehouse) -> None:
    names = "Date\tRating\tComments\tYour Response\tOrder ID\tRater Email"
    row = "11/3/26\t2\tLate – sorry\t\t111-0000001-0000001\tsecret-buyer@marketplace.amazon.example"
    load_file(first(jobs, "feedback"), text("feedback.txt", names, row))
    [found] = warehouse.rows("select * from raw.amazon_sp__feedback")
    assert (found["feedback_date"], found["rating"]) == (date(2026, 11, 3), 2)
    assert "secret-buyer" not in str(found)
    assert "secret-buyer" not in str(warehouse.rows("select * from raw.quarantine"))


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("10/20/23", "mdy", "2023-10-20"),
        ("20/10/23", "dmy", "2023-10-20"),
        ("23/10/20", "ymd", "2023-10-20"),
        ("12/22/2022", "mdy", "2022-12-22"),
        ("2022/12/22", "mdy", "2022-12-22"),
        ("20.10.2023", "dmy", "2023-10-20"),
        ("13/13/2023", "mdy", "13/13/2023"),
        ("2024-12-01", "mdy", "2024-12-01"),
        (None, "mdy", None),
    ],
)
def test_days_are_read_as_the_marketplace_writes_them(cell: str | None, order: str, expected: str | None) -> None:
    assert iso_day(cell, order) == expected


def test_amazon_s_own_example_of_account_health_is_kept_as_given(jobs: Jobs, material: Path) -> None:
    path = material / "amzn-sp-api-models" / "examples" / "report__accountHealthReport-2020-11-18__0.json"
    job = first(jobs, "account_health")
    extract = job.stream.read(Document("example", path.read_bytes()), job.account, DAY)
    rows = {(row["metric"], row["fulfillment_type"]): row for row in extract.table.to_pylist()}
    late = rows["lateShipmentRate", None]
    assert (Decimal(late["rate"]), Decimal(late["target_value"])) == (Decimal("0.03203973037"), Decimal("0.04"))
    assert (late["numerator"], late["denominator"]) == ("27896", "870669")
    assert (late["reporting_from"], late["reporting_to"]) == ("2020-10-21", "2020-11-19")
    defects = rows["orderDefectRate", "mfn"]
    assert (Decimal(defects["rate"]), defects["numerator"]) == (Decimal("0.009"), "1078")  # 1078 / 539000 is 0.002
    assert rows["orderDefectRate/negativeFeedback", "afn"]["numerator"] == "628"
    assert rows["warningStates/spammingSellerMessaging", None]["status"] == "BAD"
    assert {row["account_status"] for row in rows.values()} == {"AT_RISK"}


def test_the_sandbox_s_account_health_keeps_to_the_published_schema(sandbox: Any, material: Path) -> None:
    from jsonschema import Draft7Validator

    from airflow_dags.sandbox.amazon_sp.performance import REPORT_KINDS

    schema = json.loads(
        (material / "amzn-sp-api-models/schemas-reports/accountHealthReport-2020-11-18.json").read_text()
    )
    document = REPORT_KINDS[0].document(sandbox, "cascade_us", {}, 0)
    errors = [error.message for error in Draft7Validator(schema).iter_errors(json.loads(document or b""))]
    assert errors == []


def test_one_account_is_near_the_limit_of_order_defects_and_one_over_70_percent_of_late_shipments(
    jobs: Jobs, warehouse: Warehouse, business: Any
) -> None:
    for job in jobs("amazon_sp", "account_health"):
        run(job, whole_window(business, job.stream))
    rows = warehouse.rows(
        "select _account_id as account, metric, max(rate / target_value) as used from raw.amazon_sp__account_health "
        "where target_condition = 'LESS_THAN' and rate is not null group by 1, 2"
    )
    used = {(row["account"], row["metric"]): row["used"] for row in rows}
    assert Decimal("0.9") < used["cascade_us", "orderDefectRate"] < 1
    assert Decimal("0.7") < used["harbor_us", "lateShipmentRate"] < Decimal("0.9")
    assert sum(share > Decimal("0.7") for share in used.values()) == 2


def test_another_marketplace_s_health_and_another_report_are_refused(jobs: Jobs) -> None:
    job = first(jobs, "account_health")
    other = {"accountStatuses": [], "performanceMetrics": [{"marketplaceId": "A1F83G8C2ARO7P"}]}
    with pytest.raises(WrongAccount):
        job.stream.read(Document("other", json.dumps(other).encode()), job.account, DAY)
    with pytest.raises(WrongDocument):
        job.stream.read(Document("wrong", b"Date\tRating\n"), job.account, DAY)


@pytest.fixture
def material() -> Path:
    if not MATERIAL.is_dir():
        pytest.skip(f"the published schemas are not at {MATERIAL}: the answers are NOT checked against them")
    return MATERIAL


def test_the_platform_groups_its_stock_streams() -> None:
    assert PLATFORM.groups["stock"] == ["fba_stock_and_age", "fba_ledger_summary", "fba_ledger_detail"]


def test_ranks_are_of_the_account_s_own_products_and_the_answers_keep_to_the_published_model(
    jobs: Jobs, sandbox: Any, warehouse: Warehouse, business: Any, material: Path
) -> None:
    from jsonschema import Draft4Validator

    from airflow_dags.sandbox.amazon_sp.catalog import catalog_item

    sandbox.options.least_pages = 3
    run(first(jobs, "rank"), whole_window(business, PLATFORM.stream("rank")))
    rows = warehouse.rows("select asin, rank_kind, rank, snapshot_date from raw.amazon_sp__rank")
    own = {sku.asin: sku for sku in business.catalogue.skus if sku.account_id == "aurora_us"}
    assert {row["asin"] for row in rows} == set(own)
    assert len(rows) == 2 * len(own)
    assert {row["snapshot_date"] for row in rows} == {business.as_of}
    path = material / "amzn-sp-api-models/models/catalog-items-api-model/catalogItems_2022-04-01.json"
    model = json.loads(path.read_text())
    schema = {**model, "$ref": "#/definitions/ItemSearchResults"}
    items = [catalog_item(sandbox, sku, {"summaries", "salesRanks"}) for sku in own.values()]
    answer = {"numberOfResults": len(items), "items": items}
    assert [error.message for error in Draft4Validator(schema).iter_errors(answer)] == []
    assert list(Draft4Validator(schema).iter_errors({"items": [{}]})), "the model would accept anything"
