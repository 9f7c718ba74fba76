"""Finances: rows that add up to their transaction, statuses that change, the API's limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import RequestRefused
from airflow_dags.ingest import Job
from airflow_dags.platforms.amazon_sp.finances import rows_of
from tests.pipeline.conftest import Warehouse

from ..support import run

Jobs = Callable[[str, str], list[Job]]


def money(amount: str) -> dict[str, Any]:
    return {"currencyAmount": Decimal(amount), "currencyCode": "USD"}


def charge(name: str, amount: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"breakdownType": name, "breakdownAmount": money(amount), "breakdowns": list(parts)}


COMMISSION = charge("Commission", "-4.50", charge("Base", "-4.50"))


def transaction(**changes: Any) -> dict[str, Any]:
    """A sale of 29.99 with fees of 7.21 by hand."""
    item = {
        "totalAmount": money("22.78"),
        "relatedIdentifiers": [
            {"itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID", "itemRelatedIdentifierValue": "123"}
        ],
        "contexts": [{"contextType": "ProductContext", "sku": "CHG-101", "asin": "B01", "quantityShipped": 1}],
        "breakdowns": [
            charge("ProductCharges", "29.99", charge("OurPricePrincipal", "29.99")),
            charge(
                "AmazonFees", "-7.21", charge("Commission", "-4.50", charge("Base", "-4.50")), charge("FBA", "-2.71")
            ),
        ],
    }
    answer = {
        "transactionId": "t1",
        "transactionType": "Shipment",
        "transactionStatus": "DEFERRED",
        "postedDate": "2026-11-01T12:00:00.000Z",
        "totalAmount": money("22.78"),
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "111-1"},
            {"relatedIdentifierName": "RELEASE_TRANSACTION_ID", "relatedIdentifierValue": "t2"},
        ],
        "contexts": [
            {"contextType": "DeferredContext", "deferralReason": "DD7", "maturityDate": "2026-11-12T00:00:00Z"}
        ],
        "items": [item],
        "breakdowns": [charge("Sales", "22.78")],
    }
    return {**answer, **changes}


def paths(rows: list[dict[str, Any]]) -> list[tuple[str, Decimal]]:
    return [(row["breakdown_path"], row["amount"]) for row in rows]


def test_only_the_innermost_charges_are_rows() -> None:
    rows = rows_of(transaction())
    assert paths(rows) == [
        ("ProductCharges/OurPricePrincipal", Decimal("29.99")),
        ("AmazonFees/Commission/Base", Decimal("-4.50")),
        ("AmazonFees/FBA", Decimal("-2.71")),
    ]
    assert [row["line_number"] for row in rows] == [1, 2, 3]
    assert {row["order_id"] for row in rows} == {"111-1"}
    assert {(row["sku"], row["item_id"], row["quantity"], row["item_number"]) for row in rows} == {
        ("CHG-101", "123", 1, 1)
    }
    assert {(row["release_transaction_id"], row["deferral_reason"]) for row in rows} == {("t2", "DD7")}


def test_what_the_charges_do_not_explain_is_a_row_of_its_own() -> None:
    assert paths(rows_of(transaction(totalAmount=money("23.00"))))[-1] == ("Remainder", Decimal("0.22"))
    without_items = rows_of(transaction(items=[]))
    assert paths(without_items) == [("Sales", Decimal("22.78"))]
    bare = rows_of(transaction(items=None, breakdowns=None))
    assert paths(bare) == [("Remainder", Decimal("22.78"))]
    nothing = rows_of(transaction(items=[], breakdowns=[], totalAmount=money("0")))
    assert paths(nothing) == [("Remainder", Decimal("0"))]


def test_the_published_example_is_read() -> None:
    """Its transaction wraps the list of breakdowns once more, and calls its status Released."""
    rows = rows_of(
        transaction(items=[], breakdowns={"breakdowns": [charge("Sales", "10", charge("Product Charges", "10"))]},
                    totalAmount=money("10"))
    )  # fmt: skip
    assert paths(rows) == [("Sales/Product Charges", Decimal("10"))]


def test_an_unknown_part_of_a_transaction_is_kept() -> None:
    assert rows_of(transaction(novelty="kept"))[0]["novelty"] == "kept"


def test_a_deferral_that_is_over_changes_its_rows(
    jobs: Jobs, warehouse: Warehouse, business: Any, sandbox: Any
) -> None:
    """The second pull finds the newer status under the same id, and the released copy beside it."""
    job = jobs("amazon_sp", "finances")[0]
    window = Window(business.as_of - timedelta(days=14), business.as_of)
    run(job, window)
    count = "select transaction_status, count(distinct transaction_id) from raw.amazon_sp__finances group by 1"
    before = {row["transaction_status"]: row["count"] for row in warehouse.rows(count)}
    sandbox.revision = 1
    run(job, window)
    after = {row["transaction_status"]: row["count"] for row in warehouse.rows(count)}
    assert after["RELEASED"] > before["RELEASED"]
    doubled = warehouse.rows(
        "select transaction_id from raw.amazon_sp__finances group by 1 having count(distinct transaction_status) > 1"
    )
    assert doubled == []
    [sums] = warehouse.rows("""
        select sum(amount) filter (where transaction_status = 'DEFERRED_RELEASED') as released,
            (select sum(c.amount) from raw.amazon_sp__finances as c where c.deferred_transaction_id in
                (select transaction_id from raw.amazon_sp__finances)) as copies
        from raw.amazon_sp__finances
    """)
    assert sums["released"] == sums["copies"]


def test_amounts_are_exact(jobs: Jobs, warehouse: Warehouse) -> None:
    job = jobs("amazon_sp", "finances")[1]
    day = date(2026, 11, 1)
    run(job, Window(day, day))
    rows = warehouse.rows("select amount from raw.amazon_sp__finances")
    assert rows
    assert all(row["amount"] == row["amount"].quantize(Decimal("0.01")) for row in rows)


def test_a_range_is_whole_days_of_the_marketplace_on_the_longest_day_too(jobs: Jobs, warehouse: Warehouse) -> None:
    job = jobs("amazon_sp", "finances")[1]
    for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)):
        run(job, Window(day, day))
    by_parts = warehouse.table("amazon_sp__finances")
    run(job, Window(date(2026, 10, 31), date(2026, 11, 2)))
    assert warehouse.table("amazon_sp__finances") == by_parts
    [long] = warehouse.rows(
        "select max(posted_at) - min(posted_at) as span from raw.amazon_sp__finances "
        "where (posted_at at time zone 'America/Los_Angeles')::date = '2026-11-01'"
    )
    assert long["span"] < timedelta(hours=25)


def test_the_api_keeps_its_own_rules(jobs: Jobs) -> None:
    client = jobs("amazon_sp", "finances")[0].client()

    def ask(**filters: Any) -> Any:
        return client.call(
            "Finances", "listTransactions", lambda api: api.list_transactions(marketplaceIds=[], **filters)
        )

    long_ago = {"postedAfter": "2026-01-01T00:00:00Z", "postedBefore": "2026-11-22T00:00:00Z"}
    assert ask(**long_ago).payload["transactions"] == []  # more than 180 days
    in_days = {"postedAfter": "2026-10-25T00:00:00Z", "postedBefore": "2026-11-20T00:00:00Z"}
    first = ask(**in_days)
    assert len(first.payload["transactions"]) == 100
    assert first.next_token
    with pytest.raises(RequestRefused):
        ask(nextToken=first.next_token, postedAfter="2026-10-26T00:00:00Z")
    with pytest.raises(RequestRefused):
        ask(nextToken="made up", **in_days)
    with pytest.raises(RequestRefused):
        ask(postedBefore="2026-11-20T00:00:00Z")
    soon = (datetime.now(timezone.utc) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(RequestRefused):
        ask(postedAfter="2026-10-26T00:00:00Z", postedBefore=soon)
    deferred = ask(transactionStatus="DEFERRED", **in_days).payload["transactions"]
    assert {one["transactionStatus"] for one in deferred} == {"DEFERRED"}
