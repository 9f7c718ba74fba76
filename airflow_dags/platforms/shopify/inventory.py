"""Stock of today: a row an inventory item and location, in Shopify's states.

available: can be sold; committed: in orders that aren't shipped; on_hand: physically there; incoming: on its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.shopify.bulk import BulkStream, Object, inner, number_of
from airflow_dags.platforms.shopify.cells import Mapped, cells, same
from airflow_dags.platforms.shopify.products import options

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

STATES = ("available", "on_hand", "committed", "incoming")
QUERY = """
{
  inventoryItems {
    edges { node {
      id sku tracked
      inventoryLevels { edges { node {
        id location { id name }
        quantities(names: ["available", "on_hand", "committed", "incoming"]) { name quantity }
      } } }
    } }
  }
}
"""
CONTRACT = Contract(
    platform="shopify",
    stream="inventory_levels",
    mode="snapshot",
    report_name="Shopify inventory (bulk file, or the admin's export of inventory)",
    window_column="snapshot_date",
    # The API has the item's id, the export the product's handle and options.
    unique=("snapshot_date", "inventory_item_id", "handle", "variant_title", "location_name"),
    owned=("inventory_item_id",),
    seller_ids=("sku",),
    columns=(
        Column("snapshot_date", "date"),
        Column("inventory_item_id", "bigint"),
        Column("handle", sources=("handle", "Handle")),
        Column("variant_title"),
        Column("sku", required=True, sources=("sku", "SKU")),
        Column("location_id", "bigint"),
        Column("location_name", required=True, nullable=False, sources=("location_name", "Location")),
        Column("is_tracked", "boolean"),
        Column("available", "integer", required=True, sources=("available", "Available (not editable)", "Available")),
        Column("on_hand", "integer", sources=("on_hand", "On hand (current)", "On hand")),
        Column("committed", "integer", sources=("committed", "Committed (not editable)", "Committed")),
        Column("incoming", "integer", sources=("incoming", "Incoming (not editable)", "Incoming")),
    ),
    ignored=frozenset(
        [
            "Title",
            "Option1 Name",
            "Option1 Value",
            "Option2 Name",
            "Option2 Value",
            "Option3 Name",
            "Option3 Value",
            "HS Code",
            "COO",
            "Bin name",
            "Unavailable (not editable)",
            "Unavailable",
            "On hand (new)",
        ]
    ),
)
ITEM: Mapped = {"id": ("inventory_item_id", number_of), "sku": ("sku", same), "tracked": ("is_tracked", same)}
NOT_STOCKED = "not stocked"


class InventoryLevels(BulkStream):
    """Every item at every location that holds it."""

    marks = frozenset({"id", "sku", "tracked"})

    def query(self, account: Account, window: Window) -> str:
        return QUERY

    def rows_of(self, found: Object, children: list[Object]) -> Iterator[dict[str, Any]]:
        item = cells(found, ITEM, structure=("inventoryLevels",))
        for level in children:
            held = {each.get("name"): each.get("quantity") for each in level.get("quantities") or []}
            yield {
                **item,
                **cells(level, {}, structure=("id", "location", "quantities")),
                "location_id": number_of(inner(level, "location", "id")),
                "location_name": inner(level, "location", "name"),
                **{state: held.get(state) for state in STATES},
            }

    def read_table(self, document: Document) -> Extract:
        """The admin's export, where an item says "not stocked" at locations that don't hold it."""
        from airflow_dags.documents import read_table, table_of_rows

        table, broken = read_table(document)
        by_name = {name.strip().lower(): name for name in table.column_names}
        if "variant_title" in by_name or CONTRACT.missing_in(table.column_names):
            return Extract(table, broken=broken)
        rows = []
        for row in table.to_pylist():
            stocked = {name: None if str(cell).strip().lower() == NOT_STOCKED else cell for name, cell in row.items()}
            if (
                any(stocked[name] != row[name] for name in row)
                and stocked.get(by_name.get("on hand (current)", "")) is None
            ):
                continue
            rows.append({**stocked, "variant_title": options(row, by_name)})
        return Extract(table_of_rows(rows, [*table.column_names, "variant_title"]), broken=broken)
