"""What the shop sells today: a row a variant, with price and unit cost in the shop's own currency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.shopify.bulk import BulkStream, Object, inner, number_of
from airflow_dags.platforms.shopify.cells import Mapped, cells, same

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

QUERY = """
{
  productVariants {
    edges { node {
      id sku title price compareAtPrice barcode
      product { id handle title vendor productType status }
      inventoryItem { id unitCost { amount currencyCode } }
    } }
  }
}
"""
CONTRACT = Contract(
    platform="shopify",
    stream="products",
    mode="snapshot",
    report_name="Shopify products (bulk file, or the admin's export of products)",
    window_column="snapshot_date",
    # A product's handle and a variant's options are unique in a shop; the export has no ids.
    unique=("snapshot_date", "handle", "variant_title"),
    owned=("variant_id",),
    seller_ids=("sku",),
    columns=(
        Column("snapshot_date", "date"),
        Column("handle", required=True, nullable=False, sources=("handle", "Handle", "URL handle")),
        Column("variant_title", nullable=False),
        Column("variant_id", "bigint"),
        Column("product_id", "bigint"),
        Column("inventory_item_id", "bigint"),
        Column("sku", required=True, sources=("sku", "Variant SKU")),
        Column("product_title", sources=("product_title", "Title")),
        Column("vendor", sources=("vendor", "Vendor")),
        Column("product_type", sources=("product_type", "Type")),
        Column("status", sources=("status", "Status")),
        Column("barcode", sources=("barcode", "Variant Barcode")),
        Column("price", "numeric", True, True, ("price", "Variant Price")),
        Column("compare_at_price", "numeric", sources=("compare_at_price", "Variant Compare At Price")),
        # Empty where nobody entered it.
        Column("unit_cost", "numeric", sources=("unit_cost", "Cost per item")),
        Column("cost_currency"),
    ),
    ignored=frozenset(
        [
            "Body (HTML)",
            "Product Category",
            "Tags",
            "Published",
            "Option1 Name",
            "Option1 Value",
            "Option1 Linked To",
            "Option2 Name",
            "Option2 Value",
            "Option2 Linked To",
            "Option3 Name",
            "Option3 Value",
            "Option3 Linked To",
            "Variant Grams",
            "Variant Inventory Tracker",
            "Variant Inventory Qty",
            "Variant Inventory Policy",
            "Variant Fulfillment Service",
            "Variant Requires Shipping",
            "Variant Taxable",
            "Unit Price Total Measure",
            "Unit Price Total Measure Unit",
            "Unit Price Base Measure",
            "Unit Price Base Measure Unit",
            "Image Src",
            "Image Position",
            "Image Alt Text",
            "Gift Card",
            "SEO Title",
            "SEO Description",
            "Variant Image",
            "Variant Weight Unit",
            "Variant Tax Code",
        ]
    ),
)
VARIANT: Mapped = {
    "id": ("variant_id", number_of),
    "sku": ("sku", same),
    "title": ("variant_title", same),
    "price": ("price", same),
    "compareAtPrice": ("compare_at_price", same),
    "barcode": ("barcode", same),
}
PRODUCT: Mapped = {
    "id": ("product_id", number_of),
    "handle": ("handle", same),
    "title": ("product_title", same),
    "vendor": ("vendor", same),
    "productType": ("product_type", same),
    "status": ("status", same),
}


class Products(BulkStream):
    """Every variant; the files that a person exports have a row a variant and a row a picture."""

    marks = frozenset({"id", "product", "inventoryItem"})

    def query(self, account: Account, window: Window) -> str:
        return QUERY

    def rows_of(self, found: Object, children: list[Object]) -> Iterator[dict[str, Any]]:
        item = found.get("inventoryItem")
        yield {
            **cells(found, VARIANT, structure=("product", "inventoryItem")),
            **cells(found.get("product") or {}, PRODUCT),
            "inventory_item_id": number_of(inner(item, "id")),
            "unit_cost": inner(item, "unitCost", "amount"),
            "cost_currency": inner(item, "unitCost", "currencyCode"),
        }

    def read_table(self, document: Document) -> Extract:
        from airflow_dags.documents import read_table, table_of_rows

        table, broken = read_table(document)
        by_name = {name.strip().lower(): name for name in table.column_names}
        if "variant_title" in by_name or CONTRACT.missing_in(table.column_names):
            return Extract(table, broken=broken)
        rows, of_product = [], dict[str, dict[str, Any]]()
        for row in table.to_pylist():
            handle = str(row.get(by_name.get("handle", by_name.get("url handle", ""))))
            # What is the whole product's stands on its first row.
            shared = of_product.setdefault(handle, row)
            price = row.get(by_name.get("variant price", ""))
            if price is None:  # a row that only adds a picture
                continue
            given = {name: row[name] for name in table.column_names if row[name] is not None}
            kept = {by_name[n]: shared[by_name[n]] for n in ("title", "vendor", "type", "status") if n in by_name}
            rows.append({**dict.fromkeys(table.column_names), **kept, **given, "variant_title": options(row, by_name)})
        return Extract(table_of_rows(rows, [*table.column_names, "variant_title"]), broken=broken)


def options(row: dict[str, Any], by_name: dict[str, str]) -> str:
    """A variant's title as Shopify makes it of its options."""
    values = [row.get(by_name.get(f"option{number} value", "")) for number in (1, 2, 3)]
    return " / ".join(str(value) for value in values if value not in (None, "")) or "Default Title"
