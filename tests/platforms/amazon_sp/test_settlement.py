"""Settlements: listed page by page, right as a whole or refused, and equal to what finances released."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import DocumentBroken, RequestRefused, WrongDocument
from airflow_dags.ingest import Job
from airflow_dags.platforms.amazon_sp.settlement import CONTRACT
from airflow_dags.registry import platform_of
from airflow_dags.streams import ListedReportStream
from tests.pipeline.conftest import Warehouse

from ..support import run, whole_window

Jobs = Callable[[str, str], list[Job]]
NAMES = [
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "amount",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
    "quantity-purchased",
    "promotion-id",
]
TOTAL = {
    "settlement-id": "111",
    "settlement-start-date": "2026-10-18 20:17:00 UTC",
    "settlement-end-date": "2026-11-01 20:17:00 UTC",
    "deposit-date": "2026-11-03 20:17:00 UTC",
    "total-amount": "12.34",
    "currency": "USD",
}
SALE = {
    "settlement-id": "111",
    "transaction-type": "Order",
    "order-id": "111-0000001-0000001",
    "amount-type": "ItemPrice",
    "amount-description": "Principal",
    "amount": "15.34",
    "posted-date": "11/01/26",
    "posted-date-time": "2026-11-01 12:00:00 UTC",
    "sku": "CHG-101",
    "quantity-purchased": "1",
}
FEE = {**SALE, "amount-type": "ItemFees", "amount-description": "Commission", "amount": "-3.00"}


def file_of(*rows: dict[str, str], names: list[str] | None = None) -> bytes:
    names = names or NAMES
    lines = ["\t".join(names), *("\t".join(row.get(name, "") for name in names) for row in rows)]
    return "\r\n".join(lines).encode("cp1252")


def stored(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.rows("select * from raw.amazon_sp__settlement order by settlement_id, line_number")


def test_a_file_by_hand(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE, FEE))
    total, fee, sale = stored(warehouse)
    assert (total["line_number"], total["total_amount"], total["amount"]) == (0, Decimal("12.34"), None)
    assert (sale["amount"], sale["total_amount"], sale["quantity_purchased"]) == (Decimal("15.34"), None, 1)
    assert fee["amount"] == Decimal("-3.00")
    assert sale["posted_at"] == datetime(2026, 11, 1, 12, tzinfo=timezone.utc)
    for row in (total, fee, sale):
        assert row["started_at"] == datetime(2026, 10, 18, 20, 17, tzinfo=timezone.utc)
        assert row["deposited_at"] == datetime(2026, 11, 3, 20, 17, tzinfo=timezone.utc)
        assert row["currency"] == "USD"


def test_the_order_of_the_lines_and_gzip_change_nothing(warehouse: Warehouse, make_warehouse: Any) -> None:
    warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE, FEE))
    other = make_warehouse()
    other.load("amazon_sp", "settlement", gzip.compress(file_of(FEE, TOTAL, SALE)))
    assert other.table("amazon_sp__settlement") == warehouse.table("amazon_sp__settlement")


def test_two_equal_lines_are_two(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "settlement", file_of({**TOTAL, "total-amount": "30.68"}, SALE, SALE))
    assert [row["amount"] for row in stored(warehouse)] == [None, Decimal("15.34"), Decimal("15.34")]


def test_a_european_file(warehouse: Warehouse) -> None:
    total = {
        **TOTAL,
        "total-amount": "1.231,50",
        "currency": "EUR",
        "settlement-start-date": "18.10.2026 20:17:00 UTC",
        "settlement-end-date": "01.11.2026 20:17:00 UTC",
        "deposit-date": "03.11.2026 20:17:00 UTC",
    }
    sale = {**SALE, "amount": "1.234,50", "posted-date": "01.11.2026", "posted-date-time": "01.11.2026 12:00:00 UTC"}
    warehouse.load("amazon_sp", "settlement", file_of(total, sale, {**FEE, "amount": "-3,00"}))
    found = stored(warehouse)
    assert sorted(row["amount"] for row in found[1:]) == [Decimal("-3.00"), Decimal("1234.50")]
    assert found[0]["total_amount"] == Decimal("1231.50")
    assert {row["started_at"] for row in found} == {datetime(2026, 10, 18, 20, 17, tzinfo=timezone.utc)}
    assert datetime(2026, 11, 1, 12, tzinfo=timezone.utc) in {row["posted_at"] for row in found}


def test_lines_that_do_not_add_up_are_refused_as_a_whole(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE, FEE))
    before = warehouse.table("amazon_sp__settlement")
    with pytest.raises(DocumentBroken, match=r"lines of settlement 111 add up to 15\.34, its total is 12\.34"):
        warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE))
    with pytest.raises(DocumentBroken, match=r"add up to 27\.68"):
        warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE, FEE, SALE))
    with pytest.raises(DocumentBroken, match="lacks the row with the total of settlement 111"):
        warehouse.load("amazon_sp", "settlement", file_of(SALE, FEE))
    with pytest.raises(DocumentBroken, match="two totals for settlement 111"):
        warehouse.load("amazon_sp", "settlement", file_of(TOTAL, {**TOTAL, "total-amount": "1.00"}, SALE, FEE))
    assert warehouse.table("amazon_sp__settlement") == before


@pytest.mark.parametrize("row", [{**FEE, "amount": "three"}, {**FEE, "posted-date-time": "yesterday"}])
def test_a_line_that_breaks_the_contract_sets_its_settlement_aside(warehouse: Warehouse, row: dict[str, str]) -> None:
    other = {"settlement-id": "222"}
    warehouse.load("amazon_sp", "settlement", file_of(TOTAL, SALE, row, TOTAL | other, SALE | other, FEE | other))
    assert {one["settlement_id"] for one in stored(warehouse)} == {"222"}
    assert len(warehouse.rows("select * from raw.quarantine")) == 3


def test_the_withdrawn_reports_are_refused_with_what_to_do(warehouse: Warehouse) -> None:
    flat_file = file_of(TOTAL, names=[*NAMES[:12], "price-type", "price-amount", "item-related-fee-type"])
    for content in (flat_file, b"<?xml version='1.0'?><AmazonEnvelope/>"):
        with pytest.raises(
            WrongDocument, match="withdrew on 2026-11-11; nothing was changed; download the Flat File V2"
        ):
            warehouse.load("amazon_sp", "settlement", content)
    stream = platform_of("amazon_sp").stream("settlement")
    assert stream.recognises(["settlement-id", "price-type"]) > 0
    assert stream.recognises(["settlement-id", "sku"]) == 0


def test_settlements_equal_their_totals_and_what_was_released(jobs: Jobs, warehouse: Warehouse, business: Any) -> None:
    """Through the API: lines, total, and the RELEASED transactions of the period, account by account."""
    for stream in ("settlement", "finances"):
        job = jobs("amazon_sp", stream)[1]
        run(job, whole_window(business, job.stream))
    found = warehouse.rows("""
        select s.settlement_id, sum(s.total_amount) as total, sum(s.amount) as lines,
            (select sum(f.amount) from raw.amazon_sp__finances as f where f.transaction_status = 'RELEASED'
                and f.posted_at >= min(s.started_at) and f.posted_at < min(s.ended_at)) as released
        from raw.amazon_sp__settlement as s group by 1
    """)
    assert len(found) == 3
    for row in found:
        assert row["total"] == row["lines"] == row["released"]


def test_each_settlement_is_loaded_once_and_carries_when_it_was_known(
    jobs: Jobs, warehouse: Warehouse, business: Any, sandbox: Any
) -> None:
    [job, *_] = jobs("amazon_sp", "settlement")
    first = run(job, whole_window(business, job.stream))
    assert [load.state for load in first] == ["loaded"] * 4
    assert run(job, whole_window(business, job.stream)) == []
    [row] = warehouse.rows("select max(_known_at) - max(ended_at) as gap from raw.amazon_sp__settlement")
    assert row["gap"].total_seconds() == 3 * 3600


def test_the_list_is_read_page_by_page(jobs: Jobs, business: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = jobs("amazon_sp", "settlement")[0].client()
    found = list(client.list_reports(CONTRACT.report_name, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"))
    assert len(found) == 4
    real = client.call

    def two_a_page(api: str, operation: str, action: Any) -> Any:
        return real(api, operation, lambda reports: action(_Pages(reports)))

    monkeypatch.setattr(client, "call", two_a_page)
    paged = list(client.list_reports(CONTRACT.report_name, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"))
    assert [one["reportId"] for one in paged] == [one["reportId"] for one in found]


class _Pages:
    """The library's class with pages of two."""

    def __init__(self, reports: Any) -> None:
        self._reports = reports

    def get_reports(self, **filters: Any) -> Any:
        return self._reports.get_reports(**({**filters, "pageSize": 2} if "pageSize" in filters else filters))


def test_a_settlement_cannot_be_requested(jobs: Jobs) -> None:
    client = jobs("amazon_sp", "settlement")[0].client()
    with pytest.raises(RequestRefused, match="400"):
        client.create_report(CONTRACT.report_name, "ATVPDKIKX0DER", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", {})


def test_only_settlements_that_hold_the_wanted_days_are_listed(jobs: Jobs) -> None:
    job = jobs("amazon_sp", "settlement")[0]
    day = date(2026, 10, 8)
    assert isinstance(job.stream, ListedReportStream)
    [listed] = job.stream.list_reports(job.client(), job.account, Window(day, day))
    assert listed.window.start <= day <= listed.window.end
