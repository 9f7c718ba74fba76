"""The books as an ERPNext site: DocTypes over /api/resource, the token of one user, Frappe's exceptions."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.erp_systems.answers import Row, books_of, kept, number, page, text
from airflow_dags.sandbox.state import SandboxState

NAME = "erpnext"


def connection(state: SandboxState) -> dict[str, Any]:
    secret = state.credentials.secret
    return {
        "api_key": secret(NAME, "key")[:15],
        "api_secret": secret(NAME, "secret")[:15],
        # Fields that this company added to its DocTypes.
        "mapping": {
            "products": {
                "fields": {
                    "account_id": "custom_account_id",
                    "asin": "custom_asin",
                    "owner_id": "custom_owner_id",
                    "team_id": "custom_team_id",
                }
            },
            "teams": {"fields": {"leader_id": "custom_leader"}},
            "purchase_orders": {"fields": {"received_on": "items.custom_received_on"}},
        },
    }


def _items(row: Row) -> Row:
    return {
        "item_code": row["sku"],
        "item_name": row["product_name"],
        "item_group": row["category"],
        "brand": row["brand"],
        "disabled": 0,
        "owner": "administrator",
        "custom_account_id": row["account_id"],
        "custom_asin": row["asin"],
        "custom_owner_id": row["owner_id"],
        "custom_team_id": row["team_id"],
    }


def _prices(row: Row) -> Row:
    from datetime import timedelta

    last = row["valid_to"] and row["valid_to"] - timedelta(days=1)
    return {
        "item_code": row["sku"],
        "buying": 1,
        "valid_from": text(row["valid_from"]),
        "valid_upto": text(last),
        "price_list_rate": number(row["unit_cost"]),
        "currency": row["currency"],
    }


def _employees(row: Row) -> Row:
    return {
        "name": row["employee_id"],
        "employee_name": row["employee_name"],
        "department": row["team_id"],
        "department.department_name": row["team_name"],
        "designation": row["role"],
        "company_email": row["email"],
        "status": "Active",
    }


def _departments(row: Row) -> Row:
    return {
        "name": row["team_id"],
        "department_name": row["team_name"],
        "parent_department": row["parent_team_id"],
        "custom_leader": row["leader_id"],
        "disabled": 0,
    }


def _bins(row: Row) -> Row:
    return {
        "warehouse": row["warehouse_id"],
        "warehouse.warehouse_name": row["warehouse_name"],
        "item_code": row["sku"],
        "actual_qty": float(row["on_hand"]),
        "reserved_qty": float(row["reserved"]),
        "ordered_qty": float(row["in_transit"]),
    }


def _purchases(row: Row) -> Row:
    return {
        "name": row["purchase_order_id"],
        "supplier": row["supplier_id"],
        "status": row["status"],
        "transaction_date": text(row["ordered_on"]),
        "currency": row["currency"],
        "docstatus": 1,
        "modified": f"{row['received_on'] or row['ordered_on']} 08:30:00.000000",
        "items.idx": row["line_number"],
        "items.item_code": row["sku"],
        "items.schedule_date": text(row["expected_on"]),
        "items.qty": float(row["quantity_ordered"]),
        "items.received_qty": float(row["quantity_received"] or 0),
        "items.rate": number(row["unit_cost"]),
        "items.warehouse": None,
        "items.custom_received_on": text(row["received_on"]),
    }


def _invoices(row: Row) -> Row:
    is_return = row["kind"] == "refund"
    return {
        "name": f"ACC-SINV-{row['order_id']}",
        "posting_date": text(row["date"]),
        "customer": row["account_id"],
        "po_no": row["order_id"],
        "is_return": int(is_return),
        "currency": row["currency"],
        "docstatus": 1,
        "items.item_code": row["sku"],
        # A return's quantities are negative.
        "items.qty": float(-row["quantity"] if is_return else row["quantity"]),
        "items.price_list_rate": round(float(row["amount"]) / row["quantity"], 9),
        "items.discount_amount": round(float(row["discount"]) / row["quantity"], 9),
    }


def _rates(row: Row) -> Row:
    return {
        "date": text(row["date"]),
        "from_currency": row["from_currency"],
        "to_currency": row["to_currency"],
        "exchange_rate": number(row["rate"]),
    }


DOCTYPES: dict[str, tuple[str, Callable[[Row], Row]]] = {
    "Item": ("products", _items),
    "Item Price": ("unit_costs", _prices),
    "Employee": ("staff", _employees),
    "Department": ("teams", _departments),
    "Bin": ("warehouse_stock", _bins),
    "Purchase Order": ("purchase_orders", _purchases),
    "Sales Invoice": ("sales", _invoices),
    "Currency Exchange": ("fx_rates", _rates),
}


def add(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/erp/erpnext/api/resource/<doctype>")
    def erpnextList(doctype: str) -> Any:  # noqa: N802 (the operation's name)
        pair = connection(state)
        wanted = f"token {pair['api_key']}:{pair['api_secret']}"
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
            return _exception(401, "AuthenticationError", "Invalid API key or secret")
        g.account_id = NAME
        if (wait := state.buckets.take("erpnextList", NAME)) is not None:
            refusal = _exception(429, "RateLimitExceededError", "Too many requests")
            refusal.headers["Retry-After"] = str(wait)
            return refusal
        if doctype not in DOCTYPES:
            return _exception(404, "DoesNotExistError", f"DocType {doctype} not found")
        stream, make = DOCTYPES[doctype]
        key = ("erpnext", stream, state.revision)
        rows = state.cached(key, lambda: [_named(make(row)) for row in books_of(state, stream)])
        return _list(state, stream, rows)


def _list(state: SandboxState, stream: str, rows: list[Row]) -> Response:
    fields = dict(_field_and_alias(one) for one in json.loads(request.args.get("fields", '["name"]')))
    try:
        found = kept(rows, json.loads(request.args.get("filters", "[]")))
        shown = [{alias: row[field] for field, alias in fields.items()} for row in found]
    except KeyError as error:
        return _exception(417, "DataError", f"Field not permitted in query: {error.args[0]}")
    size, start = request.args.get("limit_page_length", 20, type=int), request.args.get("limit_start", 0, type=int)
    return jsonify({"data": page(state, stream, shown, start, size)[0]})


def _named(row: Row) -> Row:
    return {"name": next(iter(row.values())), **row}


def _field_and_alias(field: str) -> tuple[str, str]:
    """A field of a table or a link is answered under its last name, or as it is asked."""
    name, _, alias = field.partition(" as ")
    return name, alias or name.rpartition(".")[2]


def _exception(status: int, kind: str, message: str) -> Response:
    answer = jsonify({"exc_type": kind, "exception": f"frappe.exceptions.{kind}: {message}"})
    answer.status_code = status
    return answer
