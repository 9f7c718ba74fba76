"""The two reports of customers' returns: those that Amazon received (FBA), one row a unit, and those that the seller
handles, by the date on which the buyer asked. Both are tab separated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow_dags.sandbox.amazon_sp.kinds import ReportKind, instant
from airflow_dags.sandbox.amazon_sp.settlement import flat_file, money
from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import CURRENCY, stable_number
from airflow_dags.sandbox.business.proceeds import item_id
from airflow_dags.sandbox.business.returns import CustomerReturn, customer_returns, requested_returns
from airflow_dags.sandbox.content import Place, rows_of
from airflow_dags.sandbox.state import SandboxState

FBA_REPORT = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
SELLER_REPORT = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
CENTRES = ("LEX1", "ONT8", "PHX6", "SDF8", "MQJ1")
COMMENTS = ("", "", "Doesn’t fit", "Arrived scratched – sent back", "")


def _fba(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    start, end = instant(request["dataStartTime"]), instant(request["dataEndTime"])
    business = state.business
    found = [
        one
        for day in business.days()
        for one in customer_returns(business, account_id, day, revision)
        if one.is_fba and start <= one.returned_at < end
    ]
    rows = [_fba_row(one, unit) for one in found for unit in range(one.quantity)]
    return flat_file(rows_of(state, Place("amazon_sp", "returns", account_id), rows)) if rows else None


def _fba_row(one: CustomerReturn, unit: int) -> dict[str, str]:
    sku = one.line.sku
    plate = stable_number(one.number, unit, "plate")
    return {
        "return-date": one.returned_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "order-id": one.order.order_id,
        "sku": sku.sku,
        "asin": sku.asin,
        "fnsku": "X" + sku.asin[1:],
        "product-name": sku.name,
        "quantity": "1",
        "fulfillment-center-id": CENTRES[plate % len(CENTRES)],
        "detailed-disposition": one.disposition,
        "reason": one.reason,
        "status": "Unit returned to inventory" if one.disposition == "SELLABLE" else "Reimbursed",
        "license-plate-number": f"LPN{plate % 10**11:011d}",
        "customer-comments": COMMENTS[plate % len(COMMENTS)],
    }


def request_day(one: CustomerReturn) -> date:
    """When the buyer asked to send it back."""
    return marketplace_day(one.requested_at)


def _seller(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    start, end = (marketplace_day(instant(request[name])) for name in ("dataStartTime", "dataEndTime"))
    # The end is the midnight after the last day, or a moment of that day.
    is_midnight = request["dataEndTime"] != request["dataStartTime"] and _is_midnight(instant(request["dataEndTime"]))
    last = end - timedelta(days=1) if is_midnight else end
    found = [
        one for one in requested_returns(state.business, account_id, revision) if start <= request_day(one) <= last
    ]
    rows = [_seller_row(one, one.returned_at < state.business.closed_at) for one in found]
    return flat_file(rows_of(state, Place("amazon_sp", "seller_returns", account_id), rows)) if rows else None


def _is_midnight(moment: datetime) -> bool:
    return marketplace_day(moment) != marketplace_day(moment - timedelta(seconds=1))


def _seller_row(one: CustomerReturn, is_received: bool) -> dict[str, str]:
    order, sku = one.order, one.line.sku
    return {
        "Order ID": order.order_id,
        "Order date": _day(order.day),
        "Return request date": _day(request_day(one)),
        "Return request status": "Approved" if one.refunded_at is None else "Completed",
        "Amazon RMA ID": f"D{stable_number(one.number, 'rma') % 36**8:08d}RRMA",
        "Merchant RMA ID": "",
        "Label type": "AmazonPrePaidLabel",
        "Label cost": "4.14",
        "Currency code": CURRENCY,
        "Return carrier": "USPS",
        "Tracking ID": f"92020903395983{one.number:012d}",
        "Label to be paid by": "Seller" if one.reason in ("DEFECTIVE", "NOT_AS_DESCRIBED") else "Customer",
        "A-to-Z Claim": "N",
        "Is prime": "N",
        "ASIN": sku.asin,
        "Merchant SKU": sku.sku,
        "Item Name": sku.name,
        "Return quantity": str(one.quantity),
        "Return Reason": f"CR-{one.reason}",
        "In policy": "Y",
        "Return type": "C-Returns",
        "Resolution": "StandardRefund",
        "Invoice number": "",
        "Return delivery date": _day(one.day) if is_received else "",
        "Order Amount": money((one.line.price or 0) - one.line.promotion),
        "Order quantity": str(one.line.quantity),
        "SafeT Action reason": "",
        "SafeT claim id": "",
        "SafeT claim state": "",
        "SafeT claim creation time": "",
        "SafeT claim reimbursement amount": "",
        "Refunded Amount": money(one.amount) if one.refunded_at else "",
        "Order Item ID": item_id(order, one.line_number),
    }


def _day(day: date) -> str:
    return day.strftime("%d-%b-%Y")


REPORT_KINDS = (
    ReportKind(FBA_REPORT, _fba, stream="returns"),
    ReportKind(SELLER_REPORT, _seller, stream="seller_returns"),
)
