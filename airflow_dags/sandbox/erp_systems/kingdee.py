"""The books as a Kingdee K3 Cloud data centre: LoginByAppSecret, ExecuteBillQuery with a filter, rows as lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.erp_systems.answers import Row, books_of, kept, number, page
from airflow_dags.sandbox.state import SandboxState

NAME = "kingdee"
STUB = "/erp/kingdee/Kingdee.BOS.WebApi.ServicesStub"
CONDITION = re.compile(r"^(\S+) (>=|<=|=) '([^']*)'$")


def connection(state: SandboxState) -> dict[str, Any]:
    secret = state.credentials.secret
    return {
        "acct_id": secret(NAME, "centre")[:14],
        "login": "reader",
        "app_id": f"{secret(NAME, 'app')[:6]}_app",
        "app_secret": secret(NAME, "secret")[:32],
        # Fields that this company added to its forms begin with F_.
        "mapping": {
            "products": {
                "fields": {
                    "account_id": "F_NL_Account",
                    "asin": "F_NL_Asin",
                    "brand": "F_NL_Brand",
                    "owner_id": "F_NL_Owner.FStaffNumber",
                    "team_id": "F_NL_Team.FNumber",
                }
            },
            "staff": {"fields": {"role": "F_NL_Role"}},
            "teams": {"fields": {"leader_id": "F_NL_Leader.FStaffNumber"}},
            "warehouse_stock": {"fields": {"in_transit": "F_NL_InTransit"}},
            "purchase_orders": {"fields": {"received_on": {"field": "F_NL_Received", "day": True}}},
        },
    }


def _moment(day: Any) -> Any:
    return None if day is None else f"{day}T00:00:00"


def _materials(row: Row) -> Row:
    return {
        "FNumber": row["sku"],
        "FName": row["product_name"],
        "FMaterialGroup.FName": row["category"],
        "FPurchaserId.FNumber": None,
        "F_NL_Account": row["account_id"],
        "F_NL_Asin": row["asin"],
        "F_NL_Brand": row["brand"],
        "F_NL_Owner.FStaffNumber": row["owner_id"],
        "F_NL_Team.FNumber": row["team_id"],
    }


def _prices(row: Row) -> Row:
    return {
        "FMaterialId.FNumber": row["sku"],
        "FEntryEffectiveDate": _moment(row["valid_from"]),
        "FEntryExpiryDate": _moment(row["valid_to"] and row["valid_to"] - timedelta(days=1)),
        "FPrice": number(row["unit_cost"]),
        "FCurrencyID.FCODE": row["currency"],
    }


def _employees(row: Row) -> Row:
    return {
        "FStaffNumber": row["employee_id"],
        "FName": row["employee_name"],
        "FPostDept.FNumber": row["team_id"],
        "FPostDept.FName": row["team_name"],
        "FEmail": row["email"],
        "F_NL_Role": row["role"],
    }


def _departments(row: Row) -> Row:
    return {
        "FNumber": row["team_id"],
        "FName": row["team_name"],
        "FParentID.FNumber": row["parent_team_id"],
        "F_NL_Leader.FStaffNumber": row["leader_id"],
    }


def _stock(row: Row) -> Row:
    return {
        "FStockId.FNumber": row["warehouse_id"],
        "FStockId.FName": row["warehouse_name"],
        "FMaterialId.FNumber": row["sku"],
        "FBaseQty": float(row["on_hand"]),
        "FBaseLockQty": float(row["reserved"]),
        "F_NL_InTransit": float(row["in_transit"]),
    }


def _purchases(row: Row) -> Row:
    return {
        "FBillNo": row["purchase_order_id"],
        "FPOOrderEntry_FSeq": row["line_number"],
        "FSupplierId.FNumber": row["supplier_id"],
        "FMaterialId.FNumber": row["sku"],
        "FCloseStatus": "B" if row["received_on"] else "A",
        "FDate": _moment(row["ordered_on"]),
        "FModifyDate": _moment(row["received_on"] or row["ordered_on"]),
        "FDeliveryDate": _moment(row["expected_on"]),
        "FQty": float(row["quantity_ordered"]),
        "FStockInQty": float(row["quantity_received"] or 0),
        "FPrice": number(row["unit_cost"]),
        "FSettleCurrId.FCODE": row["currency"],
        "F_NL_Received": _moment(row["received_on"]),
    }


def _sale(row: Row, customer: str, small: str) -> Row:
    return {
        "FDate": _moment(row["date"]),
        customer: row["account_id"],
        "FBillNo": row["order_id"],
        f"FMaterialI{small}.FNumber": row["sku"],
        "FRealQty": float(row["quantity"]),
        "FPrice": round(float(row["amount"]) / row["quantity"], 6),
        "FDiscount": number(row["discount"]),
        f"FSettleCurrI{small}.FCODE": row["currency"],
    }


def _deliveries(row: Row) -> Row | None:
    return _sale(row, "FCustomerID.FNumber", "D") if row["kind"] == "sale" else None


def _returns(row: Row) -> Row | None:
    return _sale(row, "FRetcustId.FNumber", "d") if row["kind"] == "refund" else None


def _rates(row: Row) -> Row:
    return {
        "FBegDate": _moment(row["date"]),
        "FCyForID.FCODE": row["from_currency"],
        "FCyToID.FCODE": row["to_currency"],
        "FExchangeRate": number(row["rate"]),
    }


FORMS: dict[str, tuple[str, Callable[[Row], Row | None]]] = {
    "BD_MATERIAL": ("products", _materials),
    "PUR_PriceCategory": ("unit_costs", _prices),
    "BD_Empinfo": ("staff", _employees),
    "BD_Department": ("teams", _departments),
    "STK_Inventory": ("warehouse_stock", _stock),
    "PUR_PurchaseOrder": ("purchase_orders", _purchases),
    "SAL_OUTSTOCK": ("sales", _deliveries),
    "SAL_RETURNSTOCK": ("sales", _returns),
    "BD_Rate": ("fx_rates", _rates),
}


def add(routes: Blueprint, state: SandboxState) -> None:
    def session() -> str:
        return state.credentials.secret(NAME, "session")[:36]

    @routes.post(f"{STUB}.AuthService.LoginByAppSecret.common.kdsvc")
    def kingdeeLogin() -> Any:  # noqa: N802 (the operation's name)
        known = connection(state)
        wanted = [known[name] for name in ("acct_id", "login", "app_id", "app_secret")]
        if request.get_json(force=True).get("parameters", [])[:4] != wanted:
            return jsonify({"LoginResultType": 0, "Message": "登录失败: 应用ID或应用密钥错误", "KDSVCSessionId": None})
        g.account_id = NAME
        return jsonify({"LoginResultType": 1, "Message": None, "KDSVCSessionId": session()})

    @routes.post(f"{STUB}.DynamicFormService.ExecuteBillQuery.common.kdsvc")
    def kingdeeQuery() -> Any:  # noqa: N802
        if request.headers.get("kdservice-sessionid") != session():
            return _refused(1, "会话信息已丢失，请重新登录")
        g.account_id = NAME
        if (wait := state.buckets.take("kingdeeQuery", NAME)) is not None:
            return Response("Too many requests", 429, {"Retry-After": str(wait)})
        query = json.loads(request.get_json(force=True)["data"])
        if query["FormId"] not in FORMS:
            return _refused(4, f"业务对象不存在: {query['FormId']}")
        return _query(state, query)


def _query(state: SandboxState, query: dict[str, Any]) -> Any:
    stream, make = FORMS[query["FormId"]]
    made = (make(row) for row in books_of(state, stream))
    rows = [{"FDocumentStatus": "C", "FForbidStatus": "A", **row} for row in made if row is not None]
    conditions = [CONDITION.match(one) for one in query["FilterString"].split(" and ") if one]
    try:
        # A day is also at the start of its moments.
        wanted = [(m[1], m[2], m[3] + "T99" if m[2] == "<=" else m[3]) for m in conditions if m]
        found = [[row[name] for name in query["FieldKeys"].split(",")] for row in kept(rows, list(wanted))]
    except KeyError as error:
        return _refused(4, f"字段不存在: {error.args[0]}")
    # Most that is answered at once.
    return jsonify(page(state, stream, found, query["StartRow"], min(query["Limit"] or 2000, 2000))[0])


def _refused(code: int, message: str) -> Any:
    errors = [{"FieldName": None, "Message": message, "DIndex": 0}]
    status = {"ErrorCode": 500, "IsSuccess": False, "Errors": errors, "MsgCode": code}
    return jsonify([[{"Result": {"ResponseStatus": status}}]])
