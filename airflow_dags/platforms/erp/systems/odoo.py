"""Odoo over XML-RPC: /xmlrpc/2/common authenticates, /xmlrpc/2/object searches and reads.

The connection has ``endpoint``, ``database``, ``login`` and ``password`` (better an API key of that user, who may only
read). A link is answered as [id, name], so ``categ_id.1`` is a name; a product's name starts with its code in brackets.
Odoo answers false where nothing is filled in. Its moments are UTC.
"""

from __future__ import annotations

import re
import xmlrpc.client
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import ServerUnavailable
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.erp.systems._http import ErpHttp, Verdict
from airflow_dags.platforms.erp.systems._mapping import Resource, Row, resources_of, table_of

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

PAGE_SIZE = 1000
_CODE = {"field": "product_id.1", "match": r"^\[([^\]]+)\]"}
MAPPING: dict[str, tuple[Resource, ...]] = {
    "products": (
        Resource(
            "product.product",
            {
                "sku": "default_code",
                "product_name": "name",
                "category": "categ_id.1",
                # A user, as the employees' ids below.
                "owner_id": "responsible_id.0",
            },
            [["default_code", "!=", False]],
        ),
    ),
    "unit_costs": (
        Resource(
            "product.supplierinfo",
            {
                "sku": _CODE,
                # A price without a day holds from the beginning.
                "valid_from": {"field": "date_start", "default": "1970-01-01"},
                # Odoo names the last day on which it holds.
                "valid_to": {"field": "date_end", "plus_days": 1},
                "unit_cost": "price",
                "currency": "currency_id.1",
            },
            [["product_id", "!=", False]],
        ),
    ),
    "staff": (
        Resource(
            "hr.employee",
            {
                "employee_id": "user_id.0",
                "employee_name": "name",
                "team_id": "department_id.0",
                "team_name": "department_id.1",
                "role": "job_title",
                "email": "work_email",
            },
            [["user_id", "!=", False]],
        ),
    ),
    "teams": (Resource("hr.department", {"team_id": "id", "team_name": "name", "parent_team_id": "parent_id.0"}, []),),
    "warehouse_stock": (
        Resource(
            "stock.quant",
            {
                "warehouse_id": "location_id.0",
                "warehouse_name": "location_id.1",
                "sku": _CODE,
                "on_hand": "quantity",
                "reserved": "reserved_quantity",
            },
            [["location_id.usage", "=", "internal"]],
            # A quant a lot, package and owner.
            sums=("on_hand", "reserved"),
        ),
    ),
    "purchase_orders": (
        Resource(
            "purchase.order.line",
            {
                "purchase_order_id": "order_id.1",
                "line_number": "#",
                "supplier_id": "partner_id.0",
                "sku": _CODE,
                "status": "state",
                "ordered_on": {"field": "date_order", "instant": True},
                "expected_on": {"field": "date_planned", "instant": True},
                "quantity_ordered": "product_qty",
                "quantity_received": "qty_received",
                "unit_cost": "price_unit",
                "currency": "currency_id.1",
            },
            # All of them: a line doesn't know when its order changed.
            [["state", "in", ["purchase", "done"]], ["product_id", "!=", False]],
        ),
    ),
    "sales": (
        Resource(
            "account.move.line",
            {
                "date": "date",
                # The selling account is kept as the customer, the marketplace's order as the invoice's reference.
                "account_id": "partner_id.1",
                "order_id": "ref",
                "kind": {"field": "move_type", "values": {"out_invoice": "sale", "out_refund": "refund"}},
                "line_number": "#",
                "sku": _CODE,
                "quantity": "quantity",
                "amount": {"field": "price_unit", "times": "quantity"},
                "discount": {"field": "price_unit", "times": "quantity", "minus": "price_subtotal"},
                "currency": "currency_id.1",
            },
            [
                ["move_type", "in", ["out_invoice", "out_refund"]],
                ["parent_state", "=", "posted"],
                ["display_type", "=", "product"],
                ["date", ">=", "{first_day}"],
                ["date", "<=", "{last_day}"],
            ],
        ),
    ),
}


def offers(account: Account, contract: Contract) -> bool:
    return bool(resources_of(account, contract, MAPPING))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Search and read the stream's model page by page; Odoo is only read."""
    http = ErpHttp(account, _judge)
    try:
        user = _call(http, account, "odooLogin", "common", ("authenticate", [*_credentials(account, False), {}]))
        answers = [
            (resource, _rows(http, account, user, (resource, window)))
            for resource in resources_of(account, contract, MAPPING)
        ]
    finally:
        http.close()
    return table_of(account, contract, answers), []


def _credentials(account: Account, user: Any) -> list[Any]:
    return [account.need("database"), user or account.need("login"), account.need("password")]


def _rows(http: ErpHttp, account: Account, user: Any, wanted: tuple[Resource, Window]) -> list[Row]:
    resource, window = wanted
    fields = list(dict.fromkeys(source.partition(".")[0] for source in resource.sources))
    conditions = resource.filters_for(window) or []

    def fetch(cursor: str | None) -> Page:
        offset = int(cursor or 0)
        options = {"fields": fields, "offset": offset, "limit": PAGE_SIZE, "order": "id"}
        arguments = [*_credentials(account, user), resource.resource, "search_read", [conditions], options]
        rows = _call(http, account, "odooSearchRead", "object", ("execute_kw", arguments))
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{http.owner}: {resource.resource} was answered without a list")
        return Page(rows, str(offset + len(rows)) if rows else None)

    rows = follow(fetch, f"{http.owner}: {resource.resource}", key=lambda row: row["id"])
    return [{name: None if value is False else value for name, value in row.items()} for row in rows]


def _call(http: ErpHttp, account: Account, operation: str, service: str, call: tuple[str, list[Any]]) -> Any:
    method, arguments = call
    response = http.send(
        operation,
        "POST",
        f"{account.need('endpoint').rstrip('/')}/xmlrpc/2/{service}",
        content=xmlrpc.client.dumps(tuple(arguments), method, allow_none=True).encode(),
        headers={"Content-Type": "text/xml"},
        expect_json=False,
    )
    return _value_of(response)


class _Exact(xmlrpc.client.Unmarshaller):
    """Numbers keep their digits."""

    dispatch = dict(xmlrpc.client.Unmarshaller.dispatch)

    def end_double(self, data: str) -> None:
        self.append(Decimal(data))  # type: ignore[attr-defined]
        self._value = False

    dispatch["double"] = end_double  # type: ignore[assignment]


def _value_of(response: httpx.Response) -> Any:
    """The answer's value; raises xmlrpc's Fault, or ValueError for what is no XML-RPC or declares entities."""
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", response.content, re.IGNORECASE):
        raise ValueError("a document type")
    target = _Exact(use_builtin_types=True)
    parser = xmlrpc.client.ExpatParser(target)  # type: ignore[attr-defined]
    parser.feed(response.content)
    parser.close()
    return target.close()[0]


def _judge(operation: str, response: httpx.Response) -> Verdict | None:
    """A refusal is a fault with status 200; a login that is wrong is answered with false."""
    if not response.is_success:
        return None
    try:
        value = _value_of(response)
    except xmlrpc.client.Fault as fault:
        said = str(fault.faultString).strip().rpartition("\n")[2]
        # Odoo numbers them: 3 the access denied, 2 a warning to the user, 4 no right to the record.
        if fault.faultCode in (3, 4) or "AccessDenied" in said or "AccessError" in said:
            return Verdict("login", said)
        return Verdict("refused", said)
    except Exception:
        return Verdict("unavailable", "the answer is no XML-RPC")
    if operation == "odooLogin" and not value:
        return Verdict("login", "Odoo doesn't know this database, login and password")
    return None
