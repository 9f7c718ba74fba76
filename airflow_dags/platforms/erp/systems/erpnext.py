"""ERPNext (Frappe) over REST: /api/resource/<DocType> with fields, filters and pages, a token of key and secret.

The connection has ``endpoint`` (the site's address), ``api_key`` and ``api_secret`` (User > API Access > Generate Keys;
a user who may only read). Fields of child tables and links are asked for with a dot (items.qty). Lists come in the
order of ``name``, then of the line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_dags.errors import ServerUnavailable
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.erp.systems._http import ErpHttp, Verdict, exact_json
from airflow_dags.platforms.erp.systems._mapping import Resource, Row, resources_of, table_of

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

PAGE_SIZE = 500
MAPPING: dict[str, tuple[Resource, ...]] = {
    "products": (
        Resource(
            "Item",
            {
                "sku": "item_code",
                "product_name": "item_name",
                "category": "item_group",
                "brand": "brand",
                "owner_id": "owner",
            },
            [["disabled", "=", 0]],
        ),
    ),
    "unit_costs": (
        Resource(
            "Item Price",
            {
                "sku": "item_code",
                # A price without a day holds from the beginning.
                "valid_from": {"field": "valid_from", "default": "1970-01-01"},
                # ERPNext names the last day on which it holds.
                "valid_to": {"field": "valid_upto", "plus_days": 1},
                "unit_cost": "price_list_rate",
                "currency": "currency",
            },
            [["buying", "=", 1]],
        ),
    ),
    "staff": (
        Resource(
            "Employee",
            {
                "employee_id": "name",
                "employee_name": "employee_name",
                "team_id": "department",
                "team_name": "department.department_name",
                "role": "designation",
                "email": "company_email",
            },
            [["status", "=", "Active"]],
        ),
    ),
    "teams": (
        Resource(
            "Department",
            {"team_id": "name", "team_name": "department_name", "parent_team_id": "parent_department"},
            [["disabled", "=", 0]],
        ),
    ),
    "warehouse_stock": (
        Resource(
            "Bin",
            {
                "warehouse_id": "warehouse",
                "warehouse_name": "warehouse.warehouse_name",
                "sku": "item_code",
                "on_hand": "actual_qty",
                "reserved": "reserved_qty",
                "in_transit": "ordered_qty",
            },
        ),
    ),
    "purchase_orders": (
        Resource(
            "Purchase Order",
            {
                "purchase_order_id": "name",
                "line_number": "items.idx",
                "supplier_id": "supplier",
                "sku": "items.item_code",
                "status": "status",
                "ordered_on": "transaction_date",
                "expected_on": "items.schedule_date",
                "quantity_ordered": "items.qty",
                "quantity_received": "items.received_qty",
                "unit_cost": "items.rate",
                "currency": "currency",
                "warehouse_id": "items.warehouse",
            },
            # What changed since then; an order comes whole.
            [["docstatus", "=", 1], ["modified", ">=", "{first_day}"]],
        ),
    ),
    "sales": (
        Resource(
            "Sales Invoice",
            {
                "date": "posting_date",
                # The selling account is kept as the customer, the marketplace's order as the customer's.
                "account_id": "customer",
                "order_id": "po_no",
                "kind": {"field": "is_return", "values": {"0": "sale", "1": "refund"}},
                "line_number": "#",
                "sku": "items.item_code",
                "quantity": {"field": "items.qty", "absolute": True},
                "amount": {"field": "items.price_list_rate", "times": "items.qty", "absolute": True},
                "discount": {"field": "items.discount_amount", "times": "items.qty", "absolute": True},
                "currency": "currency",
            },
            [["docstatus", "=", 1], ["posting_date", "between", ["{first_day}", "{last_day}"]]],
        ),
    ),
    "fx_rates": (
        Resource(
            "Currency Exchange",
            {"date": "date", "from_currency": "from_currency", "to_currency": "to_currency", "rate": "exchange_rate"},
            [["date", "between", ["{first_day}", "{last_day}"]]],
        ),
    ),
}


def offers(account: Account, contract: Contract) -> bool:
    return bool(resources_of(account, contract, MAPPING))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Read the stream's DocType page by page; ERPNext is only read."""
    http = ErpHttp(account, _judge)
    try:
        answers = [
            (resource, _rows(http, account, resource, window)) for resource in resources_of(account, contract, MAPPING)
        ]
    finally:
        http.close()
    return table_of(account, contract, answers), []


def _rows(http: ErpHttp, account: Account, resource: Resource, window: Window) -> list[Row]:
    base = account.need("endpoint").rstrip("/")
    headers = {"Authorization": f"token {account.need('api_key')}:{account.need('api_secret')}"}
    # A field of a table or a link is answered under its last name alone, unless it is given another.
    sources = {source: source.replace(".", "__") for source in resource.sources}
    has_lines = any(source.startswith("items.") for source in sources)
    asked = [f"{source} as {name}" if source != name else source for source, name in sources.items()]
    query = {
        "fields": json.dumps(list(dict.fromkeys(["name", *asked]))),
        "filters": json.dumps(resource.filters_for(window) or []),
        "order_by": "name asc" + (f", `tab{resource.resource} Item`.idx asc" if has_lines else ""),
        "limit_page_length": str(PAGE_SIZE),
    }

    def fetch(cursor: str | None) -> Page:
        offset = int(cursor or 0)
        response = http.send(
            "erpnextList",
            "GET",
            f"{base}/api/resource/{quote(resource.resource)}",
            params={**query, "limit_start": str(offset)},
            headers=headers,
        )
        answer = exact_json(response)
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{http.owner}: {resource.resource} was answered without a list of data")
        # The site may give fewer rows than were asked for: only an empty page is the end.
        return Page(rows, str(offset + len(rows)) if rows else None)

    rows = follow(fetch, f"{http.owner}: {resource.resource}")
    return [{**row, **{source: row[name] for source, name in sources.items() if name in row}} for row in rows]


def _judge(operation: str, response: httpx.Response) -> Verdict | None:
    """Frappe names its exception; fields that don't exist, or may not be read, come as 417 or 500."""
    if response.is_success or response.status_code == 429:
        return None
    answer = exact_json(response)
    if not isinstance(answer, dict) or "exc_type" not in answer:
        return None
    kind, said = str(answer["exc_type"]), str(answer.get("exception") or answer["exc_type"])
    if kind in ("AuthenticationError", "PermissionError", "InvalidAuthorizationToken"):
        return Verdict("login", said)
    if kind in ("RateLimitExceededError", "TooManyRequestsError"):
        return Verdict("throttled", said)
    return Verdict("refused", said) if response.status_code < 500 or kind == "DataError" else None
