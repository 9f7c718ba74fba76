"""Orders: one row an order line, money in the shop's own currency (shopMoney), instants in UTC.

Order-wide amounts stand on an order's first line only, as in Shopify's own export, so that they add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, normalise
from airflow_dags.platforms.shopify.bulk import BulkStream, Object, inner, number_of, shop_money
from airflow_dags.platforms.shopify.cells import Mapped, cells, export_instant, is_amount, same, split, total

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

_MONEY = "{ shopMoney { amount } }"
QUERY = f"""
{{
  orders(query: "%s", sortKey: UPDATED_AT) {{
    edges {{ node {{
      id name createdAt processedAt updatedAt cancelledAt cancelReason closedAt
      displayFinancialStatus displayFulfillmentStatus sourceName test taxesIncluded currencyCode
      totalShippingPriceSet {_MONEY} totalTaxSet {_MONEY} totalPriceSet {_MONEY}
      fulfillments {{ createdAt }}
      lineItems {{ edges {{ node {{
        id sku name vendor quantity currentQuantity isGiftCard variant {{ id }} product {{ id }}
        originalUnitPriceSet {_MONEY} originalTotalSet {_MONEY}
        discountAllocations {{ allocatedAmountSet {_MONEY} }}
        taxLines {{ priceSet {_MONEY} }}
      }} }} }}
    }} }}
  }}
}}
"""
# Of the admin's export: who bought and where to, and what no figure needs.
_IGNORED = [
    "Email",
    "Phone",
    "Accepts Marketing",
    "Paid at",
    "Subtotal",
    "Discount Code",
    "Shipping Method",
    "Lineitem compare at price",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Billing Province Name",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Shipping Province Name",
    "Notes",
    "Note Attributes",
    "Payment Method",
    "Payment Reference",
    "Payment References",
    "Payment ID",
    "Refunded Amount",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Tags",
    "Risk Level",
    "Receipt Number",
    "Duties",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
    "Payment Terms Name",
    "Next Payment Due At",
    "Discount Amount",
    "Lineitem discount",
    "Shipping",
    "Taxes",
    "Total",
]

CONTRACT = Contract(
    platform="shopify",
    stream="orders",
    mode="changes",
    report_name="Shopify orders (bulk file, or the admin's export of orders)",
    key=("order_id",),
    version="updated_at",
    unique=("order_id", "line_number"),
    owned=("order_id",),
    seller_ids=("sku",),
    columns=(
        Column("order_id", "bigint", required=True, nullable=False, sources=("order_id", "Id")),
        # By the line's id, so the same whatever the order of a file; in an export by place.
        Column("line_number", "integer", nullable=False),
        Column("line_id", "bigint"),
        Column("order_name", sources=("order_name", "Name")),
        Column("created_at", "timestamp", True, False, ("created_at", "Created at")),
        # What Shopify's own reports go by; differs for imported and point-of-sale orders.
        Column("processed_at", "timestamp"),
        Column("updated_at", "timestamp", nullable=False),
        Column("cancelled_at", "timestamp", sources=("cancelled_at", "Cancelled at")),
        Column("cancel_reason"),
        Column("closed_at", "timestamp"),
        Column("financial_status", sources=("financial_status", "Financial Status")),
        Column("fulfillment_status", sources=("fulfillment_status", "Fulfillment Status")),
        Column("fulfilled_at", "timestamp", sources=("fulfilled_at", "Fulfilled at")),
        Column("source_name", sources=("source_name", "Source")),
        Column("is_test", "boolean"),
        Column("is_tax_included", "boolean"),
        Column("currency", required=True, nullable=False, sources=("currency", "Currency")),
        Column("sku", required=True, sources=("sku", "Lineitem sku")),
        Column("item_name", sources=("item_name", "Lineitem name")),
        Column("vendor", sources=("vendor", "Vendor")),
        Column("variant_id", "bigint"),
        Column("product_id", "bigint"),
        Column("is_gift_card", "boolean"),
        Column("quantity", "integer", True, False, ("quantity", "Lineitem quantity")),
        # What is left after refunds, removals and a cancellation.
        Column("current_quantity", "integer"),
        Column("unit_price", "numeric", sources=("unit_price", "Lineitem price")),
        # The whole line: before discounts, all discounts (the line's and its part of the order's), tax.
        Column("gross_amount", "numeric", True, False),
        Column("discount_amount", "numeric"),
        Column("tax_amount", "numeric"),
        Column("order_shipping_amount", "numeric"),
        Column("order_tax_amount", "numeric"),
        Column("order_total_amount", "numeric"),
    ),
    ignored=frozenset(_IGNORED),
)
ORDER: Mapped = {
    "id": ("order_id", number_of),
    "name": ("order_name", same),
    "createdAt": ("created_at", same),
    "processedAt": ("processed_at", same),
    "updatedAt": ("updated_at", same),
    "cancelledAt": ("cancelled_at", same),
    "cancelReason": ("cancel_reason", same),
    "closedAt": ("closed_at", same),
    "displayFinancialStatus": ("financial_status", same),
    "displayFulfillmentStatus": ("fulfillment_status", same),
    "sourceName": ("source_name", same),
    "test": ("is_test", same),
    "taxesIncluded": ("is_tax_included", same),
    "currencyCode": ("currency", same),
}
ORDER_MONEY: Mapped = {
    "totalShippingPriceSet": ("order_shipping_amount", shop_money),
    "totalTaxSet": ("order_tax_amount", shop_money),
    "totalPriceSet": ("order_total_amount", shop_money),
}
LINE: Mapped = {
    "id": ("line_id", number_of),
    "sku": ("sku", same),
    "name": ("item_name", same),
    "vendor": ("vendor", same),
    "quantity": ("quantity", same),
    "currentQuantity": ("current_quantity", same),
    "isGiftCard": ("is_gift_card", same),
    "variant": ("variant_id", lambda value: number_of(inner(value, "id"))),
    "product": ("product_id", lambda value: number_of(inner(value, "id"))),
    "originalUnitPriceSet": ("unit_price", shop_money),
    "originalTotalSet": ("gross_amount", shop_money),
    "discountAllocations": (
        "discount_amount",
        lambda values: total(shop_money(inner(value, "allocatedAmountSet")) for value in values or []),
    ),
    "taxLines": ("tax_amount", lambda values: total(shop_money(inner(value, "priceSet")) for value in values or [])),
}


class Orders(BulkStream):
    """Orders by their last update; all lines of an order come with it."""

    marks = frozenset({"id", "createdAt", "displayFinancialStatus"})

    def recognises(self, names: Collection[str]) -> float:
        """The admin's export has no amount of the whole line, which is worked out."""
        is_export = "lineitem_quantity" in {normalise(name) for name in names}
        return super().recognises([*names, "gross_amount"] if is_export else names)

    def query(self, account: Account, window: Window) -> str:
        return QUERY % self.updated_in(account, window)

    def rows_of(self, found: Object, children: list[Object]) -> Iterator[dict[str, Any]]:
        whole = cells(found, ORDER, structure=[*ORDER_MONEY, "fulfillments", "lineItems"])
        shipped = [str(value) for item in found.get("fulfillments") or [] if (value := inner(item, "createdAt"))]
        whole["fulfilled_at"] = min(shipped, default=None)
        amounts = {column: convert(found.get(name)) for name, (column, convert) in ORDER_MONEY.items()}
        for number, line in enumerate(children, start=1):
            row = {**whole, "line_number": number, **cells(line, LINE)}
            yield {**row, **amounts} if number == 1 else row

    def read_table(self, document: Document) -> Extract:
        return read_export(document)


def read_export(document: Document) -> Extract:
    """The admin's export: a row a line, the order's own cells on its first row only, and no ids of lines.

    It doesn't say when an order was last updated: the last thing that it dates stands for that, so that the API, which
    knows it, is never replaced by less.
    """
    from airflow_dags.documents import read_table, table_of_rows

    table, broken = read_table(document)
    by_name = {name.strip().lower(): name for name in table.column_names}
    if "lineitem quantity" not in by_name:
        return Extract(table, broken=broken)
    orders: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        named = {key: row[name] for key, name in by_name.items()}
        orders.setdefault(str(named.get("name")), []).append(named)
    rows = [row for lines in orders.values() for row in _export_rows(lines)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Extract(table_of_rows(rows, names or list(table.column_names)), broken=broken)


_ORDER_CELLS = ("id", "financial status", "fulfillment status", "currency", "source")
_ORDER_INSTANTS = ("created at", "paid at", "fulfilled at", "cancelled at")


def _export_rows(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    def first(name: str) -> Any:
        return next((line[name] for line in lines if line.get(name) not in (None, "")), None)

    instants = {name: export_instant(first(name)) for name in _ORDER_INSTANTS}
    whole = {name: first(name) for name in _ORDER_CELLS} | instants
    whole["updated_at"] = max(filter(None, instants.values()), default=None)
    gross = [_product(line.get("lineitem price"), line.get("lineitem quantity")) for line in lines]
    discounts = _discounts(first("discount amount"), [line.get("lineitem discount") for line in lines], gross)
    amounts = {
        "order_shipping_amount": first("shipping"),
        "order_tax_amount": first("taxes"),
        "order_total_amount": first("total"),
    }
    for number, line in enumerate(lines, start=1):
        # The order's "Discount Amount" goes by the same name as the line's column.
        row = {name: cell for name, cell in line.items() if name != "discount amount"} | whole
        row |= {"line_number": number, "gross_amount": gross[number - 1], "discount_amount": discounts[number - 1]}
        yield {**row, **amounts} if number == 1 else row


def _product(price: Any, quantity: Any) -> str | None:
    try:
        return str(Decimal(str(price)) * Decimal(str(quantity)))
    except InvalidOperation:
        return None


def _discounts(of_order: Any, of_lines: list[Any], gross: list[str | None]) -> list[str | None]:
    """Each line's own discount and its part of what the order's discount is beyond all of these."""
    own = [Decimal(str(value)) if is_amount(value) else Decimal(0) for value in of_lines]
    if not is_amount(of_order) or any(value is None for value in gross):
        return [str(value) for value in own]
    rest = max(Decimal(0), Decimal(str(of_order)) - sum(own, Decimal(0)))
    weights = [Decimal(str(value)) - less for value, less in zip(gross, own, strict=True)]
    return [str(less + part) for less, part in zip(own, split(rest, weights), strict=True)]
