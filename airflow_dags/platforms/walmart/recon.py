"""Reconciliation reports (version v1): one row an amount of a settlement.

Walmart makes a report for each closed period and lists the dates. A report says for which period it is and what is paid
out, which is the sum of its amounts: a file whose amounts add up to something else is incomplete, or has lines twice,
and is refused. A period's rows are replaced together.
"""

from __future__ import annotations

import io
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

    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

DATES_PATH = "/v3/report/reconreport/availableReconFiles"
FILE_PATH = "/v3/report/reconreport/reconFile"
VERSION = {"reportVersion": "v1"}
SUMMARY = "paymentsummary"
LINE_COUNT = "number of lines"
LARGEST_MEMBER = 1024**3
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
            "Total Payable",
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
        rows = _settled([_named(row) for row in table.to_pylist()], document.name)
        # Below the header stands how many lines follow, in a cell of its own.
        broken = [line for line in broken if LINE_COUNT not in line[2].lower()]
        return Extract(_table(rows, table.column_names), broken=broken)

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
                return Document(document.name, member.read(LARGEST_MEMBER + 1), document.charset)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise DocumentBroken(f"{document.name} is damaged (zip); nothing was changed; download it again") from None


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The row under normalised names, its days as YYYY-MM-DD."""
    found = {normalise(name): value for name, value in row.items()}
    return {**found, **{name: day_text(found[name]) for name in _DATES if name in found}}


def _settled(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The amounts with the period of their report and a number, once they add up to the payout."""
    filled = [row for row in rows if any(row.values()) and LINE_COUNT not in str(next(iter(row.values()))).lower()]
    summaries = [row for row in filled if _kind(row) == SUMMARY]
    periods = {(row.get("period_start_date"), row.get("period_end_date")) for row in summaries}
    if len(periods) != 1 or None in next(iter(periods)):
        raise WrongDocument(
            f"{name} names {len(periods) or 'no'} settlement period{'s' if len(periods) > 1 else ''} in lines "
            f"PaymentSummary, where a reconciliation report names one; nothing was changed; check that it is this "
            f"report and complete"
        )
    [(start, end)] = periods
    payable = next((row[_PAYABLE] for row in summaries if row.get(_PAYABLE)), None)
    currency = next((row.get("currency") for row in summaries if row.get("currency")), None)
    lines = _complete([row for row in filled if _kind(row) != SUMMARY], payable, name)
    lines.sort(key=lambda row: [str(row[column] or "") for column in sorted(row)])
    whole = {"settlement_start": start, "settlement_end": end}
    return [
        {**row, **whole, "line_number": number, "currency": row.get("currency") or currency}
        for number, row in enumerate(lines, start=1)
    ]


def _kind(row: dict[str, Any]) -> str:
    return str(row.get(_TYPE) or "").replace(" ", "").lower()


def _complete(lines: list[dict[str, Any]], payable: str | None, name: str) -> list[dict[str, Any]]:
    """The lines if they add up to the payout; without what is repeated, if only then they do."""
    stated, found = _decimal(payable), _sum(lines)
    if stated is None or found is None or found == stated:
        return lines
    once = [dict(cells) for cells in dict.fromkeys(tuple(line.items()) for line in lines)]
    if _sum(once) == stated:
        return once
    raise DocumentBroken(
        f"{name}: its amounts add up to {found}, but {stated} were paid out, so it is incomplete or holds lines twice; "
        f"nothing was changed; download it again",
        stated=str(stated),
        found=str(found),
    )


def _sum(lines: list[dict[str, Any]]) -> Decimal | None:
    """None where an amount is none: the contract sets such a line aside with its reason."""
    amounts = [_decimal(line.get(_AMOUNT)) for line in lines]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(str(text or "").replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _table(rows: list[dict[str, Any]], columns: list[str]) -> Any:
    """The rows under the document's own names, so that unknown columns are reported as it spells them."""
    from airflow_dags.documents import table_of_rows

    spelled = {normalise(column): column for column in columns}
    own = ["settlement_start", "settlement_end", "line_number"]
    names = [*own, *(column for column in columns if normalise(column) not in own)]
    return table_of_rows([{spelled.get(name, name): value for name, value in row.items()} for row in rows], names)
