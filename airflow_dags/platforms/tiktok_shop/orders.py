"""Orders by last update: one row a line item, as TikTok delivers them: each unit is a line item of its own.

In Seller Center's export a row is one SKU of an order, with its quantity; amounts are the row's total in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.platforms.tiktok_shop.base import TikTokStream, bounds, cells, column, fields, items, mapping

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

PATH = "/order/202309/orders/search"
REGION_LEVELS = {"L0": "address.country", "L1": "address.state"}
EXPORT_ONLY = (
    "Order Status,Cancelation/Return Type,Normal or Pre-order,Sku Quantity of return,SKU Unit Original Price,"
    "Original Shipping Fee,Shipping Fee Seller Discount,Shipping Fee Platform Discount,Payment platform discount,"
    "Order Refund Amount,Warehouse Name,Delivery Option,Shipping Provider Name,Buyer Message,Buyer Username,Recipient,"
    "Phone #,Zipcode,City,Address Line 1,Address Line 2,Delivery Instruction,Payment Method,Weight(kg),"
    "Product Category,Package ID,Seller Note,Checked Status,Checked Marked by,Tokopedia Invoice Number,"
    "Purchase Channel,Buyer Nickname"
)


def _amount(name: str, *sources: str, required: bool = False) -> Any:
    return column(name, *sources, kind="numeric", required=required)


def _instant(name: str, *sources: str, required: bool = False) -> Any:
    return column(name, *sources, kind="timestamp", required=required, nullable=not required)


CONTRACT = Contract(
    platform="tiktok_shop",
    stream="orders",
    mode="changes",
    report_name="TikTok Shop's orders",
    key=("order_id",),
    version="updated_at",
    unique=("order_id", "line_item_id"),
    owned=("order_id",),
    columns=(
        column("order_id", "order.id", "Order ID", required=True, nullable=False),
        # The export names no line item: there it is the SKU, of which the row holds all units.
        column("line_item_id", "line.id", required=True, nullable=False),
        _instant("created_at", "order.create_time", "Created Time", required=True),
        _instant("updated_at", "order.update_time", required=True),
        column("order_status", "order.status", "Order Substatus", required=True, nullable=False),
        column("line_status", "line.display_status"),
        column("sku_id", "line.sku_id", "SKU ID", required=True),
        column("seller_sku", "line.seller_sku", "Seller SKU", required=True),
        column("product_id", "line.product_id"),
        column("product_name", "line.product_name", "Product Name"),
        column("sku_name", "line.sku_name", "Variation"),
        column("quantity", "line.quantity", kind="integer", required=True, nullable=False),
        column("currency", "line.currency", required=True),
        # Before discounts; what the buyer pays for the goods; both without tax (US).
        _amount("original_price", "line.original_price", "SKU Subtotal Before Discount", required=True),
        _amount("sale_price", "line.sale_price", "SKU Subtotal After Discount"),
        _amount("seller_discount", "line.seller_discount", "SKU Seller Discount", required=True),
        _amount("platform_discount", "line.platform_discount", "SKU Platform Discount", required=True),
        _amount("item_tax", "line.item_tax"),
        # The order's, repeated on each of its rows: never add them up over rows.
        _amount("order_shipping_fee", "payment.shipping_fee", "Shipping Fee After Discount"),
        _amount("order_tax", "payment.tax", "Taxes"),
        _amount("order_total", "payment.total_amount", "Order Amount"),
        _instant("paid_at", "order.paid_time", "Paid Time"),
        _instant("ready_at", "order.rts_time", "RTS Time"),
        _instant("ship_by", "order.tts_sla_time"),
        _instant("shipped_at", "order.collection_time", "Shipped Time"),
        _instant("deliver_by", "order.delivery_sla_time"),
        _instant("delivered_at", "order.delivery_time", "Delivered Time"),
        _instant("cancelled_at", "order.cancel_time", "Cancelled Time"),
        column("cancelled_by", "order.cancellation_initiator", "Cancel By"),
        column("cancel_reason", "order.cancel_reason", "Cancel Reason"),
        column("tracking_number", "line.tracking_number", "Tracking ID"),
        column("fulfillment_type", "order.fulfillment_type", "Fulfillment Type"),
        column("is_sample_order", "order.is_sample_order", kind="boolean"),
        column("ship_state", "address.state", "State"),
        column("ship_country", "address.country", "Country"),
    ),
    # Published fields that are not kept: who the buyer is and where they live, what only other countries have,
    # pictures, and what follows from other columns.
    ignored=frozenset(
        [
            *fields(
                "order",
                "buyer_message buyer_email buyer_nickname buyer_avatar user_id seller_note cpf packages payment "
                "recipient_address line_items shipping_provider_id shipping_provider delivery_type rts_sla_time "
                "payment_method_name tracking_number split_or_combine_tag has_updated_recipient_address "
                "cancel_order_sla_time warehouse_id request_cancel_time shipping_type is_cod delivery_option_id "
                "need_upload_invoice delivery_option_name delivery_due_time shipping_due_time collection_due_time "
                "delivery_option_required_delivery_time is_on_hold_order is_replacement_order is_subscription_order "
                "is_refundable_sample authentication_required replaced_order_id is_buyer_request_cancel "
                "pick_up_cut_off_time fast_dispatch_sla_time commerce_platform order_type release_date "
                "handling_duration is_exchange_order exchange_source_order_id consultation_id "
                "fast_delivery_program",
            ),
            *fields(
                "payment",
                "currency sub_total seller_discount platform_discount original_total_product_price "
                "original_shipping_fee shipping_fee_seller_discount shipping_fee_platform_discount "
                "shipping_fee_cofunded_discount shipping_fee_tax product_tax retail_delivery_fee "
                "payment_platform_discount",
            ),
            *fields(
                "line",
                "sku_image sku_type cancel_reason cancel_user rts_time package_status shipping_provider_name "
                "shipping_provider_id is_gift package_id combined_listing_skus sub_item_info retail_delivery_fee "
                "is_dangerous_good needs_prescription gift_retail_price room_id",
            ),
            *EXPORT_ONLY.split(","),
        ]
    ),
)


class Orders(TikTokStream):
    contract = CONTRACT
    LIST = "orders"
    OBJECT = ("id", "line_items", "payment")
    EXPORT = ("Order ID", "Order Substatus", "SKU ID", "SKU Subtotal Before Discount", "Created Time")

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        start, end = bounds(account, window)
        orders = client.rows(
            "searchOrders",
            PATH,
            {"page_size": self.page_size, "sort_field": "update_time", "sort_order": "ASC"},
            body={"update_time_ge": start, "update_time_lt": end},
            rows=self.LIST,
            key="id",
        )
        return self.extract(orders, account)

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        """One row a line item; an order without any still gives one, which the contract then sets aside."""
        common = cells("order", value, CONTRACT) | cells("payment", mapping(value).get("payment"), CONTRACT)
        address = mapping(mapping(value).get("recipient_address"))
        for district in map(mapping, items(address.get("district_info"))):
            if name := REGION_LEVELS.get(str(district.get("address_level"))):
                common[name] = district.get("address_name")
        if address.get("region_code"):
            common["address.country"] = address["region_code"]
        for line in items(mapping(value).get("line_items")) or [{}]:
            row = common | cells("line", line, CONTRACT)
            row["line.item_tax"] = _total(mapping(line).get("item_tax"))
            yield {**row, "line.quantity": 1}

    def read_export(self, document: Document, account: Account) -> Extract:
        from airflow_dags.platforms.tiktok_shop.exports import read_orders

        return read_orders(document, account, CONTRACT)


def _total(taxes: Any) -> Any:
    """The sum of a line item's taxes; what can't be added up stays as it is, to be set aside."""
    from decimal import Decimal, InvalidOperation

    if not isinstance(taxes, list):
        return taxes
    try:
        amounts = [Decimal(str(tax["tax_amount"])) for tax in taxes]
    except (KeyError, TypeError, InvalidOperation):
        return str(taxes)
    return sum(amounts, Decimal(0)) if amounts else None
