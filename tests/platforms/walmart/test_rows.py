"""What Walmart's payloads become: rows, days, signs, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import WrongDocument
from airflow_dags.ingest import Job
from airflow_dags.platforms.walmart.inventory import own_rows, wfs_rows
from airflow_dags.platforms.walmart.orders import rows_of_order
from airflow_dags.sandbox.business.walmart_money import settlements
from airflow_dags.sandbox.business.walmart_service import METRICS, rate
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

Jobs = Callable[[str, str], list[Job]]
ZONE = ZoneInfo("America/Los_Angeles")


def load(jobs: Jobs, business: Any, stream: str) -> Job:
    [job] = jobs("walmart", stream)
    run(job, whole_window(business, job.stream))
    return job


def test_an_order_becomes_a_row_a_line_in_the_marketplaces_days() -> None:
    # 2026-11-01 00:30 in Los Angeles is still summer time; the order falls on the day on which the clock is set back.
    order = {
        "purchaseOrderId": "1796277083022",
        "customerOrderId": "5281956426648",
        "orderDate": "1793518200000",
        "shipNode": {"type": "WFSFulfilled", "id": "300001"},
        "orderLines": {
            "orderLine": [
                {
                    "lineNumber": "1",
                    "item": {"sku": "A-1", "productName": "Tent"},
                    "charges": {
                        "charge": [
                            _charge("PRODUCT", "19.99", "1.65"),
                            _charge("PRODUCT", "-2.00", "0"),
                            _charge("SHIPPING", "5.99", "0.49"),
                        ]
                    },
                    "orderLineQuantity": {"amount": "2"},
                    "statusDate": "1793521800000",
                    "orderLineStatuses": {"orderLineStatus": {"status": "Shipped"}},
                    "refund": {"refundCharges": {"refundCharge": {"charge": _charge("PRODUCT", "-19.99", "-1.65")}}},
                },
                {"lineNumber": "2", "item": {"sku": "B-2"}, "orderLineStatuses": {}},
            ]
        },
    }
    first, second = rows_of_order(order, ZONE)
    assert first["order_date"] == "2026-11-01"
    assert first["ordered_at"] == "2026-11-01T07:30:00+00:00"
    assert (first["product_amount"], first["shipping_amount"], first["tax_amount"]) == ("17.99", "5.99", "2.14")
    assert (first["refund_amount"], first["refund_tax_amount"]) == ("-19.99", "-1.65")
    assert (first["status"], first["quantity"], first["currency"]) == ("Shipped", "2", "USD")
    assert second["product_amount"] is None, "missing is not zero"
    assert second["purchase_order_id"] == "1796277083022"


def _charge(kind: str, amount: str, tax: str) -> dict[str, Any]:
    return {
        "chargeType": kind,
        "chargeAmount": {"currency": "USD", "amount": amount},
        "tax": {"taxAmount": {"amount": tax}},
    }


def test_an_amount_that_is_none_sets_the_whole_order_aside(jobs: Jobs, warehouse: Warehouse, monkeypatch: Any) -> None:
    from airflow_dags.platforms.walmart.client import Marketplace

    [job] = jobs("walmart", "orders")
    get_json = Marketplace.get_json
    spoiled: list[str] = []

    def spoil(self: Any, *args: Any) -> Any:
        answer = get_json(self, *args)
        orders = answer["list"]["elements"]["order"]
        if orders and not spoiled:
            spoiled.append(orders[0]["purchaseOrderId"])
            charge = orders[0]["orderLines"]["orderLine"][0]["charges"]["charge"][0]
            charge["chargeAmount"]["amount"] = "a lot"
        return answer

    monkeypatch.setattr(Marketplace, "get_json", spoil)
    day = job.today()
    results = run(job, Window(day.replace(day=20), day))
    assert sum(result.rows_quarantined for result in results) >= 1
    assert warehouse.value("select count(*) from raw.walmart__orders where purchase_order_id = %s", spoiled[0]) == 0
    assert warehouse.value("select count(*) from raw.walmart__orders") > 10


def test_a_refund_after_the_restatement_reaches_an_old_order(
    jobs: Jobs, business: Any, sandbox: Any, warehouse: Warehouse
) -> None:
    job = load(jobs, business, "orders")
    late = "select count(*) from raw.walmart__orders where refund_amount < 0"
    before = warehouse.value(late)
    sandbox.revision = 1
    run(job, Window(business.last_day, business.as_of))
    [shop] = business.shops_of("walmart")
    days = business.days()
    expected = sum(len(order.refunds) for day in days for order in business.shop_orders(shop, day, 1))
    assert warehouse.value(late) == expected > before


def test_cancelled_lines_are_kept_with_their_reason_and_without_amounts(
    jobs: Jobs, business: Any, warehouse: Warehouse
) -> None:
    load(jobs, business, "orders")
    rows = warehouse.rows(
        "select product_amount, cancellation_reason from raw.walmart__orders where status = 'Cancelled'"
    )
    assert rows
    assert {row["product_amount"] for row in rows} == {Decimal(0)}
    assert all(row["cancellation_reason"] for row in rows)


def test_every_metric_is_the_rate_of_the_orders_and_one_without_data_has_no_row(
    jobs: Jobs, business: Any, warehouse: Warehouse
) -> None:
    load(jobs, business, "performance")
    [shop] = business.shops_of("walmart")
    rows = {row["metric"]: row for row in warehouse.rows("select * from raw.walmart__performance")}
    assert set(rows) == set(METRICS) - {"negativeFeedback"}
    for metric, row in rows.items():
        expected = rate(business, shop, metric, days=row["report_days"], revision=0)
        assert expected is not None
        assert row["rate"] == expected.percent, metric
        assert row["snapshot_date"] == business.as_of
    assert rows["otd"]["standard"] == "90% or above"
    assert rows["otd"]["seller_accountable_rate"] >= rows["otd"]["rate"]
    assert rows["returns"]["standard"] is None


def test_every_settlement_adds_up_to_its_payout(jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
    job = load(jobs, business, "recon")
    [shop] = business.shops_of("walmart")
    expected = {
        (found.period_start, found.period_end): Decimal(found.total) / 100 for found in settlements(business, shop)
    }
    rows = warehouse.rows("select settlement_start, settlement_end, sum(amount) from raw.walmart__recon group by 1, 2")
    assert {(row["settlement_start"], row["settlement_end"]): row["sum"] for row in rows} == expected
    assert len(expected) >= 3
    assert run(job, whole_window(business, job.stream)) == [], "reports that were loaded are not loaded again"


@pytest.mark.parametrize(
    ("stream", "way", "name"),
    [("orders", ("list", "elements", "order"), "purchaseOrderId"), ("returns", ("returnOrders",), "returnOrderId")],
)
def test_an_id_that_is_no_number_is_refused_because_its_rows_would_stand_beside_the_old_ones(
    stream: str, way: tuple[str, ...], name: str, jobs: Jobs, business: Any, warehouse: Warehouse, monkeypatch: Any
) -> None:
    from airflow_dags.platforms.walmart.client import Marketplace

    job = load(jobs, business, stream)
    before = warehouse.table(f"walmart__{stream}")
    get_json = Marketplace.get_json

    def spoil(self: Any, *args: Any) -> Any:
        found = answer = get_json(self, *args)
        for step in way:
            found = found[step]
        for item in found:
            item[name] = f"PO-{item[name]}"
        return answer

    monkeypatch.setattr(Marketplace, "get_json", spoil)
    with pytest.raises(WrongDocument, match=f"{name} is 'PO-[0-9]+', which is no number; nothing was changed"):
        run(job, whole_window(business, job.stream))
    assert warehouse.table(f"walmart__{stream}") == before


def test_fields_that_nobody_has_heard_of_are_kept_and_named_by_where_they_are() -> None:
    order = {
        "purchaseOrderId": "1",
        "isGift": True,
        "customerEmailId": "a@b",
        "orderLines": {"orderLine": [{"mood": 3}]},
    }
    [row] = rows_of_order(order, ZONE)
    assert {name: value for name, value in row.items() if "." in name} == {"order.isGift": True, "orderLine.mood": 3}
    [row] = own_rows({"sku": "A-1", "lane": "x", "nodes": [{"shipNode": "1", "shelf": "7"}]})
    assert (row["inventory.lane"], row["node.shelf"]) == ("x", "7")


def test_what_the_sandbox_sends_is_known(jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
    for stream in ("orders", "returns", "inventory", "wfs_inventory", "recon", "performance"):
        [job] = jobs("walmart", stream)
        results = run(job, whole_window(business, job.stream))
        assert {name for result in results for name in result.new_columns} == set(), stream


def test_an_item_without_its_nodes_is_set_aside_and_not_taken_for_one_without_stock() -> None:
    [own] = own_rows({"sku": "A-1", "nodes": "unreadable"})
    [wfs] = wfs_rows({"sku": "A-1"})
    assert (own["sku"], own["ship_node"], own["available_quantity"]) == ("A-1", None, None)
    assert (wfs["sku"], wfs["ship_node_type"], wfs["available_quantity"]) == ("A-1", None, None)
