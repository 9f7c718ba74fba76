"""Customers' returns: those that Amazon received (FBA), one row a unit, and those that the seller handles, one row a
return request. Days are the marketplace's; the refunded amount is in the row's currency.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract, normalise
from airflow_dags.platforms.amazon_sp.reports import SpReportStream

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

RETURNS = Contract(
    platform="amazon_sp",
    stream="returns",
    mode="window",
    report_name="GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
    window_column="return_day",
    unique=("return_day", "order_id", "sku", "license_plate_number", "detailed_disposition", "reason"),
    owned=("order_id",),
    seller_ids=("sku",),
    columns=(
        # The marketplace's day of return_date; the report has the instant only.
        Column("return_day", "date", nullable=False, sources=("return-day",)),
        Column("returned_at", "timestamp", required=True, nullable=False, sources=("return-date",)),
        Column("order_id", required=True, nullable=False, sources=("order-id",)),
        Column("sku", required=True, nullable=False),
        Column("asin"),
        Column("fnsku"),
        Column("product_name", sources=("product-name",)),
        Column("quantity", "integer", required=True, nullable=False),
        Column("fulfillment_center_id", sources=("fulfillment-center-id",)),
        Column("detailed_disposition", required=True, sources=("detailed-disposition",)),
        Column("reason", required=True),
        Column("status"),
        Column("license_plate_number", sources=("license-plate-number",)),
        Column("customer_comments", sources=("customer-comments",)),
    ),
)

SELLER_RETURNS = Contract(
    platform="amazon_sp",
    stream="seller_returns",
    mode="window",
    report_name="GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
    window_column="return_request_date",
    unique=("return_request_date", "order_id", "order_item_id", "merchant_sku", "amazon_rma_id"),
    owned=("order_id",),
    seller_ids=("merchant_sku",),
    columns=(
        Column("return_request_date", "date", required=True, nullable=False, sources=("Return request date",)),
        Column("order_id", required=True, nullable=False, sources=("Order ID",)),
        Column("order_item_id", sources=("Order Item ID",)),
        Column("order_date", "date", sources=("Order date",)),
        Column("return_request_status", required=True, sources=("Return request status",)),
        Column("amazon_rma_id", required=True, sources=("Amazon RMA ID",)),
        Column("merchant_rma_id", sources=("Merchant RMA ID",)),
        Column("label_type", sources=("Label type",)),
        Column("label_cost", "numeric", sources=("Label cost",)),
        Column("currency", sources=("Currency code",)),
        Column("label_paid_by", sources=("Label to be paid by",)),
        Column("is_a_to_z_claim", "text", sources=("A-to-Z Claim",)),
        Column("is_prime", "text", sources=("Is prime",)),
        Column("asin", sources=("ASIN",)),
        Column("merchant_sku", required=True, nullable=False, sources=("Merchant SKU",)),
        Column("item_name", sources=("Item Name",)),
        Column("return_quantity", "integer", required=True, nullable=False, sources=("Return quantity",)),
        Column("return_reason", required=True, sources=("Return Reason",)),
        Column("is_in_policy", "text", sources=("In policy",)),
        Column("return_type", sources=("Return type",)),
        Column("resolution", sources=("Resolution",)),
        Column("return_delivery_date", "date", sources=("Return delivery date",)),
        Column("order_amount", "numeric", sources=("Order Amount",)),
        Column("order_quantity", "integer", sources=("Order quantity",)),
        Column("safe_t_claim_id", sources=("SafeT claim id",)),
        Column("safe_t_claim_state", sources=("SafeT claim state",)),
        Column("safe_t_reimbursement_amount", "numeric", sources=("SafeT claim reimbursement amount",)),
        Column("refunded_amount", "numeric", sources=("Refunded Amount",)),
    ),
    ignored=frozenset(
        [
            "Return carrier",
            "Tracking ID",
            "Invoice number",
            "SafeT Action reason",
            "SafeT claim creation time",
        ]
    ),
)
_DAY = re.compile(r"^(\d{1,2})-([A-Z][a-z]{2})-(\d{4})$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("return_request_date", "order_date", "return_delivery_date")


class _ByMarketplaceDays(SpReportStream):
    def bounds(self, account: Account, window: Window) -> tuple[str, str]:
        """Whole days of the marketplace, as instants in UTC."""
        zone = ZoneInfo(self.time_zone(account))
        days = (window.start, window.end + timedelta(days=1))
        start, end = (datetime.combine(day, time(), zone).astimezone(timezone.utc) for day in days)
        return f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}"


class Returns(_ByMarketplaceDays):
    contract = RETURNS

    def read(self, document: Document, account: Account, day: date) -> Extract:
        import pyarrow as pa

        from airflow_dags.documents import read_delimited

        table, broken = read_delimited(document)
        name = next((name for name in table.column_names if normalise(name) == "return_date"), None)
        if name is None:
            return Extract(table, broken=broken)  # the loader says what is missing
        zone = ZoneInfo(self.time_zone(account))
        days = [_day_in(zone, cell) for cell in table.column(name).to_pylist()]
        return Extract(table.append_column("return-day", pa.array(days, pa.string())), broken=broken)


class SellerReturns(_ByMarketplaceDays):
    contract = SELLER_RETURNS

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_delimited

        table, broken = read_delimited(document)
        wanted = {normalise(source) for name in _DAYS for source in self.contract.by_name[name].names}
        for position, name in enumerate(table.column_names):
            if normalise(name) in wanted:
                table = table.set_column(position, name, _iso_days(table.column(position)))
        return Extract(table, broken=broken)


def _day_in(zone: ZoneInfo, cell: str | None) -> str | None:
    """The day of an instant; a cell that is none is left to the parser, with the cell itself as the reason."""
    if not cell:
        return None
    try:
        moment = datetime.fromisoformat(cell.strip().replace("Z", "+00:00"))
    except ValueError:
        return cell
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


def _iso_days(cells: pa.ChunkedArray) -> pa.Array:
    """Days as the report writes them ("09-Nov-2026") in ISO 8601; anything else stays."""
    import pyarrow as pa

    found = []
    for cell in cells.to_pylist():
        match = _DAY.match((cell or "").strip())
        is_known = match is not None and match[2] in _MONTHS
        found.append(
            f"{match[3]}-{_MONTHS.index(match[2]) + 1:02d}-{int(match[1]):02d}" if match and is_known else cell
        )
    return pa.array(found, pa.string())
