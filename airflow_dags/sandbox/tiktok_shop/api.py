"""TikTok Shop's Open API: token refresh, order, product and return searches, statements, shop performance."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, request

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.tiktok_money import statements
from airflow_dags.sandbox.content import Place, page_of, rows_of
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.tiktok_shop import auth
from airflow_dags.sandbox.tiktok_shop.auth import PLATFORM, PREFIX, TikTokError, answer
from airflow_dags.sandbox.tiktok_shop.documents import order_json, performance_json, products_json, returns_json
from airflow_dags.sandbox.tiktok_shop.money import header_json, statement_json, transaction_json

PAGE_SIZE, LONGEST_PERFORMANCE = 20, 365


def _invalid(message: str) -> TikTokError:
    return TikTokError(36009004, message, 400)


def _operation(state: SandboxState) -> Callable:
    """Checks the request, sets the account and takes a token of its rate; the function's name is the operation."""

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def serve(**values: str) -> Response:
            try:
                shop = auth.shop_of(state, request)
                g.account_id = shop.account_id
                wait = state.buckets.take(function.__name__, shop.account_id)
                if wait is not None:
                    raise TikTokError(36009002, "Too many requests. Try again later.", 429, wait)
                return function(shop, **values)
            except TikTokError as error:
                return error.response()

        return serve

    return decorate


def _listed(
    state: SandboxState, shop: Shop, stream: str, *, items: Sequence[Any], name: str, largest: int = 100, count: bool
) -> dict[str, Any]:
    """One page of a list; the cursor holds the offset and what it was asked for."""
    text = request.args.get("page_size", str(PAGE_SIZE))
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise _invalid(f"Invalid page_size. The value must be between 1 and {largest}.")
    query = {name: value for name, value in request.args.items() if name not in ("page_token", "timestamp", "sign")}
    asked = hashlib.sha256(f"{request.path} {query} {request.get_data(as_text=True)}".encode()).hexdigest()[:16]
    offset = _offset_of(request.args.get("page_token", ""), asked)
    rows, following = page_of(state, Place(PLATFORM, stream, shop.account_id), items, offset, int(text))
    data: dict[str, Any] = {name: rows, "next_page_token": ""}
    if following is not None:
        data["next_page_token"] = base64.b64encode(json.dumps([asked, following]).encode()).decode()
    return {**data, "total_count": len(items)} if count else data


def _offset_of(token: str, asked: str) -> int:
    if not token:
        return 0
    try:
        known, offset = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise _invalid("Invalid page_token.") from None
    if known != asked or not isinstance(offset, int):
        raise _invalid("Invalid page_token. It belongs to another request.")
    return offset


def _instants(given: Any, name: str) -> tuple[datetime, datetime]:
    """The range [ge, lt) of a time filter; an end that is left out is open."""
    bounds = []
    for suffix, default in (("ge", 0), ("lt", 4_000_000_000)):
        value = given.get(f"{name}_{suffix}", default)
        if not str(value).isdigit():
            raise _invalid(f"Invalid {name}_{suffix}. It must be a Unix timestamp.")
        bounds.append(datetime.fromtimestamp(int(value), UTC))
    return bounds[0], bounds[1]


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise _invalid("Invalid request body.")
    return body


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise _invalid(f"Invalid {name}. It must be a date in the format YYYY-MM-DD.") from None


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=PREFIX)
    _add_login(routes, state)
    _add_searches(routes, state)
    _add_finance(routes, state)
    _add_performance(routes, state)
    return routes


def _add_login(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/api/v2/token/refresh")
    def refreshToken() -> Response:  # noqa: N802 (the operation's name)
        try:
            return auth.renewed(state, request)
        except TikTokError as error:
            return error.response()


def _add_searches(routes: Blueprint, state: SandboxState) -> None:
    business = state.business

    @routes.post("/order/202309/orders/search")
    @_operation(state)
    def searchOrders(shop: Shop) -> Response:  # noqa: N802
        start, end = _instants(_body(), "update_time")
        closed_at = shop.day_start(business.as_of)
        orders = business.shop_orders_updated(shop, start, end, state.revision)
        found = [order_json(order, closed_at) for order in orders]
        return answer(_listed(state, shop, "orders", items=found, name="orders", count=True))

    @routes.post("/product/202502/products/search")
    @_operation(state)
    def searchProducts(shop: Shop) -> Response:  # noqa: N802
        _body()
        found = products_json(business, shop, state.revision)
        return answer(_listed(state, shop, "products", items=found, name="products", count=True))

    @routes.post("/return_refund/202309/returns/search")
    @_operation(state)
    def searchReturns(shop: Shop) -> Response:  # noqa: N802
        start, end = (moment.timestamp() for moment in _instants(_body(), "update_time"))
        key = (PLATFORM, "returns", shop.account_id, state.revision)
        listed = state.cached(key, lambda: returns_json(business, shop, state.revision))
        found = [item for item in listed if start <= item["update_time"] < end]
        return answer(_listed(state, shop, "returns", items=found, name="return_orders", largest=50, count=True))


def _add_finance(routes: Blueprint, state: SandboxState) -> None:
    def statements_of(shop: Shop) -> list[Any]:
        key = (PLATFORM, "statements", shop.account_id, state.revision)
        found: list[Any] = state.cached(key, lambda: statements(state.business, shop, state.revision))
        return found

    @routes.get("/finance/202309/statements")
    @_operation(state)
    def getStatements(shop: Shop) -> Response:  # noqa: N802
        if request.args.get("sort_field") != "statement_time":
            raise _invalid("Invalid sort_field. Only statement_time is supported.")
        start, end = _instants(request.args, "statement_time")
        found = [statement_json(shop, item) for item in statements_of(shop) if start <= item.made_at < end]
        if request.args.get("sort_order", "ASC") == "DESC":
            found.reverse()
        return answer(_listed(state, shop, "statements", items=found, name="statements", count=False))

    @routes.get("/finance/202501/statements/<statement_id>/statement_transactions")
    @_operation(state)
    def getStatementTransactions(shop: Shop, statement_id: str) -> Response:  # noqa: N802
        if request.args.get("sort_field") != "order_create_time":
            raise _invalid("Invalid sort_field. Only order_create_time is supported.")
        statement = next((item for item in statements_of(shop) if item.statement_id == statement_id), None)
        if statement is None:
            raise TikTokError(22005010, "Statement not found.", 404)
        found = [transaction_json(transaction) for transaction in statement.transactions]
        page = _listed(state, shop, "statement_transactions", items=found, name="transactions", count=True)
        return answer({**header_json(shop, statement), **page})


def _add_performance(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/analytics/202405/shop/performance")
    @_operation(state)
    def getShopPerformance(shop: Shop) -> Response:  # noqa: N802
        start, end = _day("start_date_ge"), _day("end_date_lt")
        if request.args.get("granularity", "ALL") != "1D":
            raise _invalid("Invalid granularity. The sandbox has 1D only.")
        if not 0 < (end - start).days <= LONGEST_PERFORMANCE:
            raise _invalid("Invalid date range.")
        business = state.business
        days = (start + timedelta(days=number) for number in range((end - start).days))
        rows = [
            performance_json(business, shop, day, state.revision)
            for day in days
            if business.first_day <= day <= business.last_day
        ]
        intervals = rows_of(state, Place(PLATFORM, "shop_performance", shop.account_id), rows)
        data = {"latest_available_date": business.last_day.isoformat(), "performance": {"intervals": intervals}}
        return answer(data)
