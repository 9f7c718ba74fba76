"""Account health (GET_V2_SELLER_PERFORMANCE_REPORT, JSON): one row a metric of the account's marketplace, as of today.

``rate`` and ``target_value`` are fractions, kept as Amazon gives them: they don't always follow from the counts (not in
Amazon's own example either). ``numerator`` and ``denominator`` are those counts; the days are the metric's own range.
Amazon's example and its schema spell some metrics differently; they are stored under the schema's names. Order defects
come by fulfilment (afn: Amazon's, mfn: the seller's), with a row for each kind of defect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.amazon_sp.days import DayWindowStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

CONTRACT = Contract(
    platform="amazon_sp",
    stream="account_health",
    mode="snapshot",
    report_name="GET_V2_SELLER_PERFORMANCE_REPORT",
    window_column="snapshot_date",
    unique=("snapshot_date", "metric", "fulfillment_type"),
    columns=(
        Column("snapshot_date", "date", nullable=False),
        Column("marketplace_id"),
        Column("account_status"),
        Column("metric", required=True, nullable=False),
        Column("fulfillment_type"),
        Column("status", required=True),
        Column("rate", "numeric"),
        Column("target_value", "numeric"),
        Column("target_condition"),
        Column("numerator", "bigint"),
        Column("denominator", "bigint"),
        Column("reporting_from", "date"),
        Column("reporting_to", "date"),
    ),
)
_SPELLINGS = {
    "prefulfillmentCancelRate": "preFulfillmentCancellationRate",
    "documentRequest": "documentRequests",
    "warningState": "warningStates",
}
_NUMERATORS = (
    "lateShipmentCount",
    "cancellationCount",
    "onTimeDeliveryCount",
    "validTrackingCount",
    "unitOnTimeDeliveryCount",
    "defectsCount",
)
_STATUSES = ("status", "ahrStatus", "accountHealthRatingStatus")
_DENOMINATORS = ("orderCount", "shipmentCountWithValidTracking", "shipmentCount", "totalUnitCount")
_NAMES = [column.name for column in CONTRACT.columns if column.name != "snapshot_date"]


class AccountHealth(DayWindowStream):
    contract = CONTRACT

    def recognises(self, names: Collection[str]) -> float:
        return 1.0 if {"accountStatuses", "performanceMetrics"} <= set(names) else super().recognises(names)

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_json, table_of_rows

        report = read_json(document) if document.plain().lstrip()[:1] == b"{" else None
        if not isinstance(report, dict) or not isinstance(report.get("performanceMetrics"), list):
            raise WrongDocument(
                f"{document.name} is not a {self.contract.report_name} (JSON with performanceMetrics); nothing was "
                "changed; check --stream, or download this report"
            )
        try:
            metrics = {str(one["marketplaceId"]): one for one in report["performanceMetrics"]}
            statuses = {one["marketplaceId"]: one.get("status") for one in report.get("accountStatuses") or []}
            self.refuse_other_marketplace(account, document.name, metrics)
            wanted = self.marketplace_id(account)
            shared = {"marketplace_id": wanted, "account_status": statuses.get(wanted)}
            rows = [{**shared, **row} for row in _rows(metrics.get(wanted, {}))]
        except (AttributeError, KeyError, TypeError) as error:
            raise DocumentBroken(
                f"{document.name} is not built like a {self.contract.report_name} ({type(error).__name__}: {error}); "
                "nothing was changed"
            ) from None
        names = list(dict.fromkeys([*_NAMES, *(name for row in rows for name in row)]))
        return Extract(table_of_rows(rows, names), marketplace_ids=tuple(metrics))


def _rows(metrics: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every metric of one marketplace under the contract's names; a new one comes without anybody naming it."""
    for given, metric in metrics.items():
        name = _SPELLINGS.get(given, given)
        if name == "orderDefectRate":
            for fulfillment, part in metric.items():
                yield from _order_defects(fulfillment, part)
        elif name == "warningStates":
            for warning in metric:
                yield {"metric": f"{name}/{warning['warningType']}", "status": warning.get("status")}
        elif isinstance(metric, dict):
            yield {"metric": name, **_figures(metric)}
            for part in (part for part in ("invoiceDefect", "missingInvoice", "lateInvoice") if part in metric):
                yield _counted(f"{name}/{part}", metric[part], metric)


def _order_defects(fulfillment: str, metric: dict[str, Any]) -> Iterator[dict[str, Any]]:
    shared = {"fulfillment_type": fulfillment}
    figures = _figures(metric)
    yield {**shared, "metric": "orderDefectRate", **figures, "numerator": metric["orderWithDefects"]["count"]}
    for part in ("claims", "chargebacks", "negativeFeedback"):
        yield {**shared, **_counted(f"orderDefectRate/{part}", metric[part], metric)}


def _figures(metric: dict[str, Any]) -> dict[str, Any]:
    days = metric.get("reportingDateRange") or {}
    return {
        "status": next((metric[name] for name in _STATUSES if metric.get(name)), None),
        "rate": metric.get("rate"),
        "target_value": metric.get("targetValue"),
        "target_condition": metric.get("targetCondition"),
        "numerator": next((metric[name] for name in _NUMERATORS if name in metric), None),
        "denominator": next((metric[name] for name in _DENOMINATORS if name in metric), None),
        # The range ends at 23:59 of a day; only the days are kept.
        "reporting_from": (days.get("reportingDateFrom") or "")[:10] or None,
        "reporting_to": (days.get("reportingDateTo") or "")[:10] or None,
    }


def _counted(name: str, part: dict[str, Any], metric: dict[str, Any]) -> dict[str, Any]:
    """A part of a metric that is a count only, out of the metric's own orders and days."""
    whole = _figures(metric)
    kept = {key: whole[key] for key in ("denominator", "reporting_from", "reporting_to")}
    return {"metric": name, "status": part.get("status"), "numerator": part.get("count"), **kept}
