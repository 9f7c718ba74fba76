"""Stock of a day: the seller's own ship nodes (/v3/inventories) and Walmart Fulfillment Services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.walmart.cells import inner, items, table_of, unknown
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

OWN_LIMIT, WFS_LIMIT = 50, 300
OWN_FIELDS = frozenset({"shipNode", "inputQty", "availToSellQty", "reservedQty"})
WFS_FIELDS = frozenset({"shipNodeType", "availToSellQty", "onHandQty", "modifiedDate"})
SNAPSHOT_DATE = Column("snapshot_date", "date")

INVENTORY = Contract(
    platform="walmart",
    stream="inventory",
    mode="snapshot",
    report_name="Walmart inventory by ship node",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku", "ship_node"),
    seller_ids=("sku",),
    columns=(
        SNAPSHOT_DATE,
        Column("sku", required=True, nullable=False),
        Column("ship_node", required=True, nullable=False, sources=("ship_node", "shipNode")),
        Column("input_quantity", "integer", sources=("input_quantity", "inputQty")),
        Column("available_quantity", "integer", required=True, sources=("available_quantity", "availToSellQty")),
        Column("reserved_quantity", "integer", sources=("reserved_quantity", "reservedQty")),
    ),
)

WFS_INVENTORY = Contract(
    platform="walmart",
    stream="wfs_inventory",
    mode="snapshot",
    report_name="WFS inventory",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku", "ship_node_type"),
    seller_ids=("sku",),
    columns=(
        SNAPSHOT_DATE,
        Column("sku", required=True, nullable=False),
        Column("ship_node_type", required=True, nullable=False, sources=("ship_node_type", "shipNodeType")),
        Column("available_quantity", "integer", required=True, sources=("available_quantity", "availToSellQty")),
        Column("on_hand_quantity", "integer", required=True, sources=("on_hand_quantity", "onHandQty")),
        Column("modified_at", "timestamp", sources=("modified_at", "modifiedDate")),
    ),
)


def _count(value: Any) -> int | None:
    return int(str(value)) if str(value).isdigit() else None


class Inventory(PullStream):
    """Every SKU at every node of the seller's own; pages by an opaque cursor."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = INVENTORY, settings

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        def fetch(cursor: str | None) -> Page:
            query = {"limit": str(OWN_LIMIT), **({"nextCursor": cursor} if cursor else {})}
            found = client.get_json("inventories", "/v3/inventories", query)
            rows = items(inner(found, "elements", "inventories"))
            return Page(rows, inner(found, "meta", "nextCursor"), _count(inner(found, "meta", "totalCount")))

        stock = follow(fetch, f"{client.title}: inventories", key=lambda item: item.get("sku") or id(item))
        return _extract(INVENTORY, (row for item in stock for row in own_rows(item)))


class WfsInventory(PullStream):
    """Every SKU that lies at Walmart's; pages by offset."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = WFS_INVENTORY, settings

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        def fetch(cursor: str | None) -> Page:
            offset = int(cursor or 0)
            query = {"limit": str(WFS_LIMIT), "offset": str(offset)}
            found = client.get_json("wfsInventory", "/v3/fulfillment/inventory", query)
            rows = items(inner(found, "payload", "inventory"))
            count = _count(inner(found, "headers", "totalCount"))
            following = offset + len(rows)
            has_more = bool(rows) and (len(rows) == WFS_LIMIT if count is None else following < count)
            return Page(rows, str(following) if has_more else None, count)

        stock = follow(fetch, f"{client.title}: WFS inventory", key=lambda item: item.get("sku") or id(item))
        return _extract(WFS_INVENTORY, (row for item in stock for row in wfs_rows(item)))


def own_rows(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # An item without its nodes is not one without stock: the contract sets it aside.
    for node in items(item.get("nodes")) or [{}]:
        yield {
            "sku": item.get("sku"),
            "ship_node": node.get("shipNode"),
            "input_quantity": inner(node, "inputQty", "amount"),
            "available_quantity": inner(node, "availToSellQty", "amount"),
            "reserved_quantity": inner(node, "reservedQty", "amount"),
            **unknown(item, frozenset({"sku", "nodes"}), "inventory"),
            **unknown(node, OWN_FIELDS, "node"),
        }


def wfs_rows(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for node in items(item.get("shipNodes")) or [{}]:
        yield {
            "sku": item.get("sku"),
            "ship_node_type": node.get("shipNodeType"),
            "available_quantity": node.get("availToSellQty"),
            "on_hand_quantity": node.get("onHandQty"),
            "modified_at": node.get("modifiedDate"),
            **unknown(item, frozenset({"sku", "shipNodes"}), "inventory"),
            **unknown(node, WFS_FIELDS, "shipNode"),
        }


def _extract(contract: Contract, rows: Iterator[dict[str, Any]]) -> Extract:
    # The snapshot's day is filled in by the core.
    return Extract(table_of(list(rows), contract, but=SNAPSHOT_DATE.name))
