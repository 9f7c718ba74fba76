"""Orders by last update (flat file): one row an order line; a change feed, so the newer state of an order wins."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import WrongAccount
from airflow_dags.platforms.amazon_sp.reports import SpReportStream

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document


def _column(name: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    return Column(name, kind, required, nullable, sources=(name.replace("_", "-"),))  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="amazon_sp",
    stream="orders",
    mode="changes",
    report_name="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
    key=("amazon_order_id",),
    version="last_updated_date",
    unique=("amazon_order_id", "line_number"),
    owned=("amazon_order_id",),
    columns=(
        _column("amazon_order_id", required=True, nullable=False),
        # Amazon names no line in this report: lines are numbered by their content, the same whatever the file's order.
        Column("line_number", "integer"),
        _column("merchant_order_id"),
        _column("purchase_date", "timestamp", required=True, nullable=False),
        _column("last_updated_date", "timestamp", required=True, nullable=False),
        _column("order_status", required=True, nullable=False),
        _column("fulfillment_channel"),
        _column("sales_channel"),
        _column("product_name"),
        _column("sku", required=True, nullable=False),
        _column("asin", required=True),
        _column("item_status"),
        _column("quantity", "integer", required=True, nullable=False),
        _column("currency", required=True),
        _column("item_price", "numeric", required=True),
        _column("item_tax", "numeric"),
        _column("shipping_price", "numeric"),
        _column("item_promotion_discount", "numeric"),
        _column("ship_promotion_discount", "numeric"),
        _column("ship_state"),
        _column("ship_country"),
    ),
    # Published columns that are not kept: where the buyer lives, and details that no figure needs.
    ignored=frozenset(
        [
            "order-channel",
            "url",
            "ship-service-level",
            "shipping-tax",
            "gift-wrap-price",
            "gift-wrap-tax",
            "ship-city",
            "ship-postal-code",
            "promotion-ids",
            "is-business-order",
            "purchase-order-number",
            "price-designation",
            "is-iba",
            "fulfilled-by",
            "is-replacement-order",
            "original-order-id",
            "buyer-company-name",
            "buyer-cst-number",
            "buyer-vat-number",
            "customized-url",
            "customized-page",
            "is-transparency",
            "cpf",
            "ioss-number",
            "order-invoice-type",
            "signature-confirmation-recommended",
            "licensee-name",
            "license-number",
            "license-state",
            "license-expiration-date",
            "default-ship-from-address-name",
        ]
    ),
)
_NUMBERED_BY = (
    "amazon_order_id",
    "last_updated_date",
    "sku",
    "item_status",
    "quantity",
    "item_price",
    "item_tax",
    "product_name",
)


class Orders(SpReportStream):
    contract = CONTRACT

    def bounds(self, account: Account, window: Window) -> tuple[str, str]:
        """Whole days of the marketplace, as instants in UTC, from midnight to midnight.

        An order that changed at the very midnight is asked for twice, which is harmless; in a gap it would be lost.
        """
        zone = ZoneInfo(str(account.get("time_zone") or self._marketplace(account).get("time_zone") or "UTC"))
        start = datetime.combine(window.start, time(), zone)
        end = datetime.combine(window.end + timedelta(days=1), time(), zone)
        now = datetime.now(timezone.utc)
        # Amazon refuses ranges that reach into the future.
        return _instant(start), _instant(min(end, now) if start < now else end)

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_delimited

        table, broken = read_delimited(document)
        extract = Extract(table, broken=broken)
        self._refuse_other_channel(table, account, document.name)
        return extract

    def finish(self, table: pa.Table) -> pa.Table:
        """Number the lines within each state of an order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not table.num_rows:
            return table
        table = table.sort_by([(name, "ascending") for name in _NUMBERED_BY]).combine_chunks()
        starts = [pc.not_equal(_column_of(table, name, 1), _column_of(table, name, 0)) for name in _NUMBERED_BY[:2]]
        changed = pc.or_(*starts).to_pylist()
        numbers, number = [1], 1
        for is_new in changed:
            number = 1 if is_new else number + 1
            numbers.append(number)
        position = table.column_names.index("line_number")
        return table.set_column(position, "line_number", pa.array(numbers, pa.int32()))

    def _marketplace(self, account: Account) -> dict[str, str]:
        return dict(self._facts["marketplaces"].get(self.marketplace_id(account), {}))

    def _refuse_other_channel(self, table: pa.Table, account: Account, name: str) -> None:
        """A file of another marketplace: Amazon's own channels occur in it, this account's does not."""
        import pyarrow.compute as pc

        own = self._marketplace(account).get("sales_channel")
        if own is None or not account.get("marketplace_id") or "sales-channel" not in table.column_names:
            return
        channels = {str(value) for value in pc.unique(table.column("sales-channel")).to_pylist() if value}
        amazon = {channel for channel in channels if channel.startswith("Amazon.")}
        if amazon and own not in amazon:
            raise WrongAccount(
                f"{name} is of {', '.join(sorted(amazon))}, account {account.account_id} sells on {own}; nothing was "
                f"changed; "
                "load it with --account of the account that it was downloaded for"
            )


def _column_of(table: pa.Table, name: str, start: int) -> pa.ChunkedArray:
    return table.column(name).slice(start, table.num_rows - 1)


def _instant(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
