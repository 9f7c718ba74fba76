"""Settlements (flat file V2): one row an amount, and one with the period, deposit and total of each settlement.

Amazon makes these reports by itself, about every 14 days; they can be listed but not asked for. A settlement never
changes, so a document is complete for the settlements that it holds. Its amounts must add up to the total that it
states: a file that was cut, or whose lines were edited, is refused as a whole (settlement_lines.py).

Money is in the settlement's currency, positive is paid to the seller. Instants are UTC. The period, deposit and
currency stand in the total's row only; here they are on every row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.errors import WrongDocument
from airflow_dags.platforms.amazon_sp.reports import SpReportStream
from airflow_dags.streams import ListedReport, ListedReportStream

if TYPE_CHECKING:
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
        from airflow_dags.platforms.amazon_sp.settlement_in_order import LinesInOrder
        from airflow_dags.platforms.amazon_sp.settlement_lines import prepared

        if document.start(1) == b"<":
            raise _withdrawn(document.name)
        if (lines := LinesInOrder.of(document)) and not self._refused(lines.column_names, document.name):
            return Extract(lines)
        table, broken = read_delimited(document)
        if self._refused(table.column_names, document.name):
            return Extract(table, broken=broken)  # the loader says what is missing
        return Extract(prepared(table, document.name), broken=broken)

    def _refused(self, names: list[str], document: str) -> bool:
        """Whether columns are missing; a report of the old form is told so."""
        if {normalise(name) for name in names} & _WITHDRAWN:
            raise _withdrawn(document)
        return bool(self.contract.missing_in(names))

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
