"""The V2 settlement report: a tab separated file in Cp1252 that Amazon makes by itself and only lists.

The first row holds the settlement's period, deposit and total, each other row one amount. The older flat file and the
XML were withdrawn on 2026-11-11: they are neither made nor listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_dags.sandbox.amazon_sp.kinds import ListedReport, ReportKind
from airflow_dags.sandbox.business.money import Amount, Item, Settlement, Transaction, settlements
from airflow_dags.sandbox.content import Place, rows_of
from airflow_dags.sandbox.state import SandboxState, iso

SETTLEMENT_REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
COLUMNS = (
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "amount",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
    "quantity-purchased",
    "promotion-id",
)
TYPES = {"Shipment": "Order", "Refund": "Refund", "ProductAdsPayment": "ServiceFee", "ServiceFee": "other-transaction"}
MADE_AFTER = timedelta(hours=3)


def settlement_rows(settlement: Settlement, currency: str = "USD") -> list[dict[str, str]]:
    """The report's rows under its column names; what doesn't apply is empty."""
    header = {
        "settlement-id": settlement.settlement_id,
        "settlement-start-date": _instant(settlement.start),
        "settlement-end-date": _instant(settlement.end),
        "deposit-date": _instant(settlement.deposited_at),
        "total-amount": money(settlement.total),
        "currency": currency,
    }
    return [dict.fromkeys(COLUMNS, "") | row for row in (header, *_lines(settlement))]


def _lines(settlement: Settlement) -> Iterator[dict[str, str]]:
    for transaction in settlement.transactions:
        for item in transaction.items:
            for amount in item.amounts:
                yield {"settlement-id": settlement.settlement_id, **_line(transaction, item, amount)}


def _line(transaction: Transaction, item: Item, amount: Amount) -> dict[str, str]:
    order = transaction.order
    row = {
        "transaction-type": TYPES[transaction.kind],
        "amount-type": amount.amount_type,
        "amount-description": amount.description,
        "amount": money(amount.cents),
        "posted-date": transaction.posted_at.astimezone(UTC).strftime("%m/%d/%y"),
        "posted-date-time": _instant(transaction.posted_at),
    }
    if order is not None:
        row |= {
            "order-id": order.order_id,
            "merchant-order-id": order.order_id,
            "adjustment-id": transaction.transaction_id[:12] if transaction.kind == "Refund" else "",
            "shipment-id": transaction.transaction_id[:9] if transaction.kind == "Shipment" else "",
            "marketplace-name": "Amazon.com",
            "fulfillment-id": "MFN" if order.is_merchant_fulfilled else "AFN",
        }
    if item.sku is not None:
        row |= {
            "order-item-code": item.code or "",
            "sku": item.sku.sku,
            "quantity-purchased": str(item.quantity),
        }
    return row


def money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _listed(state: SandboxState, account_id: str) -> list[ListedReport]:
    return [
        ListedReport(
            report_id=f"6{settlement.settlement_id}",
            start=iso(settlement.start),
            end=iso(settlement.end),
            created_at=settlement.end + MADE_AFTER,
        )
        for settlement in settlements(state.business, account_id, state.revision)
    ]


def _document(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    """The settlement whose period the listed report states."""
    for settlement in settlements(state.business, account_id, revision):
        if iso(settlement.start) == request["dataStartTime"]:
            rows = rows_of(state, Place("amazon_sp", "settlement", account_id), settlement_rows(settlement))
            return flat_file(rows)
    return None


def flat_file(rows: list[dict[str, Any]]) -> bytes:
    """Tab separated text in Cp1252, under the names of all rows in the order of their first appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(names), *("\t".join(str(row.get(name, "")) for name in names) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252", "replace")


REPORT_KINDS = (ReportKind(SETTLEMENT_REPORT, _document, is_requestable=False, stream="settlement", listed=_listed),)
