"""Settlements (flat file V2): one row an amount, and one with the period, deposit and total of each settlement.

Amazon makes these reports by itself, about every 14 days; they can be listed but not asked for. A settlement never
changes, so a document is complete for the settlements that it holds. Its amounts must add up to the total that it
states: a file that was cut, or whose lines were edited, is refused as a whole.

Money is in the settlement's currency, positive is paid to the seller. Instants are UTC. The period, deposit and
currency stand in the total's row only; here they are on every row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.amazon_sp.reports import SpReportStream
from airflow_dags.streams import ListedReport, ListedReportStream

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document


def _column(name: str, source: str | None = None, kind: str = "text", is_required: bool = False) -> Column:
    sources = (source or name.replace("_", "-"),)
    return Column(name, kind, required=is_required, sources=sources)  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="amazon_sp",
    stream="settlement",
    mode="changes",
    report_name="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    key=("settlement_id",),
    unique=("settlement_id", "line_number"),
    owned=("settlement_id",),
    columns=(
        Column("settlement_id", required=True, nullable=False, sources=("settlement-id",)),
        # Amazon numbers no lines: they are numbered by their content, the same whatever the file's order.
        Column("line_number", "integer", sources=("line-number",)),
        _column("started_at", "settlement-start-date", "timestamp", is_required=True),
        _column("ended_at", "settlement-end-date", "timestamp", is_required=True),
        _column("deposited_at", "deposit-date", "timestamp"),
        _column("total_amount", kind="numeric", is_required=True),
        _column("currency", is_required=True),
        _column("transaction_type", is_required=True),
        _column("order_id", is_required=True),
        _column("merchant_order_id"),
        _column("adjustment_id"),
        _column("shipment_id"),
        _column("marketplace_name"),
        _column("amount_type", is_required=True),
        _column("amount_description", is_required=True),
        _column("amount", kind="numeric", is_required=True),
        _column("fulfillment_id"),
        _column("posted_at", "posted-date-time", "timestamp", is_required=True),
        _column("order_item_code"),
        _column("merchant_order_item_id"),
        _column("merchant_adjustment_item_id"),
        _column("sku", is_required=True),
        _column("quantity_purchased", kind="integer"),
        _column("promotion_id"),
    ),
    # The posted instant's day, written by each marketplace's habit.
    ignored=frozenset(["posted-date"]),
)
# What stands in the total's row only, and holds for all lines of its settlement.
_SHARED = ("settlement-start-date", "settlement-end-date", "deposit-date", "currency")
_INSTANTS = ("settlement-start-date", "settlement-end-date", "deposit-date", "posted-date-time")
_WITHDRAWN = {"price_type", "price_amount", "item_related_fee_type", "other_fee_reason_description"}


class Settlements(SpReportStream, ListedReportStream):
    contract = CONTRACT

    def list_reports(self, client: Any, account: Account, window: Window) -> list[ListedReport]:
        """The settlements that hold days of ``window``: they are made up to a cycle after the first of their days."""
        zone = ZoneInfo(self.time_zone(account))
        cycle = timedelta(days=int(self._options["cycle_days"]))
        start = datetime.combine(window.start, time(), zone)
        end = datetime.combine(window.end + timedelta(days=1), time(), zone) + cycle
        listed = [
            _listed(report, zone) for report in client.list_reports(self.report_type, _instant(start), _instant(end))
        ]
        return [report for report in listed if report.window.start <= window.end]

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_delimited

        if document.start(1) == b"<":
            raise _withdrawn(document.name)
        table, broken = read_delimited(document)
        names = {normalise(name) for name in table.column_names}
        if names & _WITHDRAWN:
            raise _withdrawn(document.name)
        if self.contract.missing_in(table.column_names):
            return Extract(table, broken=broken)  # the loader says what is missing
        return Extract(_prepared(table, document.name), broken=broken)

    def recognises(self, names: Collection[str]) -> float:
        # The withdrawn flat file is recognised too, so that reading it can say what to do.
        folded = {normalise(name) for name in names}
        return 0.9 if folded & _WITHDRAWN and "settlement_id" in folded else super().recognises(names)


def _withdrawn(name: str) -> WrongDocument:
    return WrongDocument(
        f"{name} is a settlement report of the old form, which Amazon withdrew on 2026-11-11; nothing was changed; "
        f"download the Flat File V2 of this settlement ({CONTRACT.report_name})"
    )


def _listed(report: dict[str, Any], zone: ZoneInfo) -> ListedReport:
    days = [_moment(report[name]).astimezone(zone).date() for name in ("dataStartTime", "dataEndTime")]
    made = report.get("processingEndTime") or report.get("createdTime")
    return ListedReport(
        report["reportId"], report["reportDocumentId"], Window(days[0], max(days)), made and _moment(made)
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _instant(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# Documents


def _prepared(table: pa.Table, name: str) -> pa.Table:
    """Amounts and instants as the contract wants them, lines numbered, and what the total's row says on all lines."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in ("amount", "total-amount"):
        table = _replaced(table, column, _with_points(_cells(table, column)))
    for column in _INSTANTS:
        if _position(table, column) is not None:
            table = _replaced(table, column, _with_offset(_cells(table, column)))
    is_total = pc.is_valid(_filled(_cells(table, "total-amount")))
    totals = _totals(table.filter(is_total), name)
    # Only what the sum needs: a copy of all cells would double the memory that a large settlement takes.
    lines = pa.table({name: _cells(table, name) for name in ("settlement-id", "amount")}).filter(pc.invert(is_total))
    _refuse_other_sum(lines, totals, name)
    ids = _cells(table, "settlement-id")
    for column in _SHARED:
        if _position(table, column) is not None:
            found = pa.array([row[column] for row in totals.values()], pa.string())
            place = pc.index_in(ids, value_set=pa.array(list(totals), pa.string()))
            table = _replaced(table, column, pc.coalesce(_filled(_cells(table, column)), pc.take(found, place)))
    return _numbered(table)


def _totals(rows: pa.Table, name: str) -> dict[str, dict[str, str]]:
    """The total's row of each settlement under the report's names; one that is there twice must say the same."""
    found: dict[str, dict[str, str]] = {}
    for row in rows.to_pylist():
        named = {normalise(column).replace("_", "-"): value for column, value in row.items()}
        row_of = {column: named.get(column) for column in ("settlement-id", "total-amount", *_SHARED)}
        if found.setdefault(str(row_of["settlement-id"]), row_of) != row_of:  # type: ignore[arg-type]
            raise DocumentBroken(
                f"{name} states two totals for settlement {row_of['settlement-id']}; nothing was changed; "
                "download it again"
            )
    return found


def _refuse_other_sum(lines: pa.Table, totals: dict[str, dict[str, str]], name: str) -> None:
    """Raise unless the lines of each settlement add up to its total; cells that are no amounts are the parser's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.decimal128(38, 4)
    try:
        amounts = _filled(_cells(lines, "amount")).cast(kind)
        stated = {number: pa.scalar(row["total-amount"]).cast(kind).as_py() for number, row in totals.items()}
    except pa.ArrowInvalid:
        return
    ids = pc.fill_null(_cells(lines, "settlement-id"), "")
    sums = pa.table({"id": ids, "amount": amounts}).group_by("id").aggregate([("amount", "sum")])
    found = dict(zip(sums.column("id").to_pylist(), sums.column("amount_sum").to_pylist(), strict=True))
    for number in sorted(found.keys() | stated.keys()):
        if number and number not in stated:
            raise DocumentBroken(
                f"{name} lacks the row with the total of settlement {number}, so it can't be checked; nothing was "
                "changed; download it again"
            )
        if (found.get(number) or 0) != stated.get(number, 0):
            raise DocumentBroken(
                f"{name}: the lines of settlement {number} add up to {_money(found.get(number))}, its total is "
                f"{_money(stated.get(number))}; nothing was changed; download it again"
            )


def _money(value: Any) -> str:
    return f"{value or 0:.2f}"


def _numbered(table: pa.Table) -> pa.Table:
    """Number the lines of each settlement by their content; the total's row comes first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = ["settlement-id", "total-amount", "posted-date-time", "order-id", "sku", "amount-type"]
    known = [table.column_names[position] for name in first if (position := _position(table, name)) is not None]
    order = [*known, *(name for name in table.column_names if name not in known)]
    # The place of each row among the sorted ones, less that of the first row of its settlement.
    places = pc.sort_indices(pc.sort_indices(table, [(name, "ascending") for name in order])).cast(pa.int64())
    ids = pc.fill_null(_cells(table, "settlement-id"), "")
    starts = pa.table({"id": ids, "place": places}).group_by("id").aggregate([("place", "min")])
    found = pc.take(starts.column("place_min"), pc.index_in(ids, value_set=starts.column("id").combine_chunks()))
    return table.append_column("line-number", pc.subtract(places, found).cast(pa.string()))


def _with_points(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Amounts as Europe writes them ("-1.234,56") with a decimal point; others stay as they are."""
    import pyarrow.compute as pc

    if not pc.any(pc.match_substring_regex(cells, r",\d{1,2}\s*$")).as_py():
        return cells
    return pc.replace_substring(pc.replace_substring(cells, ".", ""), ",", ".")


def _with_offset(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants as ISO 8601: "2026-11-01 12:00:00 UTC" and "01.11.2026 12:00:00 UTC"."""
    import pyarrow.compute as pc

    turned = pc.replace_substring_regex(cells, r"^(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1")
    return pc.replace_substring_regex(turned, r"\s*UTC\s*$", "+00:00")


def _filled(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Blank cells as missing ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _position(table: pa.Table, name: str) -> int | None:
    wanted = normalise(name)
    return next((n for n, found in enumerate(table.column_names) if normalise(found) == wanted), None)


def _cells(table: pa.Table, name: str) -> pa.ChunkedArray:
    position = _position(table, name)
    assert position is not None  # noqa: S101 (required columns were looked for before)
    return table.column(position)


def _replaced(table: pa.Table, name: str, cells: Any) -> pa.Table:
    position = _position(table, name)
    assert position is not None  # noqa: S101
    return table.set_column(position, table.column_names[position], cells)
