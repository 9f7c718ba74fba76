"""The reconciliation report, version v1: a zipped CSV with the number of its lines, the payout, and its amounts."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import Any

from airflow_dags.sandbox.business.walmart_money import COMMISSION, SettledLine, Settlement, commission_percent
from airflow_dags.sandbox.walmart.orders import customer_order_id, purchase_order_id

COLUMNS = (
    "Period Start Date",
    "Period End Date",
    "Total Payable",
    "Currency",
    "Transaction Key",
    "Transaction Posted Timestamp",
    "Transaction Type",
    "Transaction Description",
    "Customer Order #",
    "Customer Order line #",
    "Purchase Order #",
    "Purchase Order line #",
    "Amount",
    "Amount Type",
    "Ship Qty",
    "Commission Rate",
    "Transaction Reason Description",
    "Partner Item Id",
    "Partner GTIN",
    "Partner Item Name",
    "Product Tax Code",
    "Ship to State",
    "Ship to City",
    "Ship to Zipcode",
    "Contract Category",
    "Product Type",
    "Commission Rule",
    "Shipping Method",
    "Fulfillment Type",
    "Fulfillment Details",
    "Original Commission",
)


def report_date(day: date) -> str:
    """As availableReconFiles lists it."""
    return f"{day:%m%d%Y}"


def recon_rows(settlement: Settlement, wfs_orders: set[int]) -> list[dict[str, Any]]:
    """The payout first, then its amounts."""
    payout = {
        "Period Start Date": _us(settlement.period_start),
        "Period End Date": _us(settlement.period_end),
        "Total Payable": _dollars(settlement.total),
        "Currency": "USD",
        "Transaction Posted Timestamp": _us(settlement.report_date),
        "Transaction Type": "PaymentSummary",
        "Transaction Description": "Deposited in account",
    }
    return [_whole(payout), *(_whole(_cells(settlement, line, wfs_orders)) for line in settlement.lines)]


def _whole(cells: dict[str, Any]) -> dict[str, Any]:
    return {name: cells.get(name, "") for name in COLUMNS}


def _cells(settlement: Settlement, line: SettledLine, wfs_orders: set[int]) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "Currency": "USD",
        "Transaction Key": line.key,
        "Transaction Posted Timestamp": _us(line.posted_on),
        "Transaction Type": line.transaction_type,
        "Transaction Description": line.description,
        "Amount": _dollars(line.amount),
        "Amount Type": line.amount_type,
        "Transaction Reason Description": line.reason,
    }
    if line.order is None or line.line is None:
        # Fees of the seller as a whole state the period that they are for.
        return cells | {
            "Period Start Date": _us(settlement.period_start),
            "Period End Date": _us(settlement.period_end),
            "Fulfillment Type": "WFS",
        }
    order, sku = line.order, line.line.sku
    city, state, postal_code, _ = order.destination
    if line.amount_type == COMMISSION:
        cells |= {"Commission Rate": str(commission_percent(sku)), "Original Commission": _dollars(line.amount)}
    return cells | {
        "Customer Order #": customer_order_id(order),
        "Customer Order line #": str(line.line.number),
        "Purchase Order #": purchase_order_id(order),
        "Purchase Order line #": str(line.line.number),
        "Ship Qty": "" if line.quantity is None else str(line.quantity),
        "Partner Item Id": sku.sku,
        "Partner Item Name": sku.name,
        "Product Tax Code": "2038710",
        "Ship to State": state,
        "Ship to City": city,
        "Ship to Zipcode": postal_code,
        "Contract Category": sku.cell.category.capitalize(),
        "Shipping Method": "Marketplace standard",
        "Fulfillment Type": "WFS" if order.number in wfs_orders else "Seller Fulfilled",
        "Fulfillment Details": "Delivery",
    }


def recon_csv(rows: list[dict[str, Any]]) -> bytes:
    """The CSV as Seller Center gives it: below the header a line that counts the lines."""
    columns = list(rows[0]) if rows else list(COLUMNS)
    output = io.StringIO()
    writer = csv.DictWriter(output, columns, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    output.write(f"Number of Lines in file {len(rows)}\r\n")
    writer.writerows(rows)
    return output.getvalue().encode()


def zipped(content: bytes, name: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0)), content)
    return output.getvalue()


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
