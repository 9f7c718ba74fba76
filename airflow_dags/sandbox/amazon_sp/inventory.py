"""The reports of what lies in Amazon's warehouses: inventory planning, ledger summary and ledger detail, tab separated
(Cp1252). Days are written as US reports do, what leaves is a negative number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.amazon_sp.kinds import ReportKind, instant
from airflow_dags.sandbox.amazon_sp.settlement import flat_file, money
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID, Sku, stable_number
from airflow_dags.sandbox.business.fees import storage_fee
from airflow_dags.sandbox.business.stock import SELLABLE, SkuStock, StockDay, stock_of
from airflow_dags.sandbox.content import Place, rows_of
from airflow_dags.sandbox.platforms import Total
from airflow_dags.sandbox.state import SandboxState

PLANNING, SUMMARY, DETAIL = (
    "GET_FBA_INVENTORY_PLANNING_DATA",
    "GET_LEDGER_SUMMARY_VIEW_DATA",
    "GET_LEDGER_DETAIL_VIEW_DATA",
)
CENTRES = ("LEX1", "ONT8", "PHX6", "SDF8", "MQJ1")
AGED_FEE = 50  # cents a unit and month beyond 271 days
LOW_LEVEL_DAYS = 28


def _planning(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    rows = [_planning_row(state.business, stock) for stock in stock_of(state.business, account_id, revision)]
    return flat_file(rows_of(state, Place("amazon_sp", "fba_stock_and_age", account_id), rows))


def _planning_row(business: Business, stock: SkuStock) -> dict[str, str]:
    today, sku, available = business.as_of, stock.sku, stock.available
    shipped = {days: stock.shipped_since(today - timedelta(days=days)) for days in (7, 30, 60, 90)}
    ages = {
        name: stock.units_of_age(today, first, last)
        for name, first, last in (
            ("0-to-90", 0, 90),
            ("91-to-180", 91, 180),
            ("181-to-270", 181, 270),
            ("271-to-365", 271, 365),
            ("366-to-455", 366, 455),
            ("456-plus", 456, None),
        )
    }
    aged = stock.units_of_age(today, 271)
    cover = _ratio(available * 30, shipped[30]) if shipped[30] else ""
    excess = max(0, available - 2 * shipped[60]) if aged else 0
    is_low = bool(cover) and Decimal(cover) < LOW_LEVEL_DAYS
    return {
        "snapshot-date": today.isoformat(),
        "sku": sku.sku,
        "fnsku": fnsku(sku),
        "asin": sku.asin,
        "product-name": sku.name,
        "condition": "New",
        "available": str(available),
        "pending-removal-quantity": "0",
        **{f"inv-age-{name}-days": str(units) for name, units in ages.items()},
        "currency": CURRENCY,
        **{f"units-shipped-t{days}": str(units) for days, units in shipped.items()},
        "alert": "Out of stock" if not available else "Excess inventory" if excess else "",
        "your-price": money(sku.price_on(today)),
        "sales-price": "",
        "lowest-price-new-plus-shipping": money(sku.price_on(today)),
        "lowest-price-used": "",
        "recommended-action": "Create sale" if excess else "No action required",
        "sell-through": _ratio(shipped[90], available),
        "marketplace": MARKETPLACE_ID,
        "product-group": sku.cell.category.capitalize(),
        "sales-rank": str(1000 + stable_number(sku.sku, "rank") % 90_000),
        "days-of-supply": cover,
        "estimated-excess-quantity": str(excess),
        "weeks-of-cover-t30": _ratio(available * 30, shipped[30] * 7),
        "weeks-of-cover-t90": _ratio(available * 90, shipped[90] * 7),
        "estimated-storage-cost-next-month": money(storage_fee(sku, available)),
        "inbound-quantity": "0",
        "inbound-working": "0",
        "inbound-shipped": "0",
        "inbound-received": "0",
        "reserved-quantity": "0",
        "unfulfillable-quantity": str(stock.unsellable_units),
        "quantity-to-be-charged-ais-271-300-days": str(stock.units_of_age(today, 271, 300)),
        "estimated-ais-271-300-days": money(stock.units_of_age(today, 271, 300) * AGED_FEE),
        "historical-days-of-supply": cover,
        "fba-minimum-inventory-level": str(shipped[30] * LOW_LEVEL_DAYS // 30),
        "fba-inventory-level-health-status": "Low" if is_low else "Healthy",
        "Low-Inventory-Level fee applied in current week?": "Yes" if is_low else "No",
        "Exempted from Low-Inventory-Level fee?": "No",
    }


def fnsku(sku: Sku) -> str:
    return "X" + sku.asin[1:]


def _ratio(part: int, whole: int) -> str:
    return f"{Decimal(part) / whole:.2f}" if whole else ""


def _days_of(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> Iterator[StockDay]:
    first, last = (marketplace_day(instant(request[name])) for name in ("dataStartTime", "dataEndTime"))
    for stock in stock_of(state.business, account_id, revision):
        for one in (*stock.days, *stock.unsellable):
            if first <= one.day <= last and not one.is_idle:
                yield one


def _summary(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    rows = [_summary_row(one) for one in _days_of(state, account_id, request, revision)]
    return flat_file(rows_of(state, Place("amazon_sp", "fba_ledger_summary", account_id), rows)) if rows else None


def _product(one: StockDay) -> dict[str, str]:
    sku = one.sku
    return {
        "Date": _us_day(one.day),
        "FNSKU": fnsku(sku),
        "ASIN": sku.asin,
        "MSKU": sku.sku,
        "Title": sku.name,
    }


def _summary_row(one: StockDay) -> dict[str, str]:
    figures = {
        "StartingWarehouseBalance": one.starting,
        "InTransitBetweenWarehouses": stable_number(one.sku.sku, one.day, "transit") % 4,
        "Receipts": one.receipts,
        "CustomerShipments": -one.shipments,
        "CustomerReturns": one.returns,
        "VendorReturns": 0,
        "WarehouseTransferIn/Out": 0,
        "Found": one.found,
        "Lost": -one.lost,
        "Damaged": one.damaged,
        "Disposed": -one.disposed,
        "OtherEvents": 0,
        "EndingWarehouseBalance": one.ending,
        "UnknownEvents": 0,
    }
    named = {name: str(units) for name, units in figures.items()}
    return {**_product(one), "Disposition": one.disposition, **named, "Location": "US"}


def _detail(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    days = _days_of(state, account_id, request, revision)
    rows = [row for one in days for row in _detail_rows(one)]
    return flat_file(rows_of(state, Place("amazon_sp", "fba_ledger_detail", account_id), rows)) if rows else None


def _detail_rows(one: StockDay) -> Iterator[dict[str, str]]:
    """Events by fulfilment centre: shipments are split between two, each row is that of one centre."""
    number = stable_number(one.sku.sku, one.day, "event")
    receipt = f"FBA{number % 36**8:08d}"
    halves = (one.shipments // 2, one.shipments - one.shipments // 2)
    events = [
        ("Receipts", receipt, one.receipts, "", 0),
        *(("Shipments", "", -units, "", centre) for centre, units in enumerate(halves)),
        ("CustomerReturns", "", one.returns, "", 0),
        ("Adjustments", str(number % 10**10), one.found, "F", 0),
        ("Adjustments", str(number % 10**10), -one.lost, "M", 0),
        ("Adjustments", str(number % 10**10), one.damaged, "E" if one.disposition == SELLABLE else "P", 0),
        ("VendorReturns", str(number % 10**10), -one.disposed, "D", 0),
    ]
    for event, reference, units, reason, centre in events:
        if units:
            yield {
                **_product(one),
                "Event Type": event,
                "Reference ID": reference,
                "Quantity": str(units),
                "Fulfillment Center": CENTRES[(number + centre) % len(CENTRES)],
                "Disposition": one.disposition,
                "Reason": reason,
                "Country": "US",
                "Reconciled Quantity": str(max(0, -units)) if event == "Adjustments" else "0",
                "Unreconciled Quantity": "0",
            }


def _us_day(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def totals(business: Business, revision: int) -> Iterator[Total]:
    """`available` units of today's snapshot; of the ledger `ending_balance` and units shipped, returned and received by
    day, and of its events the net `quantity`; all dispositions together."""
    for account in business.catalogue.accounts:
        stocks = stock_of(business, account.account_id, revision)
        available = sum(stock.available for stock in stocks)
        yield Total("fba_stock_and_age", account.account_id, business.as_of, "available", Decimal(available))
        aged = sum(stock.units_of_age(business.as_of, 271, 365) for stock in stocks)
        yield Total("fba_stock_and_age", account.account_id, business.as_of, "aged_271_365", Decimal(aged))
        sums: dict[tuple[date, str, str], int] = {}
        for one in (one for stock in stocks for one in (*stock.days, *stock.unsellable) if not one.is_idle):
            for stream, measure, units in (
                ("fba_ledger_summary", "ending_balance", one.ending),
                ("fba_ledger_summary", "shipped", one.shipments),
                ("fba_ledger_summary", "returned", one.returns),
                ("fba_ledger_detail", "quantity", one.ending - one.starting),
                ("fba_ledger_detail", "received", one.receipts),
            ):
                sums[one.day, stream, measure] = sums.get((one.day, stream, measure), 0) + units
        for (day, stream, measure), units in sorted(sums.items()):
            yield Total(stream, account.account_id, day, measure, Decimal(units))


_BY = {
    "aggregateByLocation": ("COUNTRY",),
    "aggregatedByTimePeriod": ("DAILY",),
}
REPORT_KINDS = (
    ReportKind(PLANNING, _planning, stream="fba_stock_and_age"),
    ReportKind(SUMMARY, _summary, options=_BY, stream="fba_ledger_summary"),
    ReportKind(DETAIL, _detail, stream="fba_ledger_detail"),
)
