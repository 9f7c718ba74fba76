"""Orders, products, returns and the shop's performance as TikTok writes them: money as text, instants as epoch
seconds, each unit of an order a line item of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder, ShopRefund
from airflow_dags.sandbox.business.tiktok_money import SETTLED_AFTER, order_id, platform_discount, seller_discount

COMPLETE, REJECTED = "RETURN_OR_REFUND_REQUEST_COMPLETE", "REFUND_OR_RETURN_REQUEST_REJECT"
REJECTED_SHARE = 0.02  # of delivered orders: the buyer asked for money and got none
WAREHOUSES = ("7068517275539719942", "7068517275539719950")
STATUSES = {"open": "AWAITING_SHIPMENT", "shipped": "IN_TRANSIT", "delivered": "DELIVERED", "cancelled": "CANCELLED"}
REASON_CODES = {
    "defective": "ecom_order_delivered_refund_and_return_reason_defective",
    "not as described": "ecom_order_delivered_refund_and_return_reason_not_as_described",
    "no longer needed": "ecom_order_delivered_refund_and_return_reason_no_need",
    "arrived late": "ecom_order_delivered_refund_and_return_reason_late",
    "wrong item": "ecom_order_delivered_refund_and_return_reason_wrong_product",
    "changed mind": "ecom_order_delivered_refund_and_return_reason_no_need",
}


def money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def epoch(moment: datetime | None) -> int:
    """0 where there is none, as TikTok has it."""
    return int(moment.timestamp()) if moment else 0


def sku_id(shop: Shop, sku: Sku) -> str:
    return str(1_729_000_000_000_000_000 + stable_number(shop.account_id, sku.sku) % 10**17)


def product_id(shop: Shop, sku: Sku) -> str:
    """The SKUs of one family are one product."""
    return str(1_728_000_000_000_000_000 + stable_number(shop.account_id, sku.parent_asin) % 10**17)


def line_item_ids(order: ShopOrder, line: ShopLine) -> list[str]:
    first = 577_000_000_000_000_000 + order.number * 100 + line.number * 10
    return [str(first + unit) for unit in range(line.quantity)]


def shared(cents: int, parts: int) -> list[int]:
    """An amount over the units of a line; what doesn't divide goes to the first ones."""
    return [cents // parts + (1 if part < cents % parts else 0) for part in range(parts)]


def order_json(order: ShopOrder, closed_at: datetime) -> dict[str, Any]:
    status = STATUSES[order.status]
    if order.delivered_at and not order.refunds and order.delivered_at + SETTLED_AFTER < closed_at:
        status = "COMPLETED"
    city, state, postal_code, country = order.destination
    tracking = f"9400{order.number:018d}" if order.shipped_at and order.has_tracking else ""
    districts = (("L0", "Country", "United States"), ("L1", "State", state), ("L3", "City", city))
    return {
        "id": order_id(order),
        "buyer_message": "",
        "user_id": str(order.buyer),
        "cancellation_initiator": (order.cancelled_by or "").upper(),
        "cancel_reason": "Changed mind" if order.cancelled_by == "buyer" else "",
        "create_time": epoch(order.purchased_at),
        "paid_time": epoch(order.purchased_at),
        "update_time": epoch(order.updated_at),
        "cancel_time": epoch(order.updated_at if order.is_cancelled else None),
        "rts_time": epoch(order.shipped_at),
        "collection_time": epoch(order.shipped_at),
        "delivery_time": epoch(order.delivered_at),
        "tts_sla_time": epoch(order.ship_by),
        "delivery_sla_time": epoch(order.deliver_by),
        "status": status,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": "TIKTOK",
        "is_cod": False,
        "is_sample_order": False,
        "packages": [{"id": f"11{order.number:017d}"}],
        "payment": _payment(order),
        "recipient_address": {
            "name": "S**** B****",
            "phone_number": "(+1)***-***-0100",
            "full_address": f"**** Main Street, {city}, {state} {postal_code}",
            "postal_code": postal_code,
            "region_code": country,
            "district_info": [
                {"address_level": level, "address_level_name": name, "address_name": value}
                for level, name, value in districts
            ],
        },
        "line_items": [item for line in order.lines for item in _line_items(order, line, status, tracking)],
    }


def _payment(order: ShopOrder) -> dict[str, str]:
    gross = sum(line.price for line in order.lines)
    by_seller = sum(seller_discount(line) for line in order.lines)
    by_platform = sum(platform_discount(line) for line in order.lines)
    tax = sum(line.tax for line in order.lines)
    sub_total = gross - by_seller - by_platform
    return {
        "currency": order.shop.currency,
        "original_total_product_price": money(gross),
        "seller_discount": money(by_seller),
        "platform_discount": money(by_platform),
        "sub_total": money(sub_total),
        "original_shipping_fee": "5.99",
        "shipping_fee": money(order.shipping),
        "shipping_fee_seller_discount": "0.00",
        "shipping_fee_platform_discount": money(599 - order.shipping),
        "tax": money(tax),
        "product_tax": money(tax),
        "total_amount": money(sub_total + order.shipping + tax),
    }


def _line_items(order: ShopOrder, line: ShopLine, status: str, tracking: str) -> Iterator[dict[str, Any]]:
    by_seller, by_platform = seller_discount(line), platform_discount(line)
    units = zip(
        line_item_ids(order, line),
        shared(line.price, line.quantity),
        shared(by_seller, line.quantity),
        shared(by_platform, line.quantity),
        shared(line.tax, line.quantity),
        strict=True,
    )
    name, _, variation = line.sku.name.rpartition(", ")
    for item_id, price, from_seller, from_platform, tax in units:
        yield {
            "id": item_id,
            "sku_id": sku_id(order.shop, line.sku),
            "seller_sku": line.sku.sku,
            "product_id": product_id(order.shop, line.sku),
            "product_name": name,
            "sku_name": variation,
            "sku_image": "https://p16-oec-va.example/image.jpeg",
            "display_status": status,
            "package_status": "TO_FULFILL" if status == "AWAITING_SHIPMENT" else "COMPLETED",
            "currency": order.shop.currency,
            "original_price": money(price),
            "sale_price": money(price - from_seller - from_platform),
            "seller_discount": money(from_seller),
            "platform_discount": money(from_platform),
            "item_tax": [{"tax_type": "SALES_TAX", "tax_amount": money(tax), "tax_rate": f"{order.shop.tax_rate}"}],
            "tracking_number": tracking,
            "shipping_provider_name": "USPS" if tracking else "",
            "is_gift": False,
        }


def products_json(business: Business, shop: Shop, revision: int) -> list[dict[str, Any]]:
    """All products with their SKUs, stock in two warehouses."""
    families: dict[str, list[Sku]] = {}
    for sku in business.shop_skus(shop):
        families.setdefault(product_id(shop, sku), []).append(sku)
    created = epoch(shop.day_start(business.first_day)) - 86400 * 90
    return [
        {
            "id": family,
            "title": skus[0].name.rpartition(", ")[0],
            "status": "ACTIVATE",
            "listing_quality_tier": ("GOOD", "FAIR", "EXCELLENT")[int(family) % 3],
            "sales_regions": ["US"],
            "create_time": created,
            "update_time": epoch(shop.day_start(business.last_day)),
            "skus": [_sku_json(business, shop, sku, revision) for sku in skus],
        }
        for family, skus in families.items()
    ]


def stock_of(business: Business, shop: Shop, revision: int) -> dict[Sku, int]:
    """Units that can be shipped: what is there at the end of the last day; at revision 1 some have been reserved."""
    stock = business.shop_stock(shop, business.last_day)
    if revision == 0:
        return stock
    return {sku: max(0, n - 1) if int(sku_id(shop, sku)) % 5 == 0 else n for sku, n in stock.items()}


def _sku_json(business: Business, shop: Shop, sku: Sku, revision: int) -> dict[str, Any]:
    units = stock_of(business, shop, revision).get(sku, 0)
    first = units * 2 // 3
    return {
        "id": sku_id(shop, sku),
        "seller_sku": sku.sku,
        "price": {"currency": shop.currency, "tax_exclusive_price": money(round(sku.price * shop.price_factor))},
        "inventory": [
            {"warehouse_id": WAREHOUSES[0], "quantity": first, "backorder_quantity": 0},
            {"warehouse_id": WAREHOUSES[1], "quantity": units - first, "backorder_quantity": 0},
        ],
        "status_info": {"status": "NORMAL"},
    }


def returns_json(business: Business, shop: Shop, revision: int) -> list[dict[str, Any]]:
    """All requests for money or for a return, oldest update first; not every one was granted."""
    found = []
    for day in business.days():
        for order in business.shop_orders(shop, day, revision):
            found += [_return_json(order, refund) for refund in order.refunds]
            found += _rejected(business.seed, order)
    return sorted(found, key=lambda item: (item["update_time"], item["return_id"]))


def _return_json(order: ShopOrder, refund: ShopRefund) -> dict[str, Any]:
    line = next(line for line in order.lines if line.number == refund.line_number)
    amounts = zip(
        line_item_ids(order, line)[: refund.quantity],
        shared(refund.amount, refund.quantity),
        shared(refund.tax, refund.quantity),
        strict=True,
    )
    return {
        "return_id": str(4_035_000_000_000_000_000 + refund.number),
        "order_id": order_id(order),
        "return_type": "RETURN_AND_REFUND" if refund.is_return else "REFUND",
        "return_status": COMPLETE,
        "arbitration_status": "",
        "role": "BUYER",
        "return_reason": REASON_CODES[refund.reason],
        "return_reason_text": refund.reason.capitalize(),
        "return_tracking_number": f"9202{refund.number:018d}" if refund.is_return else "",
        "create_time": epoch(refund.at - timedelta(days=4)) if refund.is_return else epoch(refund.at),
        "update_time": epoch(refund.at),
        "return_line_items": [
            _return_line(order, line, number, item_id=item_id, goods=goods, tax=tax)
            for number, (item_id, goods, tax) in enumerate(amounts)
        ],
    }


def _return_line(
    order: ShopOrder, line: ShopLine, number: int, *, item_id: str, goods: int, tax: int
) -> dict[str, Any]:
    return {
        "return_line_item_id": str(4_036_000_000_000_000_000 + order.number * 1000 + line.number * 10 + number),
        "order_line_item_id": item_id,
        "sku_id": sku_id(order.shop, line.sku),
        "seller_sku": line.sku.sku,
        "product_name": line.sku.name,
        "refund_amount": {
            "currency": order.shop.currency,
            "refund_total": money(goods + tax),
            "refund_subtotal": money(goods),
            "refund_shipping_fee": "0.00",
            "refund_tax": money(tax),
        },
    }


def _rejected(seed: int, order: ShopOrder) -> list[dict[str, Any]]:
    """A request that was turned down: it states an amount that nobody got."""
    if order.delivered_at is None or order.refunds:
        return []
    if stable_share(seed, order.shop.account_id, order.number, "rejected") >= REJECTED_SHARE:
        return []
    line = order.lines[0]
    asked = ShopRefund(
        number=order.number * 10 + 9,
        at=order.delivered_at,
        line_number=line.number,
        quantity=1,
        amount=(line.price - line.discount) // line.quantity,
        tax=line.tax // line.quantity,
        reason="changed mind",
        is_return=False,
        received_at=None,
    )
    return [{**_return_json(order, asked), "return_status": REJECTED}]


def performance_json(business: Business, shop: Shop, day: date, revision: int) -> dict[str, Any]:
    """The day's interval: what was paid on it, later cancelled orders included."""
    counted = performance_of(business, shop, day, revision)
    share = money(counted["gmv"] * 6 // 10), money(counted["gmv"] - counted["gmv"] * 6 // 10)
    return {
        "start_date": day.isoformat(),
        "end_date": (day + timedelta(days=1)).isoformat(),
        "gmv": {"amount": money(counted["gmv"]), "currency": shop.currency},
        "gmv_breakdowns": [
            {"type": "VIDEO", "amount": share[0], "currency": shop.currency},
            {"type": "PRODUCT_CARD", "amount": share[1], "currency": shop.currency},
        ],
        "orders": counted["orders"],
        "sku_orders": counted["sku_orders"],
        "units_sold": counted["units"],
        "buyers": counted["buyers"],
        "product_impressions": counted["page_views"] * 9,
        "product_page_views": counted["page_views"],
        "avg_product_page_visitors": counted["visitors"],
        "refunds": {"amount": money(counted["refunds"]), "currency": shop.currency},
        "cancellations_and_returns": counted["cancelled"],
    }


def performance_of(business: Business, shop: Shop, day: date, revision: int) -> dict[str, int]:
    """What TikTok counts of the day; money in cents."""
    orders = business.shop_orders(shop, day, revision)
    traffic = business.shop_traffic(shop, day, revision)
    lines = [line for order in orders for line in order.lines]
    refunds = [refund for order in orders for refund in order.refunds]
    return {
        "gmv": sum(line.price - seller_discount(line) for line in lines),
        "orders": len(orders),
        "sku_orders": len(lines),
        "units": sum(line.quantity for line in lines),
        "buyers": len({order.buyer for order in orders}),
        "refunds": sum(refund.amount for refund in refunds),
        "cancelled": sum(order.is_cancelled for order in orders) + len(refunds),
        "visitors": traffic.visitors if traffic else 0,
        "page_views": traffic.page_views if traffic else 0,
    }
