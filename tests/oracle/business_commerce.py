"""Orders and visits of a random business, as each platform reports them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row

ORDERS = "orders"


def fill(found: Business) -> None:
    for account in found.of("amazon_sp"):
        _amazon_orders(found, account)
        _amazon_traffic(found, account)
    for account in found.of("shopify"):
        _shopify_orders(found, account)
        _shopify_sessions(found, account)
    for account in found.of("walmart"):
        _walmart_orders(found, account)
    for account in found.of("tiktok_shop"):
        _tiktok_orders(found, account)
        _tiktok_performance(found, account)


def _amazon_orders(found: Business, account: Account) -> None:
    make, rows = found.make, []
    for _ in range(make.whole(12, 30)):
        order = f"{make.name}-O{make.serial()}"
        at = make.instant(make.day(), account.time_zone or "UTC")
        status = make.one(("Shipped", "Shipped", "Shipped", "Pending", "Cancelled", "Unshipped", "cancelled"))
        channel = make.one(("Amazon.com",) * 8 + ("Non-Amazon US", None))
        for number in range(1, make.one((2, 2, 3, 4))):
            price = make.unkind(0, 80, null=0.5 if status == "Pending" else 0.04)
            discount = make.one((None, Decimal(0), Decimal(0), make.money(0, 5), -make.money(0, 5)))
            rows.append(
                {
                    "amazon_order_id": order,
                    "line_number": number,
                    "purchase_date": at,
                    "last_updated_date": at + timedelta(days=make.whole(0, 3)),
                    "order_status": status,
                    "item_status": make.one((status, status, status, "Cancelled", "Canceled", None, "")),
                    "fulfillment_channel": make.one(("Amazon", "Merchant")),
                    "sales_channel": channel,
                    "sku": found.sku(),
                    "quantity": 0 if status == "Cancelled" and make.chance(0.6) else make.whole(0, 4),
                    "currency": found.foreign(account) if price is not None else make.one((None, account.currency)),
                    "item_price": price,
                    "item_promotion_discount": discount,
                }
            )
    found.keep(ORDERS, account, [(row["amazon_order_id"], row["sku"]) for row in rows])
    found.load("amazon_sp__orders", account, rows)


def _amazon_traffic(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for day in make.any_days(5, 14):
        if make.chance(0.85):
            rows.append(_traffic(found, account, "date", day, None))
        rows += [_traffic(found, account, "asin", day, sku) for sku in make.some(found.skus)]
        if make.chance(0.1):  # a report by week beside those by day
            rows.append({**_traffic(found, account, "date", day, None), "date_granularity": "WEEK"})
            rows[-1]["period_end"] = day + timedelta(days=6)
    found.load("amazon_sp__sales_and_traffic", account, rows)


def _traffic(found: Business, account: Account, level: str, day: date, sku: str | None) -> Row:
    make = found.make
    return {
        "row_level": level,
        "date_granularity": "DAY" if level == "date" else None,
        "asin_granularity": "SKU" if level == "asin" else None,
        "period_start": day,
        "period_end": day,
        "child_asin": sku and f"ASIN-{sku}",
        "sku": sku,
        "units_ordered": make.count(0, 9),
        "ordered_product_sales": make.unkind(),
        "currency": account.currency,
        "sessions": make.count(0, 40),
        "page_views": make.count(0, 60),
        "buy_box_percentage": None if make.chance(0.15) else make.money(0, 100),
        "units_refunded": make.count(0, 2),
    }


def _shopify_orders(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(10, 25)):
        order, day = make.big_serial(), make.day()
        at = make.instant(day, account.time_zone or "UTC")
        processed = make.one((None, at, at, make.instant(make.later(day, -2, 2), account.time_zone or "UTC")))
        cancelled = at + timedelta(hours=5) if make.chance(0.12) else None
        included, test = make.one((False, False, True, None)), make.one((False,) * 9 + (True, None))
        for number in range(1, make.one((2, 2, 3))):
            gross = abs(make.unkind(0, 90, null=0) or 0)
            discount = make.one((None, Decimal(0), min(make.money(0, 9), Decimal(gross)), Decimal(gross)))
            # What is wholly discounted bears no tax.
            tax = make.money(0, 6) if gross > (discount or 0) else Decimal(0)
            rows.append(
                {
                    "order_id": order,
                    "line_number": number,
                    "line_id": make.big_serial(),
                    "created_at": at,
                    "processed_at": processed,
                    "updated_at": at + timedelta(days=1),
                    "cancelled_at": cancelled,
                    "is_test": test,
                    "is_tax_included": included,
                    "currency": make.one((account.currency, account.currency, account.currency.lower())),
                    "sku": found.sku() if make.chance(0.92) else make.one((None, "")),
                    "is_gift_card": make.one((False,) * 12 + (True,)),
                    "quantity": make.whole(0, 4),
                    "current_quantity": 0,
                    "gross_amount": Decimal(gross),
                    "discount_amount": discount,
                    "tax_amount": make.one((None, Decimal(0), tax)),
                }
            )
    found.keep(ORDERS, account, [(row["order_id"], row["sku"], row["line_id"]) for row in rows])
    found.load("shopify__orders", account, rows)


def _shopify_sessions(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = [
        {"day": day, "sessions": make.count(0, 60), "visitors": make.count(0, 50), "page_views": make.count(0, 200)}
        for day in make.any_days(6, 16)
    ]
    found.load("shopify__sessions", account, rows)


def _walmart_orders(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(10, 25)):
        order, day = f"{make.name}-P{make.serial()}", make.day()
        at = make.instant(day, account.time_zone or "UTC")
        kind = make.one((None, "REGULAR", "REGULAR", "REGULAR", "REPLACEMENT", "replacement"))
        timed = make.chance(0.8)
        for number in range(1, make.one((2, 2, 3))):
            status = make.one(("Delivered", "Shipped", "Acknowledged", "Created", "Cancelled"))
            rows.append(
                {
                    "purchase_order_id": order,
                    "line_number": number,
                    "customer_order_id": f"C{order}",
                    "order_date": make.later(day, -1, 1) if timed else day,
                    "ordered_at": at if timed else None,
                    "sku": found.sku(),
                    "status": status,
                    "quantity": make.whole(0, 3),
                    "currency": found.foreign(account, 0.03),
                    "product_amount": make.unkind(0, 70, null=0),
                    "order_type": kind,
                }
            )
    found.keep(ORDERS, account, [(row["purchase_order_id"], row["sku"]) for row in rows])
    found.load("walmart__orders", account, rows)


def _tiktok_orders(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for _ in range(make.whole(10, 25)):
        order, day = f"{make.name}-T{make.serial()}", make.day()
        at = make.instant(day, account.time_zone or "UTC")
        status = make.one(("COMPLETED", "DELIVERED", "IN_TRANSIT", "UNPAID", "CANCELLED", "AWAITING_SHIPMENT"))
        sample = make.one((False,) * 10 + (True, None))
        for number in range(1, make.one((2, 2, 3))):
            rows.append(
                {
                    "order_id": order,
                    "line_item_id": f"{order}-{number}",
                    "created_at": at,
                    "updated_at": at + timedelta(hours=make.whole(0, 60)),
                    "order_status": status,
                    "line_status": make.one((status, status, None, "CANCELLED", "CANCEL")),
                    "seller_sku": found.sku() if make.chance(0.93) else make.one((None, "")),
                    "sku_id": "1729",
                    "quantity": 1,
                    "currency": make.one((account.currency, None)),
                    "original_price": make.unkind(0, 50, null=0.03),
                    "sale_price": make.money(0, 50),
                    "seller_discount": make.one((None, Decimal(0), make.money(0, 4), -make.money(0, 4))),
                    "platform_discount": make.one((None, make.money(0, 4))),
                    "is_sample_order": sample,
                }
            )
    found.keep(ORDERS, account, [(row["order_id"], row["seller_sku"]) for row in rows])
    found.load("tiktok_shop__orders", account, rows)


def _tiktok_performance(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = [
        {
            "date": day,
            "currency": account.currency,
            "gmv": make.money(0, 300),
            "orders": make.count(0, 20),
            "units_sold": make.count(0, 30),
            "product_page_views": make.count(0, 90),
            "visitors": make.one((None, Decimal(make.whole(0, 50)), Decimal(make.whole(1, 50)))),
        }
        for day in make.any_days(6, 16)
    ]
    found.load("tiktok_shop__shop_performance", account, rows)
