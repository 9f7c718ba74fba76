"""Products: the shop's SKUs as they are today, one row a SKU and warehouse, with price and stock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.platforms.tiktok_shop.base import TikTokStream, cells, column, fields, items, mapping

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

PATH = "/product/202502/products/search"

CONTRACT = Contract(
    platform="tiktok_shop",
    stream="products",
    mode="snapshot",
    report_name="TikTok Shop's products",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku_id", "warehouse_id"),
    owned=("sku_id",),
    seller_ids=("seller_sku",),
    columns=(
        column("snapshot_date", kind="date"),
        column("sku_id", "sku.id", required=True, nullable=False),
        column("warehouse_id", "inventory.warehouse_id"),
        column("seller_sku", "sku.seller_sku", required=True),
        column("product_id", "product.id", required=True),
        column("product_name", "product.title"),
        column("product_status", "product.status", required=True),
        column("sku_status", "status_info.status"),
        # Before discounts and without tax.
        column("price", "price.tax_exclusive_price", kind="numeric", required=True),
        column("currency", "price.currency", required=True),
        # Units that can be shipped at once; what is on back order isn't in stock.
        column("stock", "inventory.quantity", kind="integer", required=True),
        column("backorder_quantity", "inventory.backorder_quantity", kind="integer"),
        column("listing_quality", "product.listing_quality_tier"),
        column("created_at", "product.create_time", kind="timestamp"),
        column("updated_at", "product.update_time", kind="timestamp"),
    ),
    ignored=frozenset(
        [
            *fields(
                "product",
                "skus sales_regions product_sync_fail_reasons is_not_for_sale recommended_categories audit "
                "integrated_platform_statuses product_families has_draft scheduled_sale product_tags selling_format",
            ),
            *fields("sku", "price inventory list_price external_list_prices pre_sale status_info fees"),
            "price.sale_price",
            "price.starting_bid_price",
            "status_info.deactivation_source",
            "inventory.handling_time",
        ]
    ),
)


class Products(TikTokStream):
    contract = CONTRACT
    LIST = "products"
    OBJECT = ("id", "title", "skus")

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        products = client.rows(
            "searchProducts", PATH, {"page_size": self.page_size}, body={"status": "ALL"}, rows=self.LIST, key="id"
        )
        return self.extract(products, account)

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        """One row a SKU and warehouse; a SKU that lies nowhere still has one."""
        product = cells("product", value, CONTRACT)
        for sku in items(mapping(value).get("skus")):
            common = product | cells("sku", sku, CONTRACT) | cells("price", mapping(sku).get("price"), CONTRACT)
            common |= cells("status_info", mapping(sku).get("status_info"), CONTRACT)
            for place in items(mapping(sku).get("inventory")) or [{}]:
                yield common | cells("inventory", place, CONTRACT)
