"""Sales and traffic (JSON): one row a day of the account, one a day and SKU.

The pipeline asks for one day at a time by SKU. A file of another granularity loads too: its rows keep their granularity
and range, and replace rows of the same granularity only.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, Scope, Window
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.amazon_sp.reports import SpReportStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

CONTRACT = Contract(
    platform="amazon_sp",
    stream="sales_and_traffic",
    mode="window",
    report_name="GET_SALES_AND_TRAFFIC_REPORT",
    window_column="period_start",
    seller_ids=("sku",),
    unique=(
        "period_start",
        "period_end",
        "row_level",
        "date_granularity",
        "asin_granularity",
        "parent_asin",
        "child_asin",
        "sku",
    ),
    columns=(
        Column("row_level", nullable=False),
        Column("date_granularity"),
        Column("asin_granularity"),
        Column("period_start", "date", required=True, nullable=False),
        Column("period_end", "date", required=True, nullable=False),
        Column("parent_asin", sources=("parentAsin",)),
        Column("child_asin", sources=("childAsin",)),
        Column("sku"),
        Column("units_ordered", "integer", required=True, sources=("unitsOrdered",)),
        Column("ordered_product_sales", "numeric", required=True, sources=("orderedProductSales",)),
        Column("currency", sources=("currencyCode",)),
        Column("total_order_items", "integer", sources=("totalOrderItems",)),
        Column("sessions", "integer", required=True),
        Column("page_views", "integer", sources=("pageViews",)),
        Column("buy_box_percentage", "numeric", sources=("buyBoxPercentage",)),
        Column("units_refunded", "integer", sources=("unitsRefunded",)),
    ),
    # Published figures that derive from those above, or split them by device, or by business buyers.
    ignored=frozenset(
        [
            "averageSalesPerOrderItem",
            "averageUnitsPerOrderItem",
            "averageSellingPrice",
            "refundRate",
            "claimsGranted",
            "claimsAmount",
            "shippedProductSales",
            "unitsShipped",
            "ordersShipped",
            "browserPageViews",
            "mobileAppPageViews",
            "browserSessions",
            "mobileAppSessions",
            "orderItemSessionPercentage",
            "unitSessionPercentage",
            "averageOfferCount",
            "averageParentItems",
            "feedbackReceived",
            "negativeFeedbackReceived",
            "receivedNegativeFeedbackRate",
            "browserSessionPercentage",
            "mobileAppSessionPercentage",
            "sessionPercentage",
            "browserPageViewsPercentage",
            "mobileAppPageViewsPercentage",
            "pageViewsPercentage",
            "orderedProductSalesB2B",
            "unitsOrderedB2B",
            "totalOrderItemsB2B",
            "averageSalesPerOrderItemB2B",
            "averageUnitsPerOrderItemB2B",
            "averageSellingPriceB2B",
            "browserPageViewsB2B",
            "mobileAppPageViewsB2B",
            "pageViewsB2B",
            "browserSessionsB2B",
            "mobileAppSessionsB2B",
            "sessionsB2B",
            "buyBoxPercentageB2B",
            "orderItemSessionPercentageB2B",
            "unitSessionPercentageB2B",
            "browserSessionPercentageB2B",
            "mobileAppSessionPercentageB2B",
            "sessionPercentageB2B",
            "browserPageViewsPercentageB2B",
            "mobileAppPageViewsPercentageB2B",
            "pageViewsPercentageB2B",
        ]
    ),
)
_CELLS = [name for column in CONTRACT.columns for name in column.names]


class SalesAndTraffic(SpReportStream):
    contract = CONTRACT

    def bounds(self, account: Account, window: Window) -> tuple[str, str]:
        """The report takes the dates of the marketplace and disregards the time."""
        return f"{window.start}T00:00:00Z", f"{window.end}T00:00:00Z"

    def recognises(self, names: Collection[str]) -> float:
        return 1.0 if {"reportSpecification", "salesAndTrafficByDate"} <= set(names) else super().recognises(names)

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_json, table_of_rows

        if document.plain().lstrip()[:1] != b"{":
            raise WrongDocument(
                f"{document.name} is not a {self.contract.report_name} (JSON); nothing was changed; "
                "check --stream, or download this report"
            )
        report = read_json(document)
        specification = self._specification(report, document.name)
        self.refuse_other_marketplace(account, document.name, specification.get("marketplaceIds") or [])
        window = _window(specification, document.name)
        options = specification.get("reportOptions") or {}
        by_date = str(options.get("dateGranularity") or "DAY")
        by_asin = str(options.get("asinGranularity") or "PARENT")
        shared = {"date_granularity": by_date, "asin_granularity": by_asin}
        try:
            rows = [{**shared, **_date_row(item, by_date)} for item in report["salesAndTrafficByDate"]]
            span = {"row_level": "asin", "period_start": window.start, "period_end": window.end}
            rows += [{**shared, **span, **_asin_row(item)} for item in report["salesAndTrafficByAsin"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DocumentBroken(
                f"{document.name} is not built like a {self.contract.report_name} ({type(error).__name__}: {error}); "
                f"nothing was changed"
            ) from None
        names = list(dict.fromkeys([*_CELLS, *(name for row in rows for name in row)]))
        dates = _covered(window, rows)
        scopes = [
            Scope(dates, (("row_level", "date"), ("date_granularity", by_date))),
            Scope(
                window,
                (
                    ("row_level", "asin"),
                    ("asin_granularity", by_asin),
                    ("period_start", window.start),
                    ("period_end", window.end),
                ),
            ),
        ]
        return Extract(
            table_of_rows(rows, names),
            window=window.union(dates),
            scopes=scopes,
            marketplace_ids=tuple(specification.get("marketplaceIds") or ()),
            currency=next((row["currencyCode"] for row in rows if row.get("currencyCode")), None),
        )

    def _specification(self, report: Any, name: str) -> dict[str, Any]:
        specification = report.get("reportSpecification") if isinstance(report, dict) else None
        found = specification.get("reportType") if isinstance(specification, dict) else None
        if found != self.contract.report_name:
            raise WrongDocument(
                f"{name} is {f'a {found}' if found else 'no report of Amazon'}, not a {self.contract.report_name}; "
                "nothing was changed; check --stream, or download this report"
            )
        missing = [
            part
            for part in ("salesAndTrafficByDate", "salesAndTrafficByAsin")
            if not isinstance(report.get(part), list)
        ]
        if missing:
            raise WrongDocument(f"{name} lacks {', '.join(missing)}; nothing was changed; download it again")
        return dict(specification or {})


def _window(specification: dict[str, Any], name: str) -> Window:
    try:
        return Window(*(date.fromisoformat(str(specification[key])[:10]) for key in ("dataStartTime", "dataEndTime")))
    except (KeyError, ValueError):
        raise DocumentBroken(
            f"{name} doesn't say which days it covers (dataStartTime, dataEndTime); nothing was changed"
        ) from None


def _date_row(item: dict[str, Any], granularity: str) -> dict[str, Any]:
    start = date.fromisoformat(item["date"])
    return {"row_level": "date", "period_start": start, "period_end": _last_day(start, granularity), **_flat(item)}


def _asin_row(item: dict[str, Any]) -> dict[str, Any]:
    """The parts that Amazon always sends; a row without them would be another row."""
    for part in ("parentAsin", "salesByAsin", "trafficByAsin"):
        if not isinstance(item[part], str if part == "parentAsin" else dict):
            raise TypeError(f"{part} is of another type")
    return _flat(item)


def _last_day(start: date, granularity: str) -> date:
    if granularity == "WEEK":
        return start + timedelta(days=6)
    if granularity == "MONTH":
        return start.replace(day=calendar.monthrange(start.year, start.month)[1])
    return start


def _covered(window: Window, rows: list[dict[str, Any]]) -> Window:
    """The days of the rows by date: a week or month may begin before the report's range."""
    starts = [row["period_start"] for row in rows if row["row_level"] == "date"]
    return Window(min([window.start, *starts]), max([window.end, *starts]))


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """One row of the report's parts; amounts are objects with their currency."""
    row: dict[str, Any] = {}
    for name, part in item.items():
        for key, value in part.items() if isinstance(part, dict) else [(name, part)]:
            if isinstance(value, dict) and "amount" in value:
                row[key] = value["amount"]
                row.setdefault("currencyCode", value.get("currencyCode"))
            elif key != "date":
                row[key] = value
    return row
