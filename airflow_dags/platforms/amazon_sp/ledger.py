"""The FBA inventory ledger: what came, went and was adjusted, in units.

The summary has one row a day, FNSKU, disposition and country (or fulfilment centre, in a file that a person asked for
so), with the balance before and after. ``balance_difference`` is what start and movements lack to the end: 0 for a row
that adds up, with or without what moves between warehouses. Amazon's own reports write what leaves as negative numbers,
its published sample as positive ones: either adds up.

The detail has one row an event. It names no id of an event: two equal rows are two events, told apart by
``line_number``.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.amazon_sp.days import DayWindowStream, with_iso_days

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

_PRODUCT = (
    Column("fnsku", required=True, sources=("FNSKU",)),
    Column("asin", sources=("ASIN",)),
    Column("msku", required=True, nullable=False, sources=("MSKU",)),
    Column("title", sources=("Title",)),
    Column("disposition", required=True, nullable=False, sources=("Disposition",)),
)
_LEAVES = ("customer_shipments", "vendor_returns", "lost", "disposed")
_COMES = ("receipts", "customer_returns", "warehouse_transfer", "found", "damaged", "other_events", "unknown_events")

SUMMARY = Contract(
    platform="amazon_sp",
    stream="fba_ledger_summary",
    mode="window",
    report_name="GET_LEDGER_SUMMARY_VIEW_DATA",
    window_column="date",
    unique=("date", "fnsku", "msku", "disposition", "location"),
    seller_ids=("msku",),
    columns=(
        Column("date", "date", required=True, nullable=False, sources=("Date",)),
        *_PRODUCT,
        Column("location", required=True, sources=("Location",)),
        Column(
            "starting_balance",
            "integer",
            required=True,
            nullable=False,
            sources=("StartingWarehouseBalance", "Starting Warehouse Balance"),
        ),
        Column(
            "in_transit",
            "integer",
            sources=("InTransitBetweenWarehouses", "In Transit Between Warehouses"),
        ),
        Column("receipts", "integer", sources=("Receipts",)),
        Column("customer_shipments", "integer", sources=("CustomerShipments", "Customer Shipments")),
        Column("customer_returns", "integer", sources=("CustomerReturns", "Customer Returns")),
        Column("vendor_returns", "integer", sources=("VendorReturns", "Vendor Returns")),
        Column(
            "warehouse_transfer",
            "integer",
            sources=("WarehouseTransferIn/Out", "Warehouse Transfer In/Out", "Warehouse Transfer In and Out"),
        ),
        Column("found", "integer", sources=("Found",)),
        Column("lost", "integer", sources=("Lost",)),
        Column("damaged", "integer", sources=("Damaged",)),
        Column("disposed", "integer", sources=("Disposed",)),
        Column("other_events", "integer", sources=("OtherEvents", "Other Events")),
        Column(
            "ending_balance",
            "integer",
            required=True,
            nullable=False,
            sources=("EndingWarehouseBalance", "Ending Warehouse Balance"),
        ),
        Column("unknown_events", "integer", sources=("UnknownEvents", "Unknown Events")),
        Column("balance_difference", "integer"),
    ),
)

DETAIL = Contract(
    platform="amazon_sp",
    stream="fba_ledger_detail",
    mode="window",
    report_name="GET_LEDGER_DETAIL_VIEW_DATA",
    window_column="date",
    unique=(
        "date",
        "fnsku",
        "msku",
        "event_type",
        "reference_id",
        "fulfillment_center",
        "disposition",
        "reason",
        "event_at",
        "quantity",
        "line_number",
    ),
    seller_ids=("msku",),
    columns=(
        Column("date", "date", required=True, nullable=False, sources=("Date",)),
        *_PRODUCT,
        Column("event_type", required=True, nullable=False, sources=("EventType", "Event Type")),
        Column("reference_id", sources=("ReferenceID", "Reference ID")),
        # Positive: into this disposition.
        Column("quantity", "integer", required=True, nullable=False, sources=("Quantity",)),
        Column("fulfillment_center", sources=("FulfillmentCenter", "Fulfillment Center")),
        Column("reason", sources=("Reason",)),
        Column("country", sources=("Country",)),
        Column("reconciled_quantity", "integer", sources=("ReconciledQuantity", "Reconciled Quantity")),
        Column("unreconciled_quantity", "integer", sources=("UnreconciledQuantity", "Unreconciled Quantity")),
        Column("event_at", "timestamp", sources=("Date and Time",)),
        Column("line_number", "integer"),
    ),
)


class _Ledger(DayWindowStream):
    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        return Extract(with_iso_days(table, ("Date",), self.date_order(account)), broken=broken)


class LedgerSummary(_Ledger):
    contract = SUMMARY

    def finish(self, table: pa.Table) -> pa.Table:
        """Say of each row what its movements lack to its ending balance."""
        import pyarrow as pa

        names = ("starting_balance", "ending_balance", "in_transit", *_LEAVES, *_COMES)
        columns = {name: table.column(name).to_pylist() for name in names}
        differences = [
            balance_difference({name: cells[row] or 0 for name, cells in columns.items()})
            for row in range(table.num_rows)
        ]
        position = table.column_names.index("balance_difference")
        return table.set_column(position, "balance_difference", pa.array(differences, pa.int32()))


def balance_difference(row: dict[str, int]) -> int:
    """Ending less starting balance and all movements, in the way of writing that comes nearest to 0."""
    gained = row["ending_balance"] - row["starting_balance"] - sum(row[name] for name in _COMES)
    signed = gained - sum(row[name] for name in _LEAVES)
    counted = gained + sum(abs(row[name]) for name in _LEAVES)
    ways = (signed, counted, signed - row["in_transit"], counted - row["in_transit"])
    return min(ways, key=abs)


class LedgerDetail(_Ledger):
    contract = DETAIL

    def finish(self, table: pa.Table) -> pa.Table:
        """Number the rows that are equal in all that is stored of them."""
        import pyarrow as pa

        names = [name for name in self.contract.unique if name != "line_number"]
        seen: dict[tuple[object, ...], int] = {}
        numbers = []
        for key in zip(*(table.column(name).to_pylist() for name in names), strict=True):
            seen[key] = seen.get(key, 0) + 1
            numbers.append(seen[key])
        position = table.column_names.index("line_number")
        return table.set_column(position, "line_number", pa.array(numbers, pa.int32()))
