"""The books behind Mabang's gateway: one address, signed bodies, lists with a cursor or with page numbers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import Blueprint, g, jsonify, request

from airflow_dags.sandbox.erp_systems.answers import Row, books_of, number, page, text
from airflow_dags.sandbox.state import SandboxState, clock

NAME = "mabang"
TOLERANCE_SECONDS = 600


def connection(state: SandboxState) -> dict[str, Any]:
    secret = state.credentials.secret
    return {
        "app_id": "2" + str(int(secret(NAME, "app")[:6], 16)),
        "app_secret": secret(NAME, "secret")[:32],
        # What this company keeps in the attributes of its SKUs; it buys in dollars.
        "mapping": {
            "products": {
                "fields": {
                    "account_id": "attributes.account",
                    "asin": "attributes.asin",
                    "brand": "attributes.brand",
                    "owner_id": "attributes.owner",
                    "team_id": "attributes.team",
                }
            },
            "unit_costs": {"fields": {"currency": "=USD"}},
            "purchase_orders": {"fields": {"currency": "=USD", "received_on": "remark"}},
        },
    }


def _skus(state: SandboxState) -> list[Row]:
    costs = {row["sku"]: row["unit_cost"] for row in books_of(state, "unit_costs") if row["valid_to"] is None}
    return [
        {
            "stockSku": row["sku"],
            "nameCN": row["product_name"],
            "parentCategoryName": row["category"],
            "developerId": "1",
            "defaultCost": text(costs.get(row["sku"])),
            "attributes": {
                "account": row["account_id"],
                "asin": row["asin"],
                "brand": row["brand"],
                "owner": row["owner_id"],
                "team": row["team_id"],
            },
            "warehouse": [
                {
                    "warehouseId": one["warehouse_id"],
                    "warehouseName": one["warehouse_name"],
                    "stockQuantity": one["on_hand"],
                    "waitingQuantity": one["reserved"],
                    "shippingQuantity": one["in_transit"],
                }
                for one in books_of(state, "warehouse_stock")
                if one["sku"] == row["sku"]
            ],
        }
        for row in books_of(state, "products")
    ]


def _purchases(state: SandboxState) -> list[Row]:
    orders = groupby(books_of(state, "purchase_orders"), key=lambda row: row["purchase_order_id"])
    return [_order(order_id, list(lines)) for order_id, lines in orders]


def _order(order_id: str, lines: list[Row]) -> Row:
    first = lines[0]
    return {
        "groupId": order_id,
        "providerId": first["supplier_id"],
        "flag": "10" if first["received_on"] else "4",
        "createDate": f"{first['ordered_on']} 10:00:00",
        "estimatedTime": f"{first['expected_on']} 00:00:00",
        "remark": text(first["received_on"]),
        "Item": [
            {
                "stockSku": line["sku"],
                "purchaseNum": str(line["quantity_ordered"]),
                "inNum": str(line["quantity_received"] or 0),
                "price": number(line["unit_cost"]),
            }
            for line in lines
        ],
    }


LISTS: dict[str, tuple[str, Callable[[SandboxState], list[Row]], bool]] = {
    "stock-do-search-sku-list-new": ("products", _skus, True),
    "pur-get-purchase-list": ("purchase_orders", _purchases, False),
}


def add(routes: Blueprint, state: SandboxState) -> None:
    @routes.post("/erp/mabang")
    def mabangCall() -> Any:  # noqa: N802 (the operation's name)
        known, asked = connection(state), request.get_json(force=True)
        wanted = hmac.new(known["app_secret"].encode(), request.get_data(), hashlib.sha256).hexdigest()
        if asked.get("appkey") != known["app_id"]:
            return _refused("appkey不存在")
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
            return _refused("签名错误")
        if abs(clock(state, "erp") - float(asked["timestamp"])) > TOLERANCE_SECONDS:
            return _refused("timestamp已过期")
        g.account_id = NAME
        if state.buckets.take("mabangCall", NAME) is not None:
            return _refused("请求过于频繁")
        if asked["api"] not in LISTS:
            return _refused(f"接口不存在: {asked['api']}")
        return _list(state, asked["api"], asked["data"])


def _list(state: SandboxState, api: str, data: Row) -> Any:
    stream, make, has_cursor = LISTS[api]
    rows = state.cached(("mabang", api, state.revision), lambda: make(state))
    size = max(1, min(int(data.get("maxRows", 100)), 100, -(-len(rows) // state.options.least_pages)))
    start = int(data["cursor"]) if "cursor" in data else (int(data.get("page", 1)) - 1) * size
    shown, following = page(state, stream, rows, start, size)
    ends: Row = {"nextCursor": str(following or "")} if has_cursor else {"pageCount": -(-len(rows) // size)}
    return jsonify({"code": "200", "message": "成功", "data": {"data": shown, **ends}})


def _refused(message: str) -> Any:
    return jsonify({"code": "999", "message": message, "data": None})
