"""The books behind Lingxing's open API: tokens that are renewed, signed requests, lists with offset and total."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import Blueprint, g, jsonify, request

from airflow_dags.sandbox.erp_systems.answers import Row, books_of, number, page, text
from airflow_dags.sandbox.state import SandboxState, clock

NAME = "lingxing"
TOLERANCE_SECONDS = 120


def connection(state: SandboxState) -> dict[str, Any]:
    secret = state.credentials.secret
    return {
        # The id is the key of the signature: 16 characters.
        "app_id": f"ak_{secret(NAME, 'app')[:13]}",
        "app_secret": secret(NAME, "secret")[:24],
        # What this company keeps in its products' own fields; it buys in dollars.
        "mapping": {
            "products": {
                "fields": {
                    "account_id": "custom_fields.0.val_text",
                    "asin": "custom_fields.1.val_text",
                    "owner_id": "custom_fields.2.val_text",
                    "team_id": "custom_fields.3.val_text",
                }
            },
            "unit_costs": {"fields": {"currency": "=USD"}},
            "warehouse_stock": {"fields": {"warehouse_name": "wid", "warehouse_id": "wid"}},
            "purchase_orders": {
                "fields": {"supplier_id": "supplier_name", "received_on": "remark", "warehouse_id": None}
            },
        },
    }


def _products(state: SandboxState) -> list[Row]:
    costs = {row["sku"]: row["unit_cost"] for row in books_of(state, "unit_costs") if row["valid_to"] is None}
    own = ("account_id", "asin", "owner_id", "team_id")
    return [
        {
            "id": place,
            "sku": row["sku"],
            "product_name": row["product_name"],
            "category_name": row["category"],
            "brand_name": row["brand"],
            "product_developer": "developer",
            "cg_price": number(costs.get(row["sku"])),
            "custom_fields": [{"id": str(at), "name": name, "val_text": row[name]} for at, name in enumerate(own)],
        }
        for place, row in enumerate(books_of(state, "products"), 1)
    ]


def _stock(state: SandboxState) -> list[Row]:
    """Two rows a SKU: what belongs to a shop, one unit, and the rest."""
    found = []
    for row in books_of(state, "warehouse_stock"):
        common = {"wid": row["warehouse_id"], "sku": row["sku"]}
        found.append({**common, "product_total": 1, "product_lock_num": 0, "product_onway": 0})
        rest = {"product_lock_num": row["reserved"], "product_onway": row["in_transit"]}
        found.append({**common, "product_total": row["on_hand"] - 1, **rest})
    return found


def _purchases(state: SandboxState) -> list[Row]:
    orders = groupby(books_of(state, "purchase_orders"), key=lambda row: row["purchase_order_id"])
    return [_order(order_id, list(lines)) for order_id, lines in orders]


def _order(order_id: str, lines: list[Row]) -> Row:
    first = lines[0]
    items: list[Row] = [
        {
            "sku": line["sku"],
            "price": number(line["unit_cost"]),
            "quantity_real": line["quantity_ordered"],
            "quantity_entry": line["quantity_received"] or 0,
            "expect_arrive_time": text(line["expected_on"]),
            "is_delete": 0,
        }
        for line in lines
    ]
    return {
        "order_sn": order_id,
        "supplier_id": 17,
        "supplier_name": first["supplier_id"],
        "status": 9 if first["received_on"] else 2,
        "order_time": f"{first['ordered_on']} 10:00:00",
        "purchase_currency": first["currency"],
        "wid": 1,
        "remark": text(first["received_on"]),
        # A line that was taken back stays in the list.
        "item_list": [*items, {**items[0], "is_delete": 1}],
    }


LISTS: dict[str, tuple[str, Callable[[SandboxState], list[Row]]]] = {
    "productList": ("products", _products),
    "inventoryDetails": ("warehouse_stock", _stock),
    "purchaseOrderList": ("purchase_orders", _purchases),
}


def add(routes: Blueprint, state: SandboxState) -> None:
    @routes.post("/erp/lingxing/api/auth-server/oauth/access-token")
    def lingxingLogin() -> Any:  # noqa: N802 (the operation's name)
        known = connection(state)
        if request.form.get("appId") != known["app_id"]:
            return jsonify({"code": "2001001", "msg": "app not exist", "data": None})
        if request.form.get("appSecret") != known["app_secret"]:
            return jsonify({"code": "2001002", "msg": "app secret is incorrect", "data": None})
        return _tokens(state)

    @routes.post("/erp/lingxing/api/auth-server/oauth/refresh")
    def lingxingRefresh() -> Any:  # noqa: N802
        if request.form.get("refreshToken") != state.credentials.secret(NAME, "refresh", _round(state)):
            return jsonify({"code": "2001009", "msg": "refresh token is invalid", "data": None})
        return _tokens(state)

    @routes.post("/erp/lingxing/erp/sc/routing/data/local_inventory/<what>")
    def lingxingCall(what: str) -> Any:  # noqa: N802
        query, body = request.args.to_dict(), request.get_json(force=True)
        if query.get("access_token") != state.credentials.secret(NAME, "token", _round(state)):
            return _refused(2001003, "access token not exist or expired")
        sign = query.pop("sign", "")
        if not hmac.compare_digest(sign.encode(), _signature(connection(state)["app_id"], {**body, **query}).encode()):
            return _refused(2001006, "sign is incorrect")
        if abs(clock(state, "erp") - float(query["timestamp"])) > TOLERANCE_SECONDS:
            return _refused(2001007, "sign is expired")
        g.account_id = NAME
        if state.buckets.take("lingxingCall", NAME) is not None:
            return _refused(3001008, "requests too frequently")
        stream, make = LISTS[what]
        rows = state.cached((NAME, what, state.revision), lambda: make(state))
        shown = page(state, stream, rows, int(body["offset"]), int(body["length"]))[0]
        return jsonify({"code": 0, "message": "success", "data": shown, "total": len(rows)})


def _round(state: SandboxState) -> str:
    """Counts the tokens: an older one is no longer good."""
    return str(len(state.jobs[NAME]))


def _tokens(state: SandboxState) -> Any:
    with state.lock:
        state.jobs[NAME][_round(state)] = True
    secret, round_of = state.credentials.secret, _round(state)
    tokens = {"access_token": secret(NAME, "token", round_of), "refresh_token": secret(NAME, "refresh", round_of)}
    return jsonify({"code": "200", "msg": "OK", "data": {**tokens, "expires_in": 7199}})


def _signature(app_id: str, parameters: Row) -> str:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def written(value: Any) -> str:
        return json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) else str(value)

    text_of = "&".join(f"{name}={written(value)}" for name, value in sorted(parameters.items()) if value != "")
    digest = hashlib.md5(text_of.encode(), usedforsecurity=False).hexdigest().upper().encode()
    # 32 characters fill two blocks, so the padding is one whole block.
    encryptor = Cipher(algorithms.AES(app_id.encode()), modes.ECB()).encryptor()  # noqa: S305
    return base64.b64encode(encryptor.update(digest + bytes([16]) * 16) + encryptor.finalize()).decode()


def _refused(code: int, message: str) -> Any:
    return jsonify({"code": code, "message": message, "data": None})
