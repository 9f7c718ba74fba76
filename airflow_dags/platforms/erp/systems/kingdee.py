"""Kingdee K3 Cloud (Galaxy) over its WebAPI: a login that gives a session, and ExecuteBillQuery.

The connection has ``endpoint`` (up to and with /k3cloud), ``acct_id`` (the data centre), ``login``, and ``app_id`` with
``app_secret`` or else ``password``. A query answers rows as lists in the order of the fields; what went wrong comes as
one row with a ResponseStatus. Days are written as midnight without a zone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import ServerUnavailable, WrongDocument
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.erp.systems._http import ErpHttp, Verdict, exact_json
from airflow_dags.platforms.erp.systems._mapping import Resource, Row, resources_of, table_of

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

PAGE_SIZE = 2000
LANGUAGE = 2052
LOGIN, QUERY = "kingdeeLogin", "kingdeeQuery"
_SERVICES = "Kingdee.BOS.WebApi.ServicesStub"
# Codes of ResponseStatus.MsgCode: no session, no right.
_NO_SESSION = 1
_SALE = {
    "date": {"field": "FDate", "day": True},
    # The selling account is kept as the customer.
    "account_id": "FCustomerID.FNumber",
    "order_id": "FBillNo",
    "kind": "=sale",
    "line_number": "#",
    "sku": "FMaterialID.FNumber",
    "quantity": "FRealQty",
    # FPrice has no tax in it.
    "amount": {"field": "FPrice", "times": "FRealQty"},
    "discount": "FDiscount",
    "currency": "FSettleCurrID.FCODE",
}
_BOOKED = "FDocumentStatus = 'C' and FDate >= '{first_day}' and FDate <= '{last_day}'"
MAPPING: dict[str, tuple[Resource, ...]] = {
    "products": (
        Resource(
            "BD_MATERIAL",
            {
                "sku": "FNumber",
                "product_name": "FName",
                "category": "FMaterialGroup.FName",
                "owner_id": "FPurchaserId.FNumber",
            },
            "FDocumentStatus = 'C' and FForbidStatus = 'A'",
        ),
    ),
    "unit_costs": (
        Resource(
            "PUR_PriceCategory",
            {
                "sku": "FMaterialId.FNumber",
                "valid_from": {"field": "FEntryEffectiveDate", "day": True},
                # Kingdee names the last day on which it holds.
                "valid_to": {"field": "FEntryExpiryDate", "plus_days": 1},
                "unit_cost": "FPrice",
                "currency": "FCurrencyID.FCODE",
            },
            "FDocumentStatus = 'C'",
        ),
    ),
    "staff": (
        Resource(
            "BD_Empinfo",
            {
                "employee_id": "FStaffNumber",
                "employee_name": "FName",
                "team_id": "FPostDept.FNumber",
                "team_name": "FPostDept.FName",
                "email": "FEmail",
            },
            "FForbidStatus = 'A'",
        ),
    ),
    "teams": (
        Resource(
            "BD_Department",
            {"team_id": "FNumber", "team_name": "FName", "parent_team_id": "FParentID.FNumber"},
            "FForbidStatus = 'A'",
        ),
    ),
    "warehouse_stock": (
        Resource(
            "STK_Inventory",
            {
                "warehouse_id": "FStockId.FNumber",
                "warehouse_name": "FStockId.FName",
                "sku": "FMaterialId.FNumber",
                "on_hand": "FBaseQty",
                "reserved": "FBaseLockQty",
            },
            # A row a lot, place and state.
            sums=("on_hand", "reserved"),
        ),
    ),
    "purchase_orders": (
        Resource(
            "PUR_PurchaseOrder",
            {
                "purchase_order_id": "FBillNo",
                "line_number": "FPOOrderEntry_FSeq",
                "supplier_id": "FSupplierId.FNumber",
                "sku": "FMaterialId.FNumber",
                "status": {"field": "FCloseStatus", "values": {"A": "ordered", "B": "received"}},
                "ordered_on": {"field": "FDate", "day": True},
                "expected_on": {"field": "FDeliveryDate", "day": True},
                "quantity_ordered": "FQty",
                "quantity_received": "FStockInQty",
                "unit_cost": "FPrice",
                "currency": "FSettleCurrId.FCODE",
            },
            # What changed since then; an order comes whole.
            "FDocumentStatus = 'C' and FModifyDate >= '{first_day}'",
        ),
    ),
    "sales": (
        Resource("SAL_OUTSTOCK", _SALE, _BOOKED),
        Resource(
            "SAL_RETURNSTOCK",
            {
                **_SALE,
                "account_id": "FRetcustId.FNumber",
                "kind": "=refund",
                "sku": "FMaterialId.FNumber",
                "currency": "FSettleCurrId.FCODE",
            },
            _BOOKED,
        ),
    ),
    "fx_rates": (
        Resource(
            "BD_Rate",
            {
                "date": {"field": "FBegDate", "day": True},
                "from_currency": "FCyForID.FCODE",
                "to_currency": "FCyToID.FCODE",
                "rate": "FExchangeRate",
            },
            "FDocumentStatus = 'C' and FBegDate >= '{first_day}' and FBegDate <= '{last_day}'",
        ),
    ),
}


def offers(account: Account, contract: Contract) -> bool:
    return bool(resources_of(account, contract, MAPPING))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Query the stream's form page by page; Kingdee is only read."""
    http = ErpHttp(account, _judge)
    try:
        headers = _log_in(http, account)
        answers = [
            (resource, _rows(http, account, headers, (resource, window)))
            for resource in resources_of(account, contract, MAPPING)
        ]
    finally:
        http.close()
    return table_of(account, contract, answers), []


def _address(account: Account, service: str) -> str:
    return f"{account.need('endpoint').rstrip('/')}/{_SERVICES}.{service}.common.kdsvc"


def _log_in(http: ErpHttp, account: Account) -> dict[str, str]:
    """A session, with the app's secret where there is one, else with the user's password."""
    who = [account.need("acct_id"), account.need("login")]
    if account.get("app_id"):
        service, proof = "AuthService.LoginByAppSecret", [account.need("app_id"), account.need("app_secret")]
    else:
        service, proof = "AuthService.ValidateUser", [account.need("password")]
    response = http.send(LOGIN, "POST", _address(account, service), json={"parameters": [*who, *proof, LANGUAGE]})
    session = (exact_json(response) or {}).get("KDSVCSessionId")
    if not session:
        raise ServerUnavailable(f"{http.owner}: {LOGIN} answered without a session", operation=LOGIN)
    return {"kdservice-sessionid": str(session)}


def _rows(http: ErpHttp, account: Account, headers: dict[str, str], wanted: tuple[Resource, Window]) -> list[Row]:
    resource, window = wanted
    fields = resource.sources

    def fetch(cursor: str | None) -> Page:
        start = int(cursor or 0)
        query = {
            "FormId": resource.resource,
            "FieldKeys": ",".join(fields),
            "FilterString": resource.filters_for(window) or "",
            # The same order for every page.
            "OrderString": ",".join(fields),
            "StartRow": start,
            "Limit": PAGE_SIZE,
            "TopRowCount": 0,
        }
        address = _address(account, "DynamicFormService.ExecuteBillQuery")
        response = http.send(QUERY, "POST", address, headers=headers, json={"data": json.dumps(query)})
        rows = exact_json(response)
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{http.owner}: {resource.resource} was answered without a list")
        return Page(rows, str(start + len(rows)) if rows else None)

    rows = list(follow(fetch, f"{http.owner}: {resource.resource}"))
    if any(not isinstance(row, list) or len(row) != len(fields) for row in rows):
        raise WrongDocument(
            f"the ERP {account.account_id} answered {resource.resource} with rows of another length than the "
            f"{len(fields)} fields that were asked for; nothing was changed; correct the connection's mapping"
        )
    return [dict(zip(fields, row, strict=True)) for row in rows]


def _judge(operation: str, response: httpx.Response) -> Verdict | None:
    """Refusals come with status 200."""
    if not response.is_success:
        return None
    answer = exact_json(response)
    if answer is None:
        return Verdict("unavailable", "the answer is no JSON")
    if operation == LOGIN:
        good = isinstance(answer, dict) and (answer.get("LoginResultType") == 1 or answer.get("IsSuccessByAPI"))
        return None if good else Verdict("login", str(answer.get("Message") if isinstance(answer, dict) else ""))
    while isinstance(answer, list) and answer and isinstance(answer[0], list | dict):
        answer = answer[0]
    status = ((answer.get("Result") or answer).get("ResponseStatus") if isinstance(answer, dict) else None) or {}
    if status.get("IsSuccess", True):
        return None
    said = "; ".join(str(one.get("Message", "")) for one in status.get("Errors") or [])
    if status.get("MsgCode") == _NO_SESSION:
        return Verdict("login", said)
    return Verdict("refused", said)
