"""Walmart Marketplace API v3: token, orders, returns, stock, reconciliation reports and seller performance."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.walmart_money import is_wfs, settlements
from airflow_dags.sandbox.content import Place, page_of, rows_of
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.walmart import auth
from airflow_dags.sandbox.walmart.auth import PLATFORM, WalmartError
from airflow_dags.sandbox.walmart.orders import order_json, orders_modified, ship_node_type
from airflow_dags.sandbox.walmart.performance import SHIPPING_METHODS, summary
from airflow_dags.sandbox.walmart.recon import recon_csv, recon_rows, report_date, zipped
from airflow_dags.sandbox.walmart.returns import return_json, returns_modified
from airflow_dags.sandbox.walmart.stock import inventory_json, present_stock, wfs_json

CREATED_DAYS = 7  # orders are listed from so many days ago, unless the request says since when
NODE_TYPES = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")


def _bad_param(name: str) -> WalmartError:
    return WalmartError(400, "INVALID_REQUEST_PARAM.GMP_GATEWAY_API", f"Invalid value of parameter {name}")


def _instant(name: str, default: datetime | None = None) -> datetime:
    """A query parameter as an instant; a day stands for its midnight in UTC."""
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        raise _bad_param(name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(name: str, default: int, largest: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit() or int(text) > largest:
        raise _bad_param(name)
    return int(text)


class Marketplace:
    """The answers of all operations, for the seller who is logged in."""

    def __init__(self, state: SandboxState) -> None:
        self.state, self.business = state, state.business

    @property
    def shop(self) -> Shop:
        return next(shop for shop in self.business.shops_of(PLATFORM) if shop.account_id == g.account_id)

    def place(self, stream: str) -> Place:
        return Place(PLATFORM, stream, g.account_id)

    def orders(self) -> Response:
        node_type = request.args.get("shipNodeType", NODE_TYPES[0])
        if node_type not in NODE_TYPES:
            raise _bad_param("shipNodeType")
        closed = self.shop.day_start(self.business.as_of)
        created_from = _instant("createdStartDate", closed - timedelta(days=CREATED_DAYS))
        start = _instant("lastModifiedStartDate", created_from)
        end = _instant("lastModifiedEndDate", closed)
        limit, offset = _number("limit", 100, 200), _number("poIndex", 0, 10**6)
        found = [
            order
            for order in orders_modified(
                self.business, self.shop, start, end, created_from=created_from, revision=self.state.revision
            )
            if ship_node_type(self.business, order) == node_type
        ]
        items = [order_json(self.business, order) for order in found]
        page, following = page_of(self.state, self.place("orders"), items, offset, limit)
        meta: dict[str, Any] = {"totalCount": len(items), "limit": limit}
        if following is not None:
            given = {n: v for n, v in request.args.items() if n not in ("hasMoreElements", "soIndex", "poIndex")}
            more = {"hasMoreElements": "true", "soIndex": len(items), "poIndex": following, "partnerId": "100009"}
            meta["nextCursor"] = "?" + urlencode(given | {"limit": str(limit)} | more)
        return jsonify({"list": {"meta": meta, "elements": {"order": page}}})

    def returns(self) -> Response:
        closed = self.shop.day_start(self.business.as_of)
        start = _instant("returnLastModifiedStartDate", closed - timedelta(days=CREATED_DAYS))
        end = _instant("returnLastModifiedEndDate", closed)
        limit, offset = _number("limit", 10, 200), _number("offset", 0, 10**6)
        found = returns_modified(self.business, self.shop, start, end, self.state.revision)
        wanted = request.args.get("isWFSEnabled", "N") == "Y"
        items = [return_json(order, refund) for order, refund in found if is_wfs(self.business, order) == wanted]
        page, following = page_of(self.state, self.place("returns"), items, offset, limit)
        cursor = ""
        if following is not None:
            given = {name: value for name, value in request.args.items() if name != "offset"}
            cursor = "?" + urlencode({"sellerId": "151", **given, "limit": str(limit), "offset": str(following)})
        meta = {"totalCount": len(items), "limit": limit, "nextCursor": cursor}
        return jsonify({"meta": meta, "returnOrders": page})

    def inventories(self) -> Response:
        limit = _number("limit", 10, 50)
        items = [inventory_json(sku, units) for sku, units in present_stock(self.business, self.shop)]
        page, following = page_of(self.state, self.place("inventory"), items, _offset_of_cursor(), limit)
        meta: dict[str, Any] = {"totalCount": len(items)}
        if following is not None:
            meta["nextCursor"] = base64.b64encode(f"inventories {following}".encode()).decode()
        return jsonify({"meta": meta, "elements": {"inventories": page}})

    def wfs_inventory(self) -> Response:
        limit, offset = _number("limit", 10, 300), _number("offset", 0, 10**6)
        stock = present_stock(self.business, self.shop)
        items = [wfs_json(self.business, self.shop, sku, units) for sku, units in stock]
        page, _ = page_of(self.state, self.place("wfs_inventory"), items, offset, limit)
        headers = {"totalCount": len(items), "limit": limit, "offset": offset}
        return jsonify({"headers": headers, "payload": {"inventory": page}})

    def recon_dates(self) -> Response:
        _need_version()
        dates = [report_date(found.report_date) for found in settlements(self.business, self.shop)]
        return jsonify({"availableApReportDates": dates})

    def recon_file(self) -> Response:
        _need_version()
        wanted = request.args.get("reportDate", "")
        for settlement in settlements(self.business, self.shop):
            if report_date(settlement.report_date) == wanted:
                orders = [line.order for line in settlement.lines if line.order is not None]
                wfs = {order.number for order in orders if is_wfs(self.business, order)}
                rows = rows_of(self.state, self.place("recon"), recon_rows(settlement, wfs))
                name = f"10000001_{wanted}"
                answer = Response(zipped(recon_csv(rows), f"{name}.csv"), content_type="application/octet-stream")
                answer.headers["Content-Disposition"] = f"attachment; filename={name}.zip"
                return answer
        raise WalmartError(404, "CONTENT_NOT_FOUND.GMP_RECON_API", f"No report of {wanted or 'that date'}")

    def performance(self, metric: str) -> Response:
        days = _number("reportDuration", 30, 90)
        if request.args.get("shippingMethod", SHIPPING_METHODS[0]) not in SHIPPING_METHODS:
            raise _bad_param("shippingMethod")
        try:
            payload = summary(self.business, self.shop, metric, days, self.state.revision)
        except LookupError:
            raise WalmartError(404, "CONTENT_NOT_FOUND.GMP_INSIGHTS_API", f"No metric {metric}") from None
        if payload is None:
            return Response(status=204)
        payload, *_ = rows_of(self.state, self.place("performance"), [payload])
        return jsonify({"payload": payload, "status": "OK"})


def _offset_of_cursor() -> int:
    cursor = request.args.get("nextCursor", "")
    if not cursor:
        return 0
    try:
        name, _, offset = base64.b64decode(cursor, validate=True).decode().partition(" ")
    except (binascii.Error, UnicodeDecodeError):
        name, offset = "", ""
    if name != "inventories" or not offset.isdigit():
        raise _bad_param("nextCursor")
    return int(offset)


def _need_version() -> None:
    if request.args.get("reportVersion") != "v1":
        raise _bad_param("reportVersion")


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=f"/{PLATFORM}")
    answers = Marketplace(state)

    @routes.before_request
    def admit() -> Response | None:
        """Who asks, and whether they ask too often."""
        operation = str(request.endpoint)
        if operation == f"{PLATFORM}.token":
            auth.check_headers()
            g.account_id = auth.seller_of_basic(state).account_id
        else:
            auth.log_in(state)
        wait = state.buckets.take(operation, g.account_id)
        if wait is not None:
            code = "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API"
            raise WalmartError(429, code, "Request threshold violated.", replenish_seconds=wait)
        return None

    @routes.errorhandler(WalmartError)
    def problem(error: WalmartError) -> Response:
        return error.response()

    @routes.post("/v3/token")
    def token() -> Response:
        if request.form.get("grant_type") != "client_credentials":
            raise _bad_param("grant_type")
        found = auth.issue(state, g.account_id)
        if "json" in request.headers.get("Accept", ""):
            return jsonify(found)
        # Walmart answers XML unless JSON is asked for.
        cells = "".join(f"<{name}>{value}</{name}>" for name, value in found.items())
        return Response(f"<OAuthTokenDTO>{cells}</OAuthTokenDTO>", content_type="application/xml")

    _add_lists(routes, answers)
    _add_reports(routes, answers)
    return routes


def _add_lists(routes: Blueprint, answers: Marketplace) -> None:
    @routes.get("/v3/orders")
    def get_all_orders() -> Response:
        return answers.orders()

    @routes.get("/v3/returns")
    def get_returns() -> Response:
        return answers.returns()

    @routes.get("/v3/inventories")
    def get_inventories() -> Response:
        return answers.inventories()

    @routes.get("/v3/fulfillment/inventory")
    def get_wfs_inventory() -> Response:
        return answers.wfs_inventory()


def _add_reports(routes: Blueprint, answers: Marketplace) -> None:
    @routes.get("/v3/report/reconreport/availableReconFiles")
    def get_available_recon_files() -> Response:
        return answers.recon_dates()

    @routes.get("/v3/report/reconreport/reconFile")
    def get_recon_file() -> Response:
        return answers.recon_file()

    @routes.get("/v3/insights/performance/<metric>/summary")
    def get_performance(metric: str) -> Response:
        return answers.performance(metric)
