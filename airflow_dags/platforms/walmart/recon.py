"""Reconciliation reports (version v1): one row an amount of a settlement.

Walmart makes a report for each closed period and lists the dates. A report says for which period it is and what is paid
out, which is the sum of its amounts: a file whose amounts add up to something else is incomplete, or has lines twice,
and is refused. A period's rows are replaced together.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.errors import DocumentBroken, PipelineError, ServerUnavailable, WrongDocument
from airflow_dags.platforms.walmart.cells import day_text
from airflow_dags.streams import ListedReport, ListedReportStream, StreamSettings

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

DATES_PATH = "/v3/report/reconreport/availableReconFiles"
FILE_PATH = "/v3/report/reconreport/reconFile"
VERSION = {"reportVersion": "v1"}
SUMMARY = "paymentsummary"
LINE_COUNT = "number of lines"
LARGEST_MEMBER = 256 * 1024**2
DOWNLOADS = 3
_ZIP = b"PK\x03\x04"

_TYPE, _AMOUNT, _PAYABLE = "transaction_type", "amount", "total_payable"
_DATES = ("period_start_date", "period_end_date", "transaction_posted_timestamp")


def _column(name: str, source: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    return Column(name, kind, required, nullable, sources=(source,))  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="walmart",
    stream="recon",
    mode="changes",
    report_name="Walmart's reconciliation report (version v1)",
    key=("settlement_end", "settlement_start"),
    unique=("settlement_end", "settlement_start", "line_number"),
    owned=("purchase_order_id",),
    seller_ids=("sku",),
    columns=(
        # The period of the whole report; the two below are those that a line names itself (WFS, advertising).
        Column("settlement_start", "date"),
        Column("settlement_end", "date"),
        # Lines have no id: they are numbered by their content, the same whatever the file's order.
        Column("line_number", "integer"),
        # The payout's day and amount, the same on all lines of the report.
        Column("paid_on", "date"),
        Column("total_payable", "numeric"),
        _column("period_start", "Period Start Date", "date", required=True),
        _column("period_end", "Period End Date", "date", required=True),
        _column("currency", "Currency", required=True),
        _column("transaction_key", "Transaction Key", required=True),
        _column("transaction_date", "Transaction Posted Timestamp", "date", required=True, nullable=False),
        _column("transaction_type", "Transaction Type", required=True, nullable=False),
        _column("transaction_description", "Transaction Description"),
        _column("customer_order_id", "Customer Order #"),
        _column("customer_order_line", "Customer Order line #"),
        _column("purchase_order_id", "Purchase Order #", required=True),
        _column("purchase_order_line", "Purchase Order line #"),
        # What the seller gets is positive, what is kept from it negative.
        _column("amount", "Amount", "numeric", required=True, nullable=False),
        _column("amount_type", "Amount Type", required=True),
        _column("quantity", "Ship Qty", "integer"),
        _column("commission_rate", "Commission Rate", "numeric"),
        _column("transaction_reason", "Transaction Reason Description"),
        _column("sku", "Partner Item Id", required=True),
        _column("product_name", "Partner Item Name"),
        _column("contract_category", "Contract Category"),
        _column("product_type", "Product Type"),
        _column("fulfillment_type", "Fulfillment Type"),
        _column("original_commission", "Original Commission", "numeric"),
        _column("ship_to_state", "Ship to State"),
    ),
    ignored=frozenset(
        [
            "Base Commission Rate",
            "Partner GTIN",
            "Product Tax Code",
            "Ship to City",
            "Ship to Zipcode",
            "Commission Rule",
            "Commission Incentive Program",
            "Shipping Method",
            "Fulfillment Details",
        ]
    ),
)


class Recon(ListedReportStream):
    """One report a settlement period."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = CONTRACT, settings

    def list_reports(self, client: Any, account: Account, window: Window) -> list[ListedReport]:
        """The reports that were made on the days of ``window``; the list knows their dates only."""
        answer = client.get_json("reconDates", DATES_PATH, VERSION)
        found = []
        for text in (answer or {}).get("availableApReportDates") or []:
            day = _report_day(str(text))
            if window.start <= day <= window.end:
                found.append(ListedReport(str(text), str(text), Window(day, day)))
        return sorted(found, key=lambda report: report.window.end)

    def download(self, client: Any, document_id: str) -> Document:
        """Fetch a report; one that arrives damaged is fetched again before it is refused."""
        from airflow_dags.documents import Document

        query = {**VERSION, "reportDate": document_id}
        for attempt in range(1, DOWNLOADS + 1):
            answer = client.get("reconFile", FILE_PATH, query, accept="application/octet-stream")
            document = Document(f"recon report {document_id}", answer.content)
            try:
                if _unzipped(document).content.lstrip()[:1] not in (b"", b"<"):
                    return document
                problem: PipelineError = ServerUnavailable(f"{client.title}: reconFile answered with no report")
            except DocumentBroken as error:
                problem = error
            if attempt == DOWNLOADS:
                raise problem
        raise AssertionError("unreachable")

    def read(self, document: Document, account: Account, day: date) -> Extract:
        """The API's zip, or the CSV or Excel file of Seller Center."""
        from airflow_dags.documents import read_table

        table, broken = read_table(_unzipped(document))
        # Below the header stands how many lines follow, in a cell of its own.
        broken = [line for line in broken if LINE_COUNT not in line[2].lower()]
        if CONTRACT.missing_in(table.column_names):
            return Extract(table, broken=broken)  # another report: the contract says what it lacks
        return Extract(_settled(table, document.name), broken=broken)

    def recognises(self, names: Collection[str]) -> float:
        """By the columns that no other report of Walmart's has."""
        known = {normalise(name) for name in names}
        return super().recognises(names) if {"total_payable", "amount_type"} <= known else 0.0


def _report_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%m%d%Y").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        raise WrongDocument(
            f"Walmart lists a reconciliation report of {text[:20]!r}, which is no date MMDDYYYY"
        ) from None


def _unzipped(document: Document) -> Document:
    """The CSV in a zip; anything else (an Excel file is a zip too) as it is."""
    from airflow_dags.documents import Document

    if document.content[:4] != _ZIP:
        return document
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
            members = [member for member in archive.infolist() if member.filename.lower().endswith((".csv", ".txt"))]
            if len(members) != 1:
                return document
            if members[0].file_size > LARGEST_MEMBER:
                raise DocumentBroken(
                    f"{document.name} grows beyond {LARGEST_MEMBER} bytes when decompressed; nothing was changed"
                )
            with archive.open(members[0]) as member:
                return Document(document.name, member.read(LARGEST_MEMBER), document.charset)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError):
        raise DocumentBroken(f"{document.name} is damaged (zip); nothing was changed; download it again") from None


def _settled(table: pa.Table, name: str) -> pa.Table:
    """The amounts with the period of their report and a number, once they add up to the payout."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {normalise(column): column for column in table.column_names}
    table = _with_days(table, [columns[date_] for date_ in _DATES])
    kinds = pc.replace_substring_regex(pc.utf8_lower(_filled(table, columns[_TYPE])), r"\s", "")
    is_summary = pc.equal(kinds, SUMMARY)
    is_count = pc.match_substring(_filled(table, table.column_names[0]), LINE_COUNT, ignore_case=True)
    wanted = {key: columns[key] for key in (*_DATES, _PAYABLE, "currency") if key in columns}
    summaries = table.filter(is_summary).select(list(wanted.values())).rename_columns(list(wanted)).to_pylist()
    start, end = _period(summaries, name)
    lines = table.filter(pc.invert(pc.or_(pc.or_(is_summary, is_count), _is_blank(table))))
    lines = _complete(lines, columns[_AMOUNT], _first(summaries, _PAYABLE), name)
    # What tells most lines apart comes first; the others decide between those that are left.
    telling = [columns[key] for key in ("transaction_key", "amount_type", _AMOUNT, "purchase_order_#")]
    others = [column for column in lines.column_names if column not in telling]
    lines = lines.sort_by([(column, "ascending") for column in (*telling, *others)])
    if currency := _first(summaries, "currency"):
        given = _filled(lines, columns["currency"])
        place = lines.column_names.index(columns["currency"])
        lines = lines.set_column(place, columns["currency"], pc.if_else(pc.equal(given, ""), currency, given))
    numbers = pa.array([str(number) for number in range(1, lines.num_rows + 1)], pa.string())
    stated = {
        "settlement_start": start,
        "settlement_end": end,
        "paid_on": _first(summaries, _DATES[2]),
        "total_payable": _first(summaries, _PAYABLE),
    }
    if _PAYABLE in columns:
        lines = lines.drop_columns([columns[_PAYABLE]])
    whole = {name: pa.repeat(pa.scalar(value, pa.string()), lines.num_rows) for name, value in stated.items()}
    for column, values in {**whole, "line_number": numbers}.items():
        lines = lines.append_column(column, values)
    return lines


def _filled(table: pa.Table, column: str) -> Any:
    import pyarrow.compute as pc

    return pc.fill_null(table.column(column), "")


def _is_blank(table: pa.Table) -> Any:
    """Which rows have nothing in any cell."""
    import pyarrow.compute as pc

    blank = pc.equal(_filled(table, table.column_names[0]), "")
    for column in table.column_names[1:]:
        blank = pc.and_(blank, pc.equal(_filled(table, column), ""))
    return blank


def _with_days(table: pa.Table, columns: list[str]) -> pa.Table:
    """The table with its days as YYYY-MM-DD; there are few different ones."""
    import pyarrow as pa

    for column in columns:
        cells = table.column(column).combine_chunks().dictionary_encode()
        days = pa.array([day_text(cell) for cell in cells.dictionary.to_pylist()], pa.string())
        table = table.set_column(table.column_names.index(column), column, days.take(cells.indices))
    return table


def _period(summaries: list[dict[str, Any]], name: str) -> tuple[str, str]:
    periods = {(row[_DATES[0]], row[_DATES[1]]) for row in summaries}
    if len(periods) != 1 or not all(next(iter(periods))):
        raise WrongDocument(
            f"{name} names {len(periods) or 'no'} settlement period{'s' if len(periods) > 1 else ''} in lines "
            f"PaymentSummary, where a reconciliation report names one; nothing was changed; check that it is this "
            f"report and complete"
        )
    return next(iter(periods))


def _first(rows: list[dict[str, Any]], name: str) -> str | None:
    return next((row[name] for row in rows if row.get(name)), None)


def _complete(lines: pa.Table, amount: str, payable: str | None, name: str) -> pa.Table:
    """The lines if they add up to the payout; without what is repeated, if only then they do."""
    stated, found = _decimal(payable), _sum(lines, amount)
    if stated is None or found is None or found == stated:
        return lines
    once = lines.group_by(lines.column_names).aggregate([])
    if _sum(once, amount) == stated:
        return once
    raise DocumentBroken(
        f"{name}: its amounts add up to {found.normalize():f}, but {stated:f} were paid out, so it is incomplete or "
        f"holds lines twice; nothing was changed; download it again",
        stated=str(stated),
        found=str(found),
    )


def _sum(lines: pa.Table, amount: str) -> Decimal | None:
    """None where an amount is none: the contract sets such a line aside with its reason."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.replace_substring(pc.utf8_trim_whitespace(_filled(lines, amount)), ",", "")
    try:
        total = pc.sum(cells.cast(pa.decimal128(38, 6))).as_py()
    except pa.ArrowInvalid:
        return None
    return Decimal(0) if total is None else Decimal(total)


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(str(text or "").replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
