"""Small documents in the platforms' own shapes, with figures chosen by hand."""

from __future__ import annotations

import json
from typing import Any

ORDER_COLUMNS = [
    "amazon-order-id",
    "merchant-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "product-name",
    "sku",
    "asin",
    "item-status",
    "quantity",
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "item-promotion-discount",
    "ship-promotion-discount",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
]


def order(order_id: str = "111-0000001-0000001", **changes: Any) -> dict[str, Any]:
    """One order line: two lamps for 25.98 in all."""
    line = {
        "amazon-order-id": order_id,
        "merchant-order-id": order_id,
        "purchase-date": "2026-11-01T06:30:00+00:00",
        "last-updated-date": "2026-11-02T10:00:00+00:00",
        "order-status": "Shipped",
        "fulfillment-channel": "Amazon",
        "sales-channel": "Amazon.com",
        "product-name": "Lamp",
        "sku": "LMP-001",
        "asin": "B000000001",
        "item-status": "Shipped",
        "quantity": "2",
        "currency": "USD",
        "item-price": "25.98",
        "item-tax": "2.14",
        "shipping-price": "",
        "item-promotion-discount": "1.50",
        "ship-promotion-discount": "",
        "ship-city": "Reno",
        "ship-state": "NV",
        "ship-postal-code": "89501",
        "ship-country": "US",
    }
    return {**line, **{name.replace("_", "-"): value for name, value in changes.items()}}


def orders_file(lines: list[dict[str, Any]], encoding: str = "utf-8") -> bytes:
    """The flat file that Amazon makes of order lines."""
    names = list(dict.fromkeys([*ORDER_COLUMNS, *(name for line in lines for name in line)]))
    rows = ["\t".join(names), *("\t".join(str(line.get(name, "")) for name in names) for line in lines)]
    return ("\r\n".join(rows) + "\r\n").encode(encoding)


def traffic_file(day: str, skus: dict[str, tuple[int, str]], **changes: Any) -> bytes:
    """A one-day sales and traffic report: units and sales by SKU."""
    units = sum(amount for amount, _ in skus.values())
    sales = sum(float(value) for _, value in skus.values())
    report = {
        "reportSpecification": {
            "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
            "reportOptions": {"dateGranularity": "DAY", "asinGranularity": "SKU"},
            "dataStartTime": day,
            "dataEndTime": day,
            "marketplaceIds": ["ATVPDKIKX0DER"],
            **changes,
        },
        "salesAndTrafficByDate": [
            {
                "date": day,
                "salesByDate": {
                    "orderedProductSales": {"amount": round(sales, 2), "currencyCode": "USD"},
                    "unitsOrdered": units,
                    "totalOrderItems": units,
                    "unitsRefunded": 0,
                },
                "trafficByDate": {"sessions": 100, "pageViews": 150, "buyBoxPercentage": 97.5},
            }
        ],
        "salesAndTrafficByAsin": [
            {
                "parentAsin": f"B{number:09}",
                "childAsin": f"B{number:09}",
                "sku": sku,
                "salesByAsin": {
                    "unitsOrdered": amount,
                    "orderedProductSales": {"amount": float(value), "currencyCode": "USD"},
                    "totalOrderItems": amount,
                },
                "trafficByAsin": {"sessions": 10, "pageViews": 15, "buyBoxPercentage": 97.5},
            }
            for number, (sku, (amount, value)) in enumerate(skus.items())
        ],
    }
    return json.dumps(report).encode()


def ad_row(
    day: str, campaign: str = "501", ad_group: str = "601", cost: str = "1.25", **changes: Any
) -> dict[str, Any]:
    row = {
        "date": day,
        "campaignId": int(campaign),
        "campaignName": "Brand",
        "campaignStatus": "ENABLED",
        "campaignBudgetAmount": 50,
        "campaignBudgetCurrencyCode": "USD",
        "adGroupId": int(ad_group),
        "adGroupName": "Lamps",
        "impressions": 1000,
        "clicks": 10,
        "cost": float(cost),
        **{f"purchases{days}d": 1 for days in (1, 7, 14, 30)},
        **{f"sales{days}d": 12.99 for days in (1, 7, 14, 30)},
    }
    return {**row, **changes}


def ads_file(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows).encode()
