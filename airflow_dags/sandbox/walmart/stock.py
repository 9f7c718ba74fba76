"""Stock as /v3/inventories (the seller's own nodes) and /v3/fulfillment/inventory (WFS) give it: the present state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import Sku, stable_number
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.walmart_money import wfs_stock
from airflow_dags.sandbox.state import iso

NODES = ("100009", "361451354333223041")


def present_stock(business: Business, shop: Shop) -> list[tuple[Sku, int]]:
    """Units of each SKU at the end of the last day, in the order of the SKUs."""
    return sorted(business.shop_stock(shop, business.last_day).items(), key=lambda pair: pair[0].sku)


def own_nodes(units: int) -> tuple[int, int]:
    """How the seller's own units lie in its two warehouses."""
    own = units - wfs_stock(units)
    return own - own // 3, own // 3


def inventory_json(sku: Sku, units: int) -> dict[str, Any]:
    """One element of elements.inventories."""
    nodes = [_node(node, count, sku) for node, count in zip(NODES, own_nodes(units), strict=True)]
    return {"nodes": nodes, "sku": sku.sku}


def _node(node: str, available: int, sku: Sku) -> dict[str, Any]:
    reserved = stable_number("walmart reserved", node, sku.sku) % 3
    return {
        "shipNode": node,
        "inputQty": {"unit": "EACH", "amount": available + reserved},
        "availToSellQty": {"unit": "EACH", "amount": available},
        "reservedQty": {"unit": "EACH", "amount": reserved},
    }


def wfs_json(business: Business, shop: Shop, sku: Sku, units: int) -> dict[str, Any]:
    """One element of payload.inventory."""
    available = wfs_stock(units)
    node = {
        "modifiedDate": iso(shop.day_start(business.as_of) - timedelta(minutes=5)),
        "availToSellQty": available,
        "onHandQty": available + stable_number("walmart on hand", sku.sku) % 4,
        "shipNodeType": "WFSFulfilled",
    }
    return {"shipNodes": [node], "sku": sku.sku}
