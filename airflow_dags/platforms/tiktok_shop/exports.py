"""Seller Center's exports: orders (CSV or Excel) and income (an Excel workbook with statements and their orders).

Below the header stands a line that describes the columns; ids end in a tab, so that Excel keeps their digits; times
are the shop's own, month first, without an offset. An hour that the clock strikes twice is read as the first one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Contract, Extract, normalise
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.tiktok_shop.base import CURRENCY, Row, table_of, zone_of

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

ZIP = b"PK\x03\x04"
TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S")
DAYS = ("%Y/%m/%d", "%m/%d/%Y", "%Y-%m-%d", "%Y%m%d")
ORDER_TIMES = ("created_at", "paid_at", "ready_at", "shipped_at", "delivered_at", "cancelled_at")
STATEMENT_COLUMNS = ("Statement ID", "Total settlement amount")
OWN_NAMES = {
    "settlement": "settlement_amount",
    "revenue": "revenue_amount",
    "shipping": "shipping_amount",
    "fee": "fee_amount",
    "adjustment": "adjustment_amount",
}
STATUSES = {"CANCELED": "CANCELLED", "TO_SHIP": "AWAITING_SHIPMENT", "SHIPPED": "IN_TRANSIT"}


def read_orders(document: Document, account: Account, contract: Contract) -> Extract:
    """The order export: one row an order and SKU; what it knew of an order is as old as the last thing that happened
    to it."""
    found, broken = _rows_of(document, "Order ID", ("Order ID", "SKU ID", "SKU Subtotal Before Discount"))
    zone, seen, rows = zone_of(account), dict[tuple[Any, Any], int](), []
    for cells in found:
        row = _named(cells, contract, zone)
        moments = [row[name] for name in ORDER_TIMES if _is_instant(row.get(name))]
        identity = (row.get("order_id"), row.get("sku_id"))
        seen[identity] = seen.get(identity, 0) + 1
        row["updated_at"] = max(moments, default=row.get("created_at"))
        row["line_item_id"] = _numbered(str(row.get("sku_id") or "") or None, seen[identity])
        row["order_status"] = _status(row.get("order_status"))
        row["currency"] = str(account.get("currency", CURRENCY))
        rows.append(row)
    return Extract(table_of(rows, contract, document.name), broken=broken)


def read_statements(document: Document, account: Account, contract: Contract) -> Extract:
    """The income export's list of statements."""
    from airflow_dags.platforms.tiktok_shop.finance import checked

    found, broken = _rows_of(document, "Statement ID", STATEMENT_COLUMNS, without="Order/adjustment ID")
    rows = [_named(cells, contract, zone_of(account)) for cells in found]
    extract = checked(rows, OWN_NAMES, contract, has_ids=False)
    extract.broken += broken
    return extract


def read_transactions(document: Document, account: Account, contract: Contract) -> Extract:
    """The income export's orders and adjustments; where the same workbook lists the statements, they must add up."""
    from airflow_dags.platforms.tiktok_shop.finance import checked

    found, broken = _rows_of(document, "Order/adjustment ID", ("Order/adjustment ID", *STATEMENT_COLUMNS))
    zone, seen, rows = zone_of(account), dict[tuple[Any, ...], int](), []
    for cells in found:
        row = _named(cells, contract, zone)
        reference = _text(cells.get(normalise("Order/adjustment ID")))
        is_order = str(row.get("transaction_type") or "").strip().lower() in ("order", "refund")
        row["transaction_type"] = "ORDER" if is_order else row.get("transaction_type")
        row["order_id" if is_order else "adjustment_id"] = reference
        identity = (row.get("statement_id"), reference, row.get("sku_id"))
        seen[identity] = seen.get(identity, 0) + 1
        name = "-".join(part for part in (reference, row.get("sku_id")) if part)
        row["transaction_id"] = _numbered(name or None, seen[identity])
        rows.append(row)
    extract = checked(rows, OWN_NAMES, contract, has_ids=False)
    extract.broken += broken
    _refuse_partial(document, rows)
    return extract


def _refuse_partial(document: Document, rows: list[Row]) -> None:
    """A statement is replaced as a whole, so an export that holds a part of one only would lose the rest."""
    from decimal import Decimal, InvalidOperation

    try:
        listed, _ = _rows_of(document, "Statement ID", STATEMENT_COLUMNS, without="Order/adjustment ID")
    except WrongDocument:
        return  # a file without the list of statements: there is nothing to compare with
    totals: dict[Any, Any] = {}
    try:
        for row in rows:
            amount = Decimal(row["settlement_amount"] or 0)
            totals[row["statement_id"]] = totals.get(row["statement_id"], Decimal(0)) + amount
        stated = {
            _text(cells.get("statement_id")): Decimal(_money(cells.get("total_settlement_amount")) or 0)
            for cells in listed
        }
    except (InvalidOperation, TypeError, KeyError):
        return  # unreadable amounts are the contract's to refuse
    for statement_id, total in totals.items():
        if statement_id in stated and stated[statement_id] != total:
            raise WrongDocument(
                f"{document.name}: statement {statement_id} settles {stated[statement_id]}, its orders in the same "
                f"file {total}; nothing was changed; download the export for whole statements"
            )


def _rows_of(
    document: Document, key: str, needed: Iterable[str], without: str | None = None
) -> tuple[list[dict[str, str | None]], list[tuple[int, str, str]]]:
    """The rows under normalised names, without the line that describes the columns."""
    from airflow_dags.documents import read_table

    wanted = {normalise(name) for name in needed}
    if document.content[:4] == ZIP:
        names, found = _sheet(document, wanted, normalise(without) if without else None)
        broken: list[tuple[int, str, str]] = []
        rows = [dict(zip(names, row, strict=False)) for row in found]
    else:
        table, broken = read_table(document)
        names = [normalise(name) for name in table.column_names]
        if not wanted <= set(names) or (without and normalise(without) in names):
            _refuse(document, wanted)
        rows = [dict(zip(names, row, strict=True)) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]
    if rows and not re.search(r"\d", str(rows[0].get(normalise(key)) or "")):
        rows = rows[1:]
    return rows, broken


def _sheet(document: Document, wanted: set[str], without: str | None) -> tuple[list[str], list[list[str | None]]]:
    """The first sheet of a workbook whose header has all the wanted names; the workbook was looked through before."""
    from openpyxl import load_workbook

    from airflow_dags.documents import cell_text

    try:
        for sheet in load_workbook(io.BytesIO(document.content), read_only=True, data_only=True).worksheets:
            # What TikTok's sheets say of their own size isn't always so.
            sheet.reset_dimensions()
            rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
            filled = (row for row in rows if any(cell not in (None, "") for cell in row))
            names = [normalise(name or "") for name in next(filled, [])]
            if wanted <= set(names) and without not in names:
                return names, list(filled)
    except Exception as error:
        raise DocumentBroken(
            f"{document.name} can't be read as an Excel workbook ({type(error).__name__}); nothing was changed"
        ) from None
    return _refuse(document, wanted)  # type: ignore[no-any-return]


def _refuse(document: Document, wanted: set[str]) -> Any:
    raise WrongDocument(
        f"{document.name} has no table with the columns {', '.join(sorted(wanted))}; nothing was changed; check that "
        f"it is this export of Seller Center and in English"
    )


def _named(cells: Mapping[str, str | None], contract: Contract, zone: ZoneInfo) -> Row:
    """A row under the contract's names, its cells as the contract reads them; unknown columns stay as they are."""
    row: Row = {}
    for name, cell in cells.items():
        column = contract.by_source.get(name)
        if column is None:
            row[name] = _text(cell)
        elif column.name not in row or row[column.name] is None:
            row[column.name] = CONVERTERS.get(column.type, _as_text)(cell, zone)
    return row


def _text(cell: str | None) -> str | None:
    text = (cell or "").strip()
    return None if text in ("", "/", "--") else text


def _as_text(cell: str | None, zone: ZoneInfo) -> str | None:
    return _text(cell)


def _money(cell: str | None) -> str | None:
    text = _text(cell)
    return None if text is None else re.sub(r"^(-?)\s*(?:US\$|USD|\$)\s*(-?)", r"\1\2", text).replace(",", "")


def _moment(cell: str | None, zone: ZoneInfo) -> str | None:
    text = _text(cell)
    if text is None:
        return None
    for pattern in TIMES:
        try:
            return _utc(datetime.strptime(text, pattern), zone)  # noqa: DTZ007 (the zone is the shop's)
        except ValueError:
            continue
    try:
        return _utc(datetime.fromisoformat(text), zone)
    except ValueError:
        return text


def _utc(moment: datetime, zone: ZoneInfo) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(timezone.utc).isoformat()


def _day(cell: str | None, zone: ZoneInfo) -> str | None:
    text = _text(cell)
    for pattern in DAYS if text else ():
        try:
            return datetime.strptime(str(text), pattern).date().isoformat()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return text


CONVERTERS: Mapping[str, Callable[[str | None, ZoneInfo], str | None]] = {
    "numeric": lambda cell, zone: _money(cell),
    "timestamp": _moment,
    "date": _day,
}


def _is_instant(value: Any) -> bool:
    try:
        return bool(value) and datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def _numbered(name: str | None, number: int) -> str | None:
    return name if name is None or number == 1 else f"{name}-{number}"


def _status(text: str | None) -> str | None:
    """Seller Center's words for a status as the API's: Awaiting shipment is AWAITING_SHIPMENT."""
    name = (text or "").strip().upper().replace(" ", "_")
    return STATUSES.get(name, name) or None
