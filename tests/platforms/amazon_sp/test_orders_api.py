"""Orders by searchOrders: items and their proceeds, pages, and the same figures as the bulk report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import RequestRefused
from airflow_dags.ingest import Job
from airflow_dags.platforms.amazon_sp.orders_api import rows_of
from tests.pipeline.conftest import Warehouse

from ..support import run

Jobs = Callable[[str, str], list[Job]]


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


ORDER = {
    "orderId": "111-1",
    "orderAliases": [{"aliasId": "PO-7", "aliasType": "SELLER_ORDER_ID"}],
    "createdTime": "2026-11-01T08:59:00Z",
    "lastUpdatedTime": "2026-11-01T09:30:00Z",
    "programs": ["PRIME", "AMAZON_BUSINESS"],
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER", "marketplaceName": "Amazon.com"},
    "fulfillment": {"fulfillmentStatus": "SHIPPED", "fulfilledBy": "AMAZON", "fulfillmentServiceLevel": "EXPEDITED"},
    "orderItems": [
        {
            "orderItemId": "1",
            "quantityOrdered": 2,
            "product": {"asin": "B01", "sellerSku": "CHG-101", "price": {"unitPrice": money("19.99")}},
            "proceeds": {
                "proceedsTotal": money("39.18"),
                "breakdowns": [
                    {"type": "ITEM", "subtotal": money("39.98")},
                    {"type": "TAX", "subtotal": money("3.20")},
                    {"type": "DISCOUNT", "subtotal": money("-4.00")},
                ],
            },
            "promotion": {"breakdowns": [{"promotionId": "A"}, {"promotionId": "B"}]},
            "fulfillment": {"quantityFulfilled": 2, "quantityUnfulfilled": 0},
        },
        {
            "orderItemId": "2",
            "quantityOrdered": 1,
            "product": {"sellerSku": "CHG-102"},
            "cancellation": {"cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "late"}},
        },
    ],
}


def test_items_are_rows_with_their_orders_facts() -> None:
    sold, cancelled = rows_of(ORDER)
    assert (sold["order_id"], sold["merchant_order_id"], sold["programs"]) == ("111-1", "PO-7", "PRIME,AMAZON_BUSINESS")
    assert (sold["item_proceeds"], sold["tax_proceeds"], sold["discount_proceeds"]) == ("39.98", "3.20", "-4.00")
    assert (sold["proceeds_total"], sold["currency"], sold["promotion_ids"]) == ("39.18", "USD", "A,B")
    assert sold["cancelled_by"] is None
    assert (cancelled["cancelled_by"], cancelled["cancel_reason"]) == ("BUYER", "late")
    assert "item_proceeds" not in cancelled, "an amount that Amazon doesn't state is no zero"
    assert cancelled["last_updated_at"] == sold["last_updated_at"] == "2026-11-01T09:30:00Z"


def test_unknown_parts_are_kept() -> None:
    strange = {"type": "DELIVERY_TIP", "subtotal": money("1.00")}
    item = {"orderItemId": "1", "proceeds": {"breakdowns": [strange]}}
    [row] = rows_of({**ORDER, "orderItems": [item], "novelty": "kept"})
    assert (row["delivery_tip_proceeds"], row["novelty"]) == ("1.00", "kept")


def test_both_ways_to_the_orders_agree(jobs: Jobs, warehouse: Warehouse, business: Any) -> None:
    """The API's last days against the report's: units, sales and status, order by order."""
    window = Window(business.as_of - timedelta(days=6), business.as_of)
    for stream in ("orders", "orders_api"):
        run(jobs("amazon_sp", stream)[0], window)
    differences = warehouse.rows("""
        with report as (
            select amazon_order_id as order_id, last_updated_date as updated_at, sum(quantity) as units,
                coalesce(sum(item_price), 0) as sales
            from raw.amazon_sp__orders group by 1, 2
        ), api as (
            select order_id, last_updated_at as updated_at, sum(quantity_ordered) as units,
                coalesce(sum(item_proceeds), 0) as sales
            from raw.amazon_sp__orders_api group by 1, 2
        )
        (select * from report except select * from api) union all (select * from api except select * from report)
    """)
    assert differences == []
    assert warehouse.value("select count(distinct order_id) from raw.amazon_sp__orders_api") > 200


def test_the_newer_state_of_an_order_wins(jobs: Jobs, warehouse: Warehouse, business: Any, sandbox: Any) -> None:
    job = jobs("amazon_sp", "orders_api")[0]
    run(job, Window(business.as_of - timedelta(days=3), business.as_of))
    sandbox.revision = 1
    run(job, Window(business.as_of - timedelta(days=1), business.as_of))
    changed = {
        order.order_id: order
        for order in business.order_changes().values()
        if order.account.account_id == job.account.account_id
    }
    found = warehouse.rows(
        "select order_id, max(fulfillment_status) as status from raw.amazon_sp__orders_api group by 1"
    )
    states = {row["order_id"]: row["status"] for row in found}
    assert changed
    assert {order_id: states[order_id] for order_id in changed} == {
        order_id: "CANCELLED" if order.is_cancelled else "SHIPPED" for order_id, order in changed.items()
    }


def test_pages_hold_up_to_a_hundred_and_their_token_belongs_to_the_question(jobs: Jobs) -> None:
    client = jobs("amazon_sp", "orders_api")[0].client()

    def ask(**filters: Any) -> Any:
        wanted = {"lastUpdatedAfter": "2026-11-10T00:00:00Z", "lastUpdatedBefore": "2026-11-20T00:00:00Z", **filters}
        return client.call(
            "Orders", "searchOrders", lambda api: api.search_orders(marketplaceIds=["ATVPDKIKX0DER"], **wanted)
        )

    first = ask()
    assert len(first.payload["orders"]) == 100
    assert "fulfillment" not in first.payload["orders"][0], "only what was asked for is included"
    second = ask(paginationToken=first.next_token)
    ids = [order["orderId"] for answer in (first, second) for order in answer.payload["orders"]]
    assert len(set(ids)) == len(ids)
    for wrong in (
        {"paginationToken": "made up"},
        {"paginationToken": first.next_token, "maxResultsPerPage": 50},
        {"maxResultsPerPage": 101},
        {"includedData": ["EVERYTHING"]},
        {"createdAfter": "2026-11-10T00:00:00Z"},
    ):
        with pytest.raises(RequestRefused, match="400"):
            ask(**wrong)
