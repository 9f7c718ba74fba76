"""The books as an Odoo database over XML-RPC: authenticate, then search_read with a domain, offset, limit and order."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request

from airflow_dags.sandbox.business.catalogue import TIME_ZONE
from airflow_dags.sandbox.erp_systems.answers import Row, books_of, kept, number, page, text
from airflow_dags.sandbox.state import SandboxState

NAME, USER_ID = "odoo", 7
ACCESS_DENIED = 3


def connection(state: SandboxState) -> dict[str, Any]:
    return {
        "database": "northlight",
        "login": "reader@northlight.example",
        "password": state.credentials.secret(NAME, "password")[:40],
        # Fields that this company added to its models, with the codes that it goes by.
        "mapping": {
            "products": {
                "fields": {
                    "account_id": "x_account",
                    "asin": "x_asin",
                    "brand": "x_brand",
                    "owner_id": "x_owner",
                    "team_id": "x_team",
                }
            },
            "staff": {"fields": {"employee_id": "x_code", "team_id": "x_department"}},
            "teams": {"fields": {"team_id": "x_code", "leader_id": "x_leader"}},
            "warehouse_stock": {"fields": {"warehouse_id": "x_warehouse", "in_transit": "x_in_transit"}},
            "purchase_orders": {"fields": {"supplier_id": "partner_id.1", "received_on": "x_received_on"}},
        },
    }


def _link(name: Any) -> Any:
    """A link to another record: its id and name; false where there is none."""
    return False if name is None else [sum(str(name).encode()), name]


def _product(row: Row) -> Any:
    return _link(f"[{row['sku']}] Product of {row['sku']}")


def _moment(day: date | None) -> Any:
    """The last minute of the company's day, in UTC."""
    if day is None:
        return None
    local = datetime.combine(day, time(23, 59), ZoneInfo(TIME_ZONE))
    return local.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _products(row: Row) -> Row:
    return {
        "default_code": row["sku"],
        "name": row["product_name"],
        "categ_id": _link(row["category"]),
        "responsible_id": [2, "Administrator"],
        "x_account": row["account_id"],
        "x_asin": row["asin"],
        "x_brand": row["brand"],
        "x_owner": row["owner_id"],
        "x_team": row["team_id"],
    }


def _supplier_prices(row: Row) -> Row:
    return {
        "product_id": _product(row),
        "date_start": text(row["valid_from"]),
        "date_end": text(row["valid_to"] and row["valid_to"] - timedelta(days=1)),
        "price": number(row["unit_cost"]),
        "currency_id": _link(row["currency"]),
    }


def _employees(row: Row) -> Row:
    return {
        "name": row["employee_name"],
        "user_id": _link(row["employee_name"]),
        "department_id": _link(row["team_name"]),
        "job_title": row["role"],
        "work_email": row["email"],
        "x_code": row["employee_id"],
        "x_department": row["team_id"],
    }


def _departments(row: Row) -> Row:
    return {
        "name": row["team_name"],
        "parent_id": _link(row["parent_team_id"]),
        "x_code": row["team_id"],
        "x_leader": row["leader_id"],
    }


def _quants(row: Row) -> list[Row]:
    """Two lots, one of a single unit."""
    common = {
        "location_id": _link(row["warehouse_name"]),
        "location_id.usage": "internal",
        "product_id": _product(row),
        "x_warehouse": row["warehouse_id"],
        "x_in_transit": row["in_transit"],
    }
    first = {**common, "quantity": 1.0, "reserved_quantity": 0.0}
    return [first, {**common, "quantity": row["on_hand"] - 1.0, "reserved_quantity": float(row["reserved"])}]


def _purchases(row: Row) -> Row:
    return {
        "order_id": _link(row["purchase_order_id"]),
        "partner_id": _link(row["supplier_id"]),
        "product_id": _product(row),
        "state": "purchase",
        "date_order": _moment(row["ordered_on"]),
        "date_planned": _moment(row["expected_on"]),
        "product_qty": float(row["quantity_ordered"]),
        "qty_received": float(row["quantity_received"] or 0),
        "price_unit": number(row["unit_cost"]),
        "currency_id": _link(row["currency"]),
        "x_received_on": text(row["received_on"]),
    }


def _invoice_lines(row: Row) -> Row:
    return {
        "date": text(row["date"]),
        "partner_id": _link(row["account_id"]),
        "ref": row["order_id"],
        "move_type": "out_invoice" if row["kind"] == "sale" else "out_refund",
        "parent_state": "posted",
        "display_type": "product",
        "product_id": _product(row),
        "quantity": float(row["quantity"]),
        "price_unit": float(row["amount"]) / row["quantity"],
        "price_subtotal": number(row["amount"] - row["discount"]),
        "currency_id": _link(row["currency"]),
    }


MODELS: dict[str, tuple[str, Callable[[Row], Row | list[Row]]]] = {
    "product.product": ("products", _products),
    "product.supplierinfo": ("unit_costs", _supplier_prices),
    "hr.employee": ("staff", _employees),
    "hr.department": ("teams", _departments),
    "stock.quant": ("warehouse_stock", _quants),
    "purchase.order.line": ("purchase_orders", _purchases),
    "account.move.line": ("sales", _invoice_lines),
}


def add(routes: Blueprint, state: SandboxState) -> None:
    @routes.post("/erp/odoo/xmlrpc/2/common")
    def odooLogin() -> Response:  # noqa: N802 (the operation's name)
        arguments, method = _call()
        if method != "authenticate":
            return _fault(1, f"Method not found: {method}")
        g.account_id = NAME
        known = connection(state)
        return _answer(USER_ID if arguments[:3] == [known[n] for n in ("database", "login", "password")] else False)

    @routes.post("/erp/odoo/xmlrpc/2/object")
    def odooSearchRead() -> Response:  # noqa: N802
        arguments, method = _call()
        known = connection(state)
        if arguments[:3] != [known["database"], USER_ID, known["password"]]:
            return _fault(ACCESS_DENIED, "Access Denied")
        g.account_id = NAME
        if (wait := state.buckets.take("odooSearchRead", NAME)) is not None:
            return Response("Too many requests", 429, {"Retry-After": str(wait)})
        _, _, _, model, asked, (domain,), options = arguments
        if method != "execute_kw" or asked != "search_read" or model not in MODELS:
            return _fault(1, f"Object {model} doesn't exist")
        return _search(state, model, domain, options)


def _call() -> tuple[list[Any], str | None]:
    arguments, method = xmlrpc.client.loads(request.get_data())
    return list(arguments), method


def _search(state: SandboxState, model: str, domain: list[Any], options: dict[str, Any]) -> Response:
    stream, make = MODELS[model]
    rows = state.cached(("odoo", stream, state.revision), lambda: _records(state, stream, make))
    names = ["id", *options["fields"]]
    try:
        # false is Odoo's word for nothing filled in.
        found = [{n: False if row[n] is None else row[n] for n in names} for row in kept(rows, domain)]
    except KeyError as error:
        return _fault(1, f"Traceback\nValueError: Invalid field {error.args[0]!r} on model {model!r}")
    return _answer(page(state, stream, found, options.get("offset", 0), options.get("limit") or 10**9)[0])


def _records(state: SandboxState, stream: str, make: Callable[[Row], Row | list[Row]]) -> list[Row]:
    made = (make(row) for row in books_of(state, stream))
    flat = [one for rows in made for one in (rows if isinstance(rows, list) else [rows])]
    return [{"id": number, **row} for number, row in enumerate(flat, 1)]


def _answer(value: Any) -> Response:
    return Response(xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True), content_type="text/xml")


def _fault(code: int, message: str) -> Response:
    return Response(xmlrpc.client.dumps(xmlrpc.client.Fault(code, message)), content_type="text/xml")
