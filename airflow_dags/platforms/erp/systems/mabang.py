"""Mabang over its gateway (v2): one address, the operation in the body, the body signed with the developer's key.

The connection has ``app_id`` (appkey) and ``app_secret`` (the developer's key). Lists come with a cursor or with page
numbers. Mabang knows a product's cost of today only, in yuan. Its sales aren't read: what it says of refunds isn't
known.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import ServerUnavailable
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.erp.systems._http import ErpHttp, Verdict, exact_json
from airflow_dags.platforms.erp.systems._mapping import Resource, Row, resources_of, table_of

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

ENDPOINT = "https://gwapi.mabangerp.com/api/v2"
OPERATION = "mabangCall"
PAGE_SIZE = 100
_SKUS = "stock-do-search-sku-list-new"
MAPPING: dict[str, tuple[Resource, ...]] = {
    "products": (
        Resource(
            _SKUS,
            {
                "sku": "stockSku",
                "product_name": "nameCN",
                "category": "parentCategoryName",
                "owner_id": "developerId",
            },
        ),
    ),
    "unit_costs": (
        Resource(
            _SKUS,
            {"sku": "stockSku", "valid_from": "=1970-01-01", "unit_cost": "defaultCost", "currency": "=CNY"},
        ),
    ),
    "warehouse_stock": (
        Resource(
            _SKUS,
            {
                "warehouse_id": "warehouse.warehouseId",
                "warehouse_name": "warehouse.warehouseName",
                "sku": "stockSku",
                "on_hand": "warehouse.stockQuantity",
                "reserved": "warehouse.waitingQuantity",
                "in_transit": "warehouse.shippingQuantity",
            },
            {"showWarehouse": "1"},
            lines="warehouse",
        ),
    ),
    "purchase_orders": (
        Resource(
            "pur-get-purchase-list",
            {
                "purchase_order_id": "groupId",
                "line_number": "#",
                "supplier_id": "providerId",
                "sku": "Item.stockSku",
                "status": {
                    "field": "flag",
                    "values": {
                        "4": "ordered",
                        "5": "ordered",
                        "6": "ordered",
                        "7": "ordered",
                        "8": "ordered",
                        "9": "received",
                        "10": "received",
                        "12": "cancelled",
                    },
                },
                "ordered_on": {"field": "createDate", "day": True},
                "expected_on": {"field": "estimatedTime", "day": True},
                "quantity_ordered": "Item.purchaseNum",
                "quantity_received": "Item.inNum",
                "unit_cost": "Item.price",
                "currency": "=CNY",
            },
            # What changed on these days; an order comes whole.
            {"updateDateStart": "{first_day} 00:00:00", "updateDateEnd": "{last_day} 23:59:59"},
            lines="Item",
        ),
    ),
}


def offers(account: Account, contract: Contract) -> bool:
    return bool(resources_of(account, contract, MAPPING))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Read the stream's list page by page; Mabang is only read."""
    http = ErpHttp(account, _judge)
    try:
        answers = [
            (resource, _rows(http, account, resource, window)) for resource in resources_of(account, contract, MAPPING)
        ]
    finally:
        http.close()
    return table_of(account, contract, answers), []


def signature(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the body under the developer's key, in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _rows(http: ErpHttp, account: Account, resource: Resource, window: Window) -> list[Row]:
    filters = resource.filters_for(window) or {}

    def fetch(cursor: str | None) -> Page:
        kind, _, at = (cursor or "page 1").partition(" ")
        where = {"cursor": at} if kind == "cursor" else ({"page": at} if cursor else {})
        data = _call(http, account, resource.resource, {**filters, "maxRows": str(PAGE_SIZE), **where})
        rows = data.get("data")
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{http.owner}: {resource.resource} was answered without a list")
        following = None
        if data.get("nextCursor") and rows:
            following = f"cursor {data['nextCursor']}"
        elif str(data.get("pageCount", "")).isdecimal() and int(at or 1) < int(data["pageCount"]):
            following = f"page {int(at or 1) + 1}"
        return Page(rows, following)

    return list(follow(fetch, f"{http.owner}: {resource.resource}"))


def _call(http: ErpHttp, account: Account, api: str, data: dict[str, Any]) -> dict[str, Any]:
    request = {
        "api": api,
        "appkey": account.need("app_id"),
        "data": data,
        "timestamp": str(int(time.time())),
        "version": "2",
    }
    body = json.dumps(request, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "Authorization": signature(account.need("app_secret"), body)}
    response = http.send(OPERATION, "POST", str(account.get("endpoint", ENDPOINT)), content=body, headers=headers)
    answer = exact_json(response).get("data")
    return answer if isinstance(answer, dict) else {}


def _judge(operation: str, response: httpx.Response) -> Verdict | None:
    """Refusals come with status 200 and a code other than 200; only the message tells them apart."""
    if not response.is_success:
        return None
    answer = exact_json(response)
    if not isinstance(answer, dict) or "code" not in answer:
        return Verdict("unavailable", "the answer has no code")
    if str(answer["code"]) == "200":
        return None
    said = str(answer.get("message") or f"code {answer['code']}")
    if re.search("频率|频繁|限流|超过.*次", said):
        return Verdict("throttled", said)
    if re.search("签名|授权|appkey|authorization|sign|权限|timestamp", said, re.IGNORECASE):
        return Verdict("login", said)
    return Verdict("refused", said)
