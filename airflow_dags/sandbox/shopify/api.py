"""The Admin API of two shops: GraphQL with its points, bulk operations and their files."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.business.shops import Shop, ShopOrder
from airflow_dags.sandbox.content import Place, is_stuck, note, page_of, report_end, rows_of
from airflow_dags.sandbox.shopify import auth, bulk, objects, shopifyql
from airflow_dags.sandbox.shopify.auth import PLATFORM, ShopifyError
from airflow_dags.sandbox.shopify.bulk import BulkOperation
from airflow_dags.sandbox.shopify.graphql import Connection, Field, GraphqlError, Operation, complete, cost, parse
from airflow_dags.sandbox.state import SandboxState, now

MAX_COST, RESTORE_RATE, MAXIMUM = 1000, 100.0, 2000.0
AT_ONCE = 5
ARGUMENTS = {"id": "gid", "type": "kind", "sortKey": "sort_key", "groupObjects": "group_objects"}
RUN_SECONDS = 0.4  # an operation is done after so long, or on the poll that the options say
STREAMS = {"orders": "orders", "productVariants": "products", "inventoryItems": "inventory_levels"}
_UPDATED = re.compile(r"updated_at:(>=|<=|>|<)\s*'([^']+)'")
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
REFUNDED = ("REFUNDED", "PARTIALLY_REFUNDED")


class AdminApi:
    """The answers for the shop that is logged in."""

    def __init__(self, state: SandboxState) -> None:
        self.state, self.business = state, state.business

    @property
    def shop(self) -> Shop:
        return next(shop for shop in self.business.shops_of(PLATFORM) if shop.account_id == g.account_id)

    def place(self, stream: str) -> Place:
        return Place(PLATFORM, stream, g.account_id)

    def execute(self, operation: Operation) -> dict[str, Any]:
        data = {}
        for one in operation.fields:
            resolver = self._resolver(operation.kind, one)
            data[one.alias] = complete(resolver(**{ARGUMENTS.get(n, n): v for n, v in one.arguments.items()}), one)
        return data

    def _resolver(self, kind: str, one: Field) -> Callable[..., Any]:
        found: dict[str, Callable[..., Any]] = {
            "shop": lambda: objects.shop_object(self.shop, auth.domain(self.shop)),
            "orders": self._paged_orders,
            "ordersCount": self._orders_count,
            "refund": self._refund,
            "bulkOperation": self._bulk_operation,
            "currentBulkOperation": self._current_bulk_operation,
            "shopifyqlQuery": self._shopifyql,
        }
        if kind == "mutation":
            found = {"bulkOperationRunQuery": self._run_bulk}
        if one.name not in found:
            type_name = {"query": "QueryRoot", "mutation": "Mutation"}[kind]
            raise GraphqlError(f"Field '{one.name}' doesn't exist on type '{type_name}'", "undefinedField")
        return found[one.name]

    # Orders, page by page ---------------------------------------------------------------------------------------------

    def _paged_orders(self, query: str = "", sort_key: str = "", **paging: Any) -> Connection:
        items = Connection(objects.order_object(self.business, order) for order in self._orders(query))
        place = self.place("refunds")
        note(self.state, place)
        items.make_page = lambda rows, offset, size: page_of(self.state, place, rows, offset, size)
        return items

    def _orders_count(self, query: str = "", limit: int | None = 10_000) -> dict[str, Any]:
        note(self.state, self.place("refunds"))
        count = len(self._orders(query))
        is_exact = limit is None or count <= limit
        shown = count if is_exact else limit
        return {"__typename": "Count", "count": shown, "precision": "EXACT" if is_exact else "AT_LEAST"}

    def _orders(self, query: str) -> list[ShopOrder]:
        """The orders of a search: updated_at with its comparisons, and financial_status."""
        bounds = {">": EVER[0], "<": EVER[1]}
        for sign, text in _UPDATED.findall(query):
            bounds[sign[0]] = datetime.fromisoformat(text.replace("Z", "+00:00"))
        found = self.business.shop_orders_updated(self.shop, bounds[">"], bounds["<"], self.state.revision)
        if "financial_status" in query:
            found = [order for order in found if objects.financial_status(order) in REFUNDED]
        return found

    def _refund(self, gid: str) -> dict[str, Any] | None:
        note(self.state, self.place("refunds"))
        everything = self.business.shop_orders_updated(self.shop, *EVER, self.state.revision)
        found = [objects.refund_object(order, refund) for order in everything for refund in order.refunds]
        return next((refund for refund in found if refund["id"] == gid), None)

    # Sessions ---------------------------------------------------------------------------------------------------------

    def _shopifyql(self, query: str) -> dict[str, Any]:
        rows, problems = shopifyql.answer(self.business, self.shop, query, self.state.revision)
        if not problems:
            rows = rows_of(self.state, self.place("sessions"), rows)
        table = {"__typename": "ShopifyqlTableData", "columns": shopifyql.columns(rows), "rows": rows}
        return {
            "__typename": "ShopifyqlQueryResponse",
            "tableData": None if problems else table,
            "parseErrors": problems,
        }

    # Bulk operations --------------------------------------------------------------------------------------------------

    def _operations(self) -> dict[str, BulkOperation]:
        return self.state.jobs[PLATFORM]

    def _run_bulk(self, query: str, group_objects: bool = False) -> dict[str, Any]:
        with self.state.lock:
            running = [
                one
                for one in map(self._advanced, self._operations().values())
                if one.is_running and one.end != "never" and one.account_id == g.account_id
            ]
            try:
                wanted = parse(query)
                problem = bulk.check(wanted)
                if problem is None and len(running) >= AT_ONCE:
                    return _run_payload(None, f"Only {AT_ONCE} bulk operations may run at a time.", "LIMIT_REACHED")
                if problem is None:
                    return _run_payload(self._object(self._start(wanted.fields[0], query)), None)
            except GraphqlError as error:
                problem = f"Invalid bulk query: {error.message}"
        return _run_payload(None, problem, "INVALID")

    def _start(self, one: Field, query: str) -> BulkOperation:
        stream = STREAMS.get(one.name)
        if stream is None:
            raise GraphqlError(f"Field '{one.name}' doesn't exist on type 'QueryRoot'")
        place = self.place(stream)
        note(self.state, place)
        rows = bulk.lines_of(self._root(one), one)
        started = BulkOperation(
            number=7_000_000 + len(self._operations()),
            account_id=g.account_id,
            query=query,
            stream=stream,
            revision=self.state.revision,
            created_at=now(),
            rows=rows,
            count=len(rows),
            end=report_end(self.state, place),
        )
        self._operations()[started.gid] = started
        return started

    def _root(self, one: Field) -> Connection:
        if one.name == "orders":
            found = self._orders(str(one.arguments.get("query") or ""))
            return Connection(objects.order_object(self.business, order) for order in found)
        make = objects.variant_object if one.name == "productVariants" else objects.item_object
        return Connection(make(self.business, self.shop, sku) for sku in self.business.shop_skus(self.shop))

    def _advanced(self, one: BulkOperation) -> BulkOperation:
        """The operation with the state that it has reached by now."""
        is_over = one.polls >= self.state.options.polls or time.monotonic() - one.asked_at > RUN_SECONDS
        if one.is_running and not is_stuck(self.state, one.end) and is_over:
            one.status = {"fatal": "FAILED", "cancelled": "CANCELED"}.get(one.end or "", "COMPLETED")
            one.completed_at = now()
        elif one.status == "CREATED":
            one.status = "RUNNING"
        return one

    def _bulk_operation(self, gid: str) -> dict[str, Any] | None:
        with self.state.lock:
            one = self._operations().get(gid)
            if one is None or one.account_id != g.account_id:
                return None
            one.polls += 1
            note(self.state, self.place(one.stream))
            return self._object(self._advanced(one))

    def _current_bulk_operation(self, kind: str = "QUERY") -> dict[str, Any] | None:
        own = [one for one in self._operations().values() if one.account_id == g.account_id]
        return self._bulk_operation(own[-1].gid) if own and kind == "QUERY" else None

    def _object(self, one: BulkOperation) -> dict[str, Any]:
        is_done, has_failed = one.status == "COMPLETED", one.status == "FAILED"
        address = self._address(one)
        return {
            "__typename": "BulkOperation",
            "id": one.gid,
            "status": one.status,
            "type": "QUERY",
            "errorCode": "INTERNAL_SERVER_ERROR" if has_failed else None,
            "createdAt": objects.iso(one.created_at),
            "completedAt": objects.iso(one.completed_at) if is_done else None,
            "objectCount": str(one.count if is_done else 0),
            "rootObjectCount": str(sum("__parentId" not in row for row in one.rows) if is_done else 0),
            "fileSize": None,
            "url": address if is_done and one.count else None,
            "partialDataUrl": address if has_failed and one.count else None,
            "query": one.query,
        }

    def _address(self, one: BulkOperation) -> str:
        """A signed address that ends."""
        until = int(time.time()) + self.state.options.document_seconds
        text = f"{one.number}/{until}"
        signature = self.state.credentials.secret(PLATFORM, "file", text)[:32]
        return f"{self.state.base_url}/{PLATFORM}/storage/bulk-{one.number}.jsonl?Expires={until}&Signature={signature}"

    def file(self, number: int) -> Response:
        until = request.args.get("Expires", "")
        expected = self.state.credentials.secret(PLATFORM, "file", f"{number}/{until}")[:32]
        one = self._operations().get(f"gid://shopify/BulkOperation/{number}")
        if one is None or request.args.get("Signature") != expected or int(until) < time.time():
            return Response("<Error><Code>ExpiredToken</Code></Error>", 400, content_type="application/xml")
        g.account_id = one.account_id
        rows = one.rows[: one.count // 2] if one.status == "FAILED" else one.rows
        rows = rows_of(self.state, self.place(one.stream), rows)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return Response(text.encode(), content_type="application/jsonl")


def _run_payload(operation: dict[str, Any] | None, problem: str | None, code: str = "") -> dict[str, Any]:
    errors = [{"__typename": "BulkOperationUserError", "field": ["query"], "message": problem, "code": code}]
    return {
        "__typename": "BulkOperationRunQueryPayload",
        "bulkOperation": operation,
        "userErrors": errors if problem else [],
    }


def _throttle(state: SandboxState, requested: int, wait: int | None) -> dict[str, Any]:
    """The cost of a call, and what is left of the bucket; with ``wait`` as much is missing as that restores."""
    left = MAXIMUM - requested if wait is None else max(0.0, requested - wait * RESTORE_RATE)
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": requested if wait is None else None,
        "throttleStatus": {"maximumAvailable": MAXIMUM, "currentlyAvailable": left, "restoreRate": RESTORE_RATE},
    }


def _graphql(state: SandboxState, api: AdminApi) -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise ShopifyError(400, "query missing")
    try:
        operation = parse(given["query"], given.get("variables") or {})
        requested = cost(operation.fields) + (10 if operation.kind == "mutation" else 0)
        if requested > MAX_COST:
            message = f"Query cost is {requested}, which exceeds the single query max cost limit ({MAX_COST})."
            return {"errors": [GraphqlError(message, "MAX_COST_EXCEEDED", cost=requested).as_dict()]}
        wait = state.buckets.take("shopify.graphql", g.account_id)
        if wait is not None:
            error = GraphqlError("Throttled", "THROTTLED", documentation="https://shopify.dev/api/usage/rate-limits")
            cost_of_call = _throttle(state, max(requested, round(wait * RESTORE_RATE)), wait)
            return {"errors": [error.as_dict()], "extensions": {"cost": cost_of_call}}
        data = api.execute(operation)
    except GraphqlError as error:
        return {"errors": [error.as_dict()]}
    except TypeError:
        return {
            "errors": [GraphqlError("A field has an argument that it doesn't take.", "argumentNotAccepted").as_dict()]
        }
    return {"data": data, "extensions": {"cost": _throttle(state, requested, None)}}


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=f"/{PLATFORM}")
    api = AdminApi(state)

    @routes.errorhandler(ShopifyError)
    def problem(error: ShopifyError) -> Response:
        return error.response()

    @routes.post("/admin/oauth/access_token")
    def token() -> Response:
        return jsonify(auth.issue(state))

    @routes.post("/admin/api/<version>/graphql.json")
    def graphql(version: str) -> Response:
        if not re.match(r"^20\d\d-(01|04|07|10)$", version):
            raise ShopifyError(404, "Not Found")
        auth.log_in(state)
        answer = jsonify(_graphql(state, api))
        answer.headers["X-Request-ID"] = hashlib.sha256(str(time.time()).encode()).hexdigest()[:32]
        answer.headers["X-Shopify-API-Version"] = version
        return answer

    @routes.get("/storage/bulk-<int:number>.jsonl")
    def download(number: int) -> Response:
        return api.file(number)

    return routes
