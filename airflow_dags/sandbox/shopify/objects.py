"""The shop's records as the Admin API's objects: orders with lines and refunds, variants, stock by location.

Money comes as a bag of the shop's own currency and the buyer's, amounts as text without trailing zeros.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import Sku, stable_number
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder, ShopRefund
from airflow_dags.sandbox.shopify.graphql import Connection

PRESENTMENT_RATE = Decimal("0.92")
LOCATIONS = ("Main warehouse", "Dépôt Nord")
RESTOCK = {True: "RETURN", False: "NO_RESTOCK"}


def iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def number_in(shop: Shop, number: int) -> int:
    """Ids are unique over all shops."""
    return (5_000 + shop.index) * 10**9 + number


def order_id(order: ShopOrder) -> int:
    return number_in(order.shop, order.number)


def line_id(order: ShopOrder, number: int) -> int:
    return order_id(order) * 10 + number


def variant_id(business: Business, shop: Shop, sku: Sku) -> int:
    return 40 * 10**12 + stable_number(business.seed, shop.account_id, sku.sku, "variant") % 10**12


def product_id(business: Business, shop: Shop, sku: Sku) -> int:
    return 8 * 10**12 + stable_number(business.seed, shop.account_id, sku.parent_asin, "product") % 10**12


def item_id(business: Business, shop: Shop, sku: Sku) -> int:
    return variant_id(business, shop, sku) + 10**12


def amount(cents: int | Decimal) -> str:
    """As Shopify writes amounts: at least one decimal, no further zeros."""
    text = f"{Decimal(cents) / 100:.2f}"
    return text[:-1] if text.endswith("0") else text


def money(shop: Shop, cents: int) -> dict[str, Any]:
    def of(value: Decimal, currency: str) -> dict[str, Any]:
        return {"__typename": "MoneyV2", "amount": amount(value), "currencyCode": currency}

    return {
        "__typename": "MoneyBag",
        "shopMoney": of(Decimal(cents), shop.currency),
        "presentmentMoney": of((Decimal(cents) * PRESENTMENT_RATE).quantize(Decimal(1)), "EUR"),
    }


def shop_object(shop: Shop, domain: str) -> dict[str, Any]:
    return {
        "__typename": "Shop",
        "id": gid("Shop", 60_000 + shop.index),
        "name": shop.name,
        "myshopifyDomain": domain,
        "currencyCode": shop.currency,
        "ianaTimezone": shop.time_zone,
    }


def financial_status(order: ShopOrder) -> str:
    if order.is_cancelled:
        return "VOIDED"
    refunded = sum(refund.amount for refund in order.refunds)
    if not refunded:
        return "PAID"
    return "REFUNDED" if refunded >= sum(line.price - line.discount for line in order.lines) else "PARTIALLY_REFUNDED"


def order_object(business: Business, order: ShopOrder) -> dict[str, Any]:
    shop = order.shop
    tax = sum(line.tax for line in order.lines)
    total = sum(line.price - line.discount for line in order.lines) + tax + order.shipping
    return {
        "__typename": "Order",
        "id": gid("Order", order_id(order)),
        "name": f"#{order.number}",
        "email": f"buyer{order.buyer}@example.com",
        "createdAt": iso(order.purchased_at),
        "processedAt": iso(order.purchased_at),
        "updatedAt": iso(order.updated_at),
        "cancelledAt": iso(order.updated_at) if order.is_cancelled else None,
        "cancelReason": {"buyer": "CUSTOMER", "seller": "INVENTORY"}.get(order.cancelled_by or ""),
        "closedAt": iso(order.delivered_at),
        "displayFinancialStatus": financial_status(order),
        "displayFulfillmentStatus": "FULFILLED" if order.shipped_at else "UNFULFILLED",
        "sourceName": "web",
        "test": False,
        "taxesIncluded": False,
        "currencyCode": shop.currency,
        "presentmentCurrencyCode": "EUR",
        "totalShippingPriceSet": money(shop, order.shipping),
        "totalTaxSet": money(shop, tax),
        "totalPriceSet": money(shop, total),
        "fulfillments": [
            {"__typename": "Fulfillment", "id": gid("Fulfillment", order_id(order)), "createdAt": iso(order.shipped_at)}
        ]
        if order.shipped_at
        else [],
        "lineItems": Connection(line_object(business, order, line) for line in order.lines),
        "refunds": [refund_object(order, refund) for refund in order.refunds],
    }


def line_object(business: Business, order: ShopOrder, line: ShopLine) -> dict[str, Any]:
    shop = order.shop
    returned = sum(refund.quantity for refund in order.refunds if refund.line_number == line.number)
    # A discount is the item's own to two thirds, and the order's for the rest.
    parts = [part for part in (line.discount * 2 // 3, line.discount - line.discount * 2 // 3) if part]
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line_id(order, line.number)),
        "sku": line.sku.sku,
        "name": line.sku.name,
        "title": line.sku.name,
        "vendor": line.sku.brand,
        "quantity": line.quantity,
        "currentQuantity": 0 if order.is_cancelled else line.quantity - returned,
        "isGiftCard": False,
        "variant": {"__typename": "ProductVariant", "id": gid("ProductVariant", variant_id(business, shop, line.sku))},
        "product": {"__typename": "Product", "id": gid("Product", product_id(business, shop, line.sku))},
        "originalUnitPriceSet": money(shop, line.price // line.quantity),
        "originalTotalSet": money(shop, line.price),
        "totalDiscountSet": money(shop, parts[0] if parts else 0),
        "discountAllocations": [
            {"__typename": "DiscountAllocation", "allocatedAmountSet": money(shop, part)} for part in parts
        ],
        "taxLines": [{"__typename": "TaxLine", "title": "Sales tax", "priceSet": money(shop, line.tax)}],
    }


def refund_object(order: ShopOrder, refund: ShopRefund) -> dict[str, Any]:
    shop = order.shop
    number = number_in(shop, refund.number) * 10
    found = {
        "__typename": "RefundLineItem",
        "id": gid("RefundLineItem", number + 1),
        "quantity": refund.quantity,
        "restockType": RESTOCK[refund.is_return],
        "subtotalSet": money(shop, refund.amount),
        "totalTaxSet": money(shop, refund.tax),
        "lineItem": {
            "__typename": "LineItem",
            "id": gid("LineItem", line_id(order, refund.line_number)),
            "sku": next(line.sku.sku for line in order.lines if line.number == refund.line_number),
        },
    }
    return {
        "__typename": "Refund",
        "id": gid("Refund", number),
        "createdAt": iso(refund.at),
        "updatedAt": iso(refund.at),
        "note": refund.reason,
        "totalRefundedSet": money(shop, refund.amount + refund.tax),
        "return": {"__typename": "Return", "id": gid("Return", number)} if refund.is_return else None,
        "refundLineItems": Connection([found]),
        "refundShippingLines": Connection(),
        "orderAdjustments": Connection(),
    }


def variant_object(business: Business, shop: Shop, sku: Sku) -> dict[str, Any]:
    is_draft = stable_number(shop.account_id, sku.sku, "draft") % 12 == 0
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", variant_id(business, shop, sku)),
        "sku": sku.sku,
        "title": sku.name.rpartition(", ")[2] + f" / {sku.sku}",
        "price": f"{price_of(shop, sku) / 100:.2f}",
        "compareAtPrice": None,
        "barcode": None,
        "product": {
            "__typename": "Product",
            "id": gid("Product", product_id(business, shop, sku)),
            "handle": sku.parent_asin.lower(),
            "title": sku.cell.category,
            "vendor": sku.brand,
            "productType": sku.cell.category,
            "status": "DRAFT" if is_draft else "ACTIVE",
        },
        "inventoryItem": {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", item_id(business, shop, sku)),
            "unitCost": {
                "__typename": "MoneyV2",
                "amount": amount(cost_of(business, shop, sku)),
                "currencyCode": shop.currency,
            },
        },
    }


def price_of(shop: Shop, sku: Sku) -> int:
    return round(sku.price * shop.price_factor)


def cost_of(business: Business, shop: Shop, sku: Sku) -> int:
    return round(sku.cost_on(business.last_day) * shop.price_factor)


def levels(business: Business, shop: Shop, sku: Sku) -> list[tuple[str, dict[str, int]]]:
    """The states of a SKU's stock at each location: about two thirds of what is available lies at the first one."""
    units = business.shop_stock(shop, business.last_day).get(sku, 0)
    first = units * 2 // 3
    found = []
    for name, available in zip(LOCATIONS, (first, units - first), strict=True):
        committed = stable_number(business.seed, shop.account_id, sku.sku, name) % 3
        incoming = stable_number(business.seed, shop.account_id, sku.sku, name, "incoming") % 20
        quantities = {
            "available": available,
            "committed": committed,
            "on_hand": available + committed,
            "incoming": incoming,
        }
        found.append((name, quantities))
    return found


def item_object(business: Business, shop: Shop, sku: Sku) -> dict[str, Any]:
    number = item_id(business, shop, sku)
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", number),
        "sku": sku.sku,
        "tracked": True,
        "inventoryLevels": Connection(
            level_object(shop, number, at, name, quantities)
            for at, (name, quantities) in enumerate(levels(business, shop, sku))
        ),
    }


def level_object(shop: Shop, item: int, at: int, name: str, held: dict[str, int]) -> dict[str, Any]:
    place = 70_000_000 + shop.index * 10 + at

    def quantities(names: list[str]) -> list[dict[str, Any]]:
        return [{"__typename": "InventoryQuantity", "name": each, "quantity": held[each]} for each in names]

    return {
        "__typename": "InventoryLevel",
        "id": f"gid://shopify/InventoryLevel/{item + place}?inventory_item_id={item}",
        "location": {"__typename": "Location", "id": gid("Location", place), "name": name},
        "quantities": quantities,
    }
