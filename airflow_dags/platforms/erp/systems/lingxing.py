"""Lingxing (Asinking) over its open API: an access token, and requests that are signed with the app's id.

The connection has ``app_id`` and ``app_secret``; the machine's address has to be allowed in Lingxing. Every request
carries the token, the time and the signature in its address, and what is asked in its body. Lingxing knows a product's
cost of today only, in yuan. Its orders come without amounts, so sales aren't read from it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import NOTHING_CHANGED, ConfigurationError, LoginRefused, ServerUnavailable
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.erp.systems._http import ErpHttp, Verdict, exact_json
from airflow_dags.platforms.erp.systems._mapping import Resource, Row, resources_of, table_of

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

ENDPOINT = "https://openapi.lingxing.com"
LOGIN, REFRESH, CALL = "lingxingLogin", "lingxingRefresh", "lingxingCall"
PAGE_SIZE = 200
_DATA = "/erp/sc/routing/data/local_inventory"
MAPPING: dict[str, tuple[Resource, ...]] = {
    "products": (
        Resource(
            f"{_DATA}/productList",
            {
                "sku": "sku",
                "product_name": "product_name",
                "category": "category_name",
                "brand": "brand_name",
                "owner_id": "product_developer",
            },
        ),
    ),
    "unit_costs": (
        Resource(
            f"{_DATA}/productList",
            {"sku": "sku", "valid_from": "=1970-01-01", "unit_cost": "cg_price", "currency": "=CNY"},
        ),
    ),
    "warehouse_stock": (
        Resource(
            f"{_DATA}/inventoryDetails",
            {
                "warehouse_id": "wid",
                "sku": "sku",
                "on_hand": "product_total",
                "reserved": "product_lock_num",
                "in_transit": "product_onway",
            },
            # A row a shop and FNSKU.
            sums=("on_hand", "reserved", "in_transit"),
        ),
    ),
    "purchase_orders": (
        Resource(
            f"{_DATA}/purchaseOrderList",
            {
                "purchase_order_id": "order_sn",
                "line_number": "#",
                "supplier_id": "supplier_id",
                "sku": "item_list.sku",
                "status": {
                    "field": "status",
                    "values": {"-1": "cancelled", "2": "ordered", "9": "received", "124": "cancelled"},
                },
                "ordered_on": {"field": "order_time", "day": True},
                "expected_on": {"field": "item_list.expect_arrive_time", "day": True},
                "quantity_ordered": "item_list.quantity_real",
                "quantity_received": "item_list.quantity_entry",
                "unit_cost": "item_list.price",
                "currency": "purchase_currency",
                "warehouse_id": "wid",
            },
            # What changed on these days; an order comes whole.
            {"start_date": "{first_day}", "end_date": "{last_day}", "search_field_time": "update_time"},
            lines="item_list",
            skip={"item_list.is_delete": "1"},
        ),
    ),
}
TOKEN_REFUSED = frozenset({"2001003", "2001005"})
LOGIN_REFUSED = frozenset({"2001001", "2001002", "2001004", "2001006", "2001007", "2001008", "2001009", "3001002"})
THROTTLED = frozenset({"3001008", "103"})
_tokens: dict[str, tuple[str, str]] = {}
_lock = threading.Lock()


def offers(account: Account, contract: Contract) -> bool:
    return bool(resources_of(account, contract, MAPPING))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Read the stream's list page by page; Lingxing is only read."""
    http = ErpHttp(account, _judge)
    try:
        answers = [
            (resource, _rows(http, account, resource, window)) for resource in resources_of(account, contract, MAPPING)
        ]
    finally:
        http.close()
    return table_of(account, contract, answers), []


def signature(app_id: str, parameters: Mapping[str, Any]) -> str:
    """AES-ECB under the app's id, in base64, of the upper-case MD5 of name=value by name; empty values are left out."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    pairs = (f"{name}={_written(parameters[name])}" for name in sorted(parameters) if parameters[name] != "")
    digest = hashlib.md5("&".join(pairs).encode(), usedforsecurity=False).hexdigest().upper()
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(app_id.encode()), modes.ECB()).encryptor()  # noqa: S305 (Lingxing's own rule)
    padded = padder.update(digest.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _written(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(http: ErpHttp, account: Account, resource: Resource, window: Window) -> list[Row]:
    filters = resource.filters_for(window) or {}

    def fetch(cursor: str | None) -> Page:
        offset = int(cursor or 0)
        answer = _call(http, account, resource.resource, {**filters, "offset": offset, "length": PAGE_SIZE})
        rows, total = answer.get("data"), answer.get("total")
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{http.owner}: {resource.resource} was answered without a list")
        return Page(rows, str(offset + len(rows)) if rows else None, int(total) if total is not None else None)

    return list(follow(fetch, f"{http.owner}: {resource.resource}"))


def _call(http: ErpHttp, account: Account, path: str, body: dict[str, Any]) -> dict[str, Any]:
    token = _token(http, account)
    try:
        return _once(http, account, path, (body, token))
    except LoginRefused as error:
        if not error.context.get("is_token"):
            raise
    return _once(http, account, path, (body, _token(http, account, instead_of=token)))


def _once(http: ErpHttp, account: Account, path: str, call: tuple[dict[str, Any], str]) -> dict[str, Any]:
    body, token = call
    app_id = account.need("app_id")
    query = {"access_token": token, "app_key": app_id, "timestamp": str(int(time.time()))}
    try:
        query["sign"] = signature(app_id, {**body, **query})
    except ValueError:
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (erp): its app_id isn't 16, 24 or 32 characters long; "
            f"{NOTHING_CHANGED}; copy it again from Lingxing"
        ) from None
    answer = exact_json(http.send(CALL, "POST", _address(account, path), params=query, json=body))
    if str(answer.get("code")) in TOKEN_REFUSED:
        said = http.blotted(str(answer.get("message") or answer.get("msg") or ""))
        raise LoginRefused(
            f"{http.owner}: {CALL} was refused{said}; {NOTHING_CHANGED}; check the connection's credentials",
            operation=CALL,
            is_token=True,
        )
    return dict(answer)


def _token(http: ErpHttp, account: Account, instead_of: str | None = None) -> str:
    """The account's access token: renewed, or asked for anew, where it is ``instead_of``."""
    key = f"{_address(account, '')} {account.need('app_id')} {account.need('app_secret')}"
    with _lock:
        token, refresh = _tokens.get(key, ("", ""))
        if token and token != instead_of:
            return token
        app_id = account.need("app_id")
        data: dict[str, Any] = {}
        if refresh:
            try:
                data = _ask(http, account, REFRESH, {"appId": app_id, "refreshToken": refresh})
            except LoginRefused:
                data = {}
        data = data or _ask(http, account, LOGIN, {"appId": app_id, "appSecret": account.need("app_secret")})
        if not data.get("access_token"):
            raise ServerUnavailable(f"{http.owner}: {LOGIN} answered without a token", operation=LOGIN)
        _tokens[key] = str(data["access_token"]), str(data.get("refresh_token") or "")
        return _tokens[key][0]


def _ask(http: ErpHttp, account: Account, operation: str, form: dict[str, str]) -> dict[str, Any]:
    path = "/api/auth-server/oauth/" + ("refresh" if operation == REFRESH else "access-token")
    # Lingxing wants multipart/form-data: parts without a file name.
    parts: dict[str, Any] = {name: (None, value) for name, value in form.items()}
    data = exact_json(http.send(operation, "POST", _address(account, path), files=parts)).get("data")
    return data if isinstance(data, dict) else {}


def _address(account: Account, path: str) -> str:
    return str(account.get("endpoint", ENDPOINT)).rstrip("/") + path


def _judge(operation: str, response: httpx.Response) -> Verdict | None:
    """Refusals come with status 200 and a code; a token that is too old is renewed by who asked."""
    if not response.is_success:
        return None
    answer = exact_json(response)
    if not isinstance(answer, dict) or "code" not in answer:
        return Verdict("unavailable", "the answer has no code")
    code, said = str(answer["code"]), str(answer.get("message") or answer.get("msg") or "")
    if code in ("0", "200") or (code in TOKEN_REFUSED and operation == CALL):
        return None
    said = f"code {code}: {said}"
    if code in THROTTLED:
        return Verdict("throttled", said)
    return Verdict("login" if code in LOGIN_REFUSED or operation != CALL else "refused", said)
