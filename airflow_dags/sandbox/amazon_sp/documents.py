"""The documents behind the two Selling Partner reports: the orders flat file and the Sales and Traffic JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from airflow_dags.sandbox.amazon_sp.kinds import JSON, ReportKind, instant
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import month_start
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID
from airflow_dags.sandbox.business.orders import DESTINATIONS
from airflow_dags.sandbox.business.records import PENDING, SHIPPING, DayTraffic, Line, Order, TrafficRow
from airflow_dags.sandbox.content import Place, rows_of
from airflow_dags.sandbox.state import SandboxState

ORDERS_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
TRAFFIC_REPORT = "GET_SALES_AND_TRAFFIC_REPORT"

ORDER_COLUMNS = (
    "amazon-order-id",
    "merchant-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "order-channel",
    "url",
    "ship-service-level",
    "product-name",
    "sku",
    "asin",
    "item-status",
    "quantity",
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "promotion-ids",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
)


Rows = list[dict[str, Any]]


def unspoiled(rows: Rows) -> Rows:
    return rows


def orders_document(  # noqa: PLR0917
    business: Business,
    account_id: str,
    start: datetime,
    end: datetime,
    revision: int,
    spoil: Callable[[Rows], Rows] = unspoiled,
) -> bytes | None:
    """The flat file of the orders last updated in [start, end): tab separated, Cp1252; None when there are none."""
    orders = business.orders_updated(account_id, start, end, revision)
    if not orders:
        return None
    rows = [dict(zip(ORDER_COLUMNS, _order_row(order, line), strict=True)) for order in orders for line in order.lines]
    rows = spoil(rows)
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def _order_row(order: Order, line: Line) -> list[str]:
    city, state, postal_code = DESTINATIONS[order.ship_to]
    has_price = line.price is not None
    price = line.price or 0
    if order.is_cancelled or line.is_cancelled:
        item_status = "Cancelled"
    else:
        item_status = "Unshipped" if order.status in (PENDING, SHIPPING) else "Shipped"
    shipping = 599 if order.is_merchant_fulfilled else 0
    return [
        order.order_id,
        order.order_id,
        order.purchased_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        order.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        order.status,
        "Merchant" if order.is_merchant_fulfilled else "Amazon",
        "Amazon.com",
        "",
        "",
        "Standard" if order.is_merchant_fulfilled else "Expedited",
        line.sku.name,
        line.sku.sku,
        line.sku.asin,
        item_status,
        str(line.quantity),
        CURRENCY if has_price else "",
        _money(price) if has_price else "",
        _money(round(price * 0.08)) if has_price else "",
        _money(shipping) if has_price and shipping else "",
        "",
        "",
        "",
        _money(line.promotion) if line.promotion else "",
        "",
        city,
        state,
        postal_code,
        "US",
        "PAWS-V2-SAVINGS" if line.promotion else "",
        "false",
        "",
        "",
    ]


def traffic_document(
    business: Business,
    account_id: str,
    request: dict[str, Any],
    revision: int,
    spoil: Callable[[Rows], Rows] = unspoiled,
) -> bytes | None:
    """The JSON report over the days of the request, both ends included; None when none of them has data."""
    start, end = report_days(request)
    options = {"dateGranularity": "DAY", "asinGranularity": "PARENT", **(request.get("reportOptions") or {})}
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    known = [traffic for day in days if (traffic := business.traffic(account_id, day, revision))]
    if not known:
        return None
    periods: dict[date, list[DayTraffic]] = {}
    for traffic in known:
        periods.setdefault(_period_start(traffic.day, options["dateGranularity"]), []).append(traffic)
    document = {
        "reportSpecification": {
            "reportType": TRAFFIC_REPORT,
            "reportOptions": options,
            "dataStartTime": start.isoformat(),
            "dataEndTime": end.isoformat(),
            "marketplaceIds": request.get("marketplaceIds") or [MARKETPLACE_ID],
        },
        "salesAndTrafficByDate": [_by_date(max(first, start), group) for first, group in periods.items()],
        "salesAndTrafficByAsin": spoil(_by_asin(known, options["asinGranularity"])),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def report_days(request: dict[str, Any]) -> tuple[date, date]:
    """The days of a request: this report reads only the date of its times; raises ValueError."""
    return date.fromisoformat(request["dataStartTime"][:10]), date.fromisoformat(request["dataEndTime"][:10])


def _period_start(day: date, granularity: str) -> date:
    """Amazon's weeks start on Sunday."""
    if granularity == "WEEK":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    return month_start(day) if granularity == "MONTH" else day


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _amount(cents: float) -> dict[str, Any]:
    return {"amount": round(cents) / 100, "currencyCode": CURRENCY}


def _percent(part: float, whole: float) -> float:
    return round(part / whole * 100, 2) if whole else 0.0


def _by_date(first: date, days: list[DayTraffic]) -> dict[str, Any]:
    rows = [row for traffic in days for row in traffic.rows]
    units, sales = sum(row.units for row in rows), sum(row.sales for row in rows)
    items, refunded = sum(row.order_items for row in rows), sum(row.units_refunded for row in rows)
    sessions = sum(row.sessions for row in rows) + sum(traffic.other_sessions for traffic in days)
    views_by_day = [sum(row.page_views for row in traffic.rows) + traffic.other_page_views for traffic in days]
    views = sum(views_by_day)
    buy_box = sum(v * traffic.buy_box for v, traffic in zip(views_by_day, days, strict=True))
    return {
        "date": first.isoformat(),
        "salesByDate": {
            "orderedProductSales": _amount(sales),
            "unitsOrdered": units,
            "totalOrderItems": items,
            "averageSalesPerOrderItem": _amount(sales / items if items else 0),
            "averageUnitsPerOrderItem": round(units / items, 2) if items else 0.0,
            "averageSellingPrice": _amount(sales / units if units else 0),
            "unitsRefunded": refunded,
            "refundRate": min(100.0, _percent(refunded, units)),
            "claimsGranted": 0,
            "claimsAmount": _amount(0),
            "shippedProductSales": _amount(sales),
            "unitsShipped": units,
            "ordersShipped": items,
        },
        "trafficByDate": {
            **_split("PageViews", views),
            "pageViews": views,
            **_split("Sessions", sessions),
            "sessions": sessions,
            "buyBoxPercentage": round(buy_box / views) / 100 if views else 0.0,
            "orderItemSessionPercentage": min(100.0, _percent(items, sessions)),
            "unitSessionPercentage": _percent(units, sessions),
            "averageOfferCount": len(days[0].rows),
            "averageParentItems": len({row.sku.parent_asin for row in days[0].rows}),
            "feedbackReceived": 0,
            "negativeFeedbackReceived": 0,
            "receivedNegativeFeedbackRate": 0.0,
        },
    }


def _split(name: str, total: int) -> dict[str, int]:
    """Two in three visits come through the app."""
    app = total * 2 // 3
    return {f"browser{name}": total - app, f"mobileApp{name}": app}


def _by_asin(days: list[DayTraffic], granularity: str) -> list[dict[str, Any]]:
    groups: dict[tuple[str, ...], list[TrafficRow]] = {}
    for traffic in days:
        for row in traffic.rows:
            if row.is_listed:
                sku = row.sku
                key = (sku.parent_asin, sku.asin, sku.sku)[: {"PARENT": 1, "CHILD": 2}.get(granularity, 3)]
                groups.setdefault(key, []).append(row)
    sessions = sum(row.sessions for rows in groups.values() for row in rows)
    views = sum(row.page_views for rows in groups.values() for row in rows)
    return [
        {
            **dict(zip(("parentAsin", "childAsin", "sku"), key, strict=False)),
            "salesByAsin": {
                "unitsOrdered": sum(row.units for row in rows),
                "orderedProductSales": _amount(sum(row.sales for row in rows)),
                "totalOrderItems": sum(row.order_items for row in rows),
            },
            "trafficByAsin": _traffic_by_asin(rows, sessions, views),
        }
        for key, rows in sorted(groups.items())
    ]


def _traffic_by_asin(rows: Iterable[TrafficRow], all_sessions: int, all_views: int) -> dict[str, Any]:
    rows = list(rows)
    sessions, views = sum(row.sessions for row in rows), sum(row.page_views for row in rows)
    buy_box = sum(row.page_views * row.buy_box for row in rows)
    session_share, view_share = _percent(sessions, all_sessions), _percent(views, all_views)
    return {
        **_split("Sessions", sessions),
        "sessions": sessions,
        "browserSessionPercentage": session_share,
        "mobileAppSessionPercentage": session_share,
        "sessionPercentage": session_share,
        **_split("PageViews", views),
        "pageViews": views,
        "browserPageViewsPercentage": view_share,
        "mobileAppPageViewsPercentage": view_share,
        "pageViewsPercentage": view_share,
        "buyBoxPercentage": round(buy_box / views) / 100 if views else 0.0,
        "unitSessionPercentage": _percent(sum(row.units for row in rows), sessions),
    }


def _orders(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    start, end = instant(request["dataStartTime"]), instant(request["dataEndTime"])
    spoil = partial(rows_of, state, Place("amazon_sp", "orders", account_id))
    return orders_document(state.business, account_id, start, end, revision, spoil)


def _traffic(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    spoil = partial(rows_of, state, Place("amazon_sp", "sales_and_traffic", account_id))
    return traffic_document(state.business, account_id, request, revision, spoil)


REPORT_KINDS = (
    ReportKind(ORDERS_REPORT, _orders, stream="orders"),
    ReportKind(
        TRAFFIC_REPORT,
        _traffic,
        JSON,
        {"dateGranularity": ("DAY", "WEEK", "MONTH"), "asinGranularity": ("PARENT", "CHILD", "SKU")},
        stream="sales_and_traffic",
    ),
)
