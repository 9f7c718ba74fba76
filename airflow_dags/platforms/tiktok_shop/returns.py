"""Returns and refunds by last update: one row a return line item, which is one unit of an order's line item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.platforms.tiktok_shop.base import TikTokStream, bounds, cells, column, fields, items, mapping

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

PATH = "/return_refund/202309/returns/search"

CONTRACT = Contract(
    platform="tiktok_shop",
    stream="returns",
    mode="changes",
    report_name="TikTok Shop's returns",
    key=("return_id",),
    version="updated_at",
    unique=("return_id", "return_line_item_id"),
    owned=("return_id",),
    columns=(
        column("return_id", "return.return_id", required=True, nullable=False),
        column("return_line_item_id", "line.return_line_item_id", required=True, nullable=False),
        column("order_id", "return.order_id", required=True, nullable=False),
        column("order_line_item_id", "line.order_line_item_id", required=True),
        # REFUND (the buyer keeps the goods), RETURN_AND_REFUND, REPLACEMENT, EXCHANGE.
        column("return_type", "return.return_type", required=True),
        # Money has gone back only where it is RETURN_OR_REFUND_REQUEST_COMPLETE.
        column("return_status", "return.return_status", required=True, nullable=False),
        column("created_at", "return.create_time", kind="timestamp", required=True),
        column("updated_at", "return.update_time", kind="timestamp", required=True, nullable=False),
        column("return_reason", "return.return_reason"),
        column("return_reason_text", "return.return_reason_text"),
        column("initiated_by", "return.role"),
        column("arbitration_status", "return.arbitration_status"),
        column("return_tracking_number", "return.return_tracking_number"),
        column("sku_id", "line.sku_id"),
        column("seller_sku", "line.seller_sku", required=True),
        column("product_name", "line.product_name"),
        column("currency", "refund.currency", required=True),
        column("refund_total", "refund.refund_total", kind="numeric", required=True),
        # The goods alone, and what came back beside them.
        column("refund_subtotal", "refund.refund_subtotal", kind="numeric", required=True),
        column("refund_shipping_fee", "refund.refund_shipping_fee", kind="numeric"),
        column("refund_tax", "refund.refund_tax", kind="numeric"),
    ),
    ignored=frozenset(
        [
            *fields(
                "return",
                "return_line_items refund_amount shipment_type handover_method return_provider_name "
                "return_provider_id pre_return_id next_return_id can_buyer_keep_item seller_next_action_response "
                "discount_amount shipping_fee_amount return_shipping_document_type return_method "
                "is_combined_return combined_return_id seller_proposed_return_type partial_refund "
                "buyer_rejected_partial_refund return_warehouse_address is_quick_refund",
            ),
            *fields("line", "sku_name product_image refund_amount return_sub_line_items"),
            "refund.retail_delivery_fee",
            "refund.buyer_service_fee",
        ]
    ),
)


class Returns(TikTokStream):
    contract = CONTRACT
    LIST = "return_orders"
    OBJECT = ("return_id", "return_line_items")

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        start, end = bounds(account, window)
        found = client.rows(
            "searchReturns",
            PATH,
            {"page_size": self.page_size, "sort_field": "update_time", "sort_order": "ASC"},
            body={"update_time_ge": start, "update_time_lt": end},
            rows=self.LIST,
            key="return_id",
        )
        return self.extract(found, account)

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        """One row a line item; a return without any still gives one, which the contract then sets aside."""
        common = cells("return", value, CONTRACT)
        for line in items(mapping(value).get("return_line_items")) or [{}]:
            refund = cells("refund", mapping(line).get("refund_amount"), CONTRACT)
            yield common | cells("line", line, CONTRACT) | refund
