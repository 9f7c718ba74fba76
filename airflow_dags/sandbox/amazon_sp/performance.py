"""Account health (JSON by its published schema) and buyers' feedback (flat file)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.amazon_sp.kinds import JSON, ReportKind, instant
from airflow_dags.sandbox.amazon_sp.settlement import flat_file
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import MARKETPLACE_ID
from airflow_dags.sandbox.business.health import RULES, FeedbackGiven, Health, feedback_on, health_of
from airflow_dags.sandbox.content import Place, rows_of
from airflow_dags.sandbox.platforms import Total
from airflow_dags.sandbox.state import SandboxState

HEALTH_REPORT, FEEDBACK_REPORT = "GET_V2_SELLER_PERFORMANCE_REPORT", "GET_SELLER_FEEDBACK_DATA"
_COUNTS = {
    "lateShipmentRate": ("orderCount", "lateShipmentCount"),
    "preFulfillmentCancellationRate": ("orderCount", "cancellationCount"),
    "validTrackingRate": ("shipmentCount", "validTrackingCount"),
    "onTimeDeliveryRate": ("shipmentCountWithValidTracking", "onTimeDeliveryCount"),
}
_POLICY = (
    "listingPolicyViolations",
    "productAuthenticityCustomerComplaints",
    "productConditionCustomerComplaints",
    "productSafetyCustomerComplaints",
    "receivedIntellectualPropertyComplaints",
    "restrictedProductPolicyViolations",
    "suspectedIntellectualPropertyViolations",
    "foodAndProductSafetyIssues",
    "otherPolicyViolations",
    "documentRequests",
)


def _health(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    found = {one.metric: one for one in health_of(state.business, account_id, revision)}
    defects = found.pop("orderDefectRate")
    metrics = {
        "marketplaceId": MARKETPLACE_ID,
        "orderDefectRate": {"afn": _defects(defects, "afn"), "mfn": _defects(defects, "mfn")},
        **{name: _figures(one, *_COUNTS[name]) for name, one in found.items()},
        **{name: _policy(state.business.as_of) for name in _POLICY},
        "invoiceDefectRate": _invoices(found["lateShipmentRate"]),
        "unitOnTimeDeliveryRate": _figures(found["onTimeDeliveryRate"], "totalUnitCount", "unitOnTimeDeliveryCount"),
        "warningStates": [],
        "accountHealthRating": {"ahrStatus": "GREAT", "reportingDateRange": _range(state.business.as_of, 180)},
    }
    # What the metrics are called and how they are nested is the document; a planned fault spoils its metrics.
    [metrics] = rows_of(state, Place("amazon_sp", "account_health", account_id), [metrics])
    is_well = all(one.is_good for one in (defects, *found.values()))
    statuses = [{"marketplaceId": MARKETPLACE_ID, "status": "NORMAL" if is_well else "AT_RISK"}]
    return json.dumps({"accountStatuses": statuses, "performanceMetrics": [metrics]}).encode()


def _shared(one: Health) -> dict[str, Any]:
    return {
        "reportingDateRange": _days(one.first, one.last),
        "status": "GOOD" if one.is_good else "BAD",
        "rate": float(one.rate),
        "targetValue": float(one.target),
        "targetCondition": "LESS_THAN" if one.is_lower_better else "GREATER_THAN",
    }


def _figures(one: Health, denominator: str, numerator: str) -> dict[str, Any]:
    return {**_shared(one), denominator: one.orders, numerator: one.count}


def _defects(one: Health, fulfillment: str) -> dict[str, Any]:
    claims = one.count // 3
    return {
        **_shared(one),
        "orderCount": one.orders,
        "orderWithDefects": {"count": one.count, "status": "GOOD" if one.is_good else "BAD"},
        "claims": {"count": claims, "status": "NONE"},
        "chargebacks": {"count": 0, "status": "NONE"},
        "negativeFeedback": {"count": one.count - claims, "status": "NONE"},
        "fulfillmentType": fulfillment,
    }


def _invoices(one: Health) -> dict[str, Any]:
    nothing = {"count": 0, "status": "NONE"}
    defects = {"invoiceDefect": {"count": 0, "status": "GOOD"}, "missingInvoice": nothing, "lateInvoice": nothing}
    shared = {**_shared(one), "rate": 0, "targetValue": 0.05, "status": "GOOD"}
    return {**shared, "orderCount": one.orders, **defects}


def _policy(today: date) -> dict[str, Any]:
    return {
        "reportingDateRange": _range(today, 180),
        "defectsCount": 0,
        "status": "GOOD",
        "targetValue": 0,
        "targetCondition": "EQUALS",
    }


def _range(today: date, days: int) -> dict[str, str]:
    return _days(today - timedelta(days=days), today - timedelta(days=1))


def _days(first: date, last: date) -> dict[str, str]:
    return {"reportingDateFrom": f"{first}T00:00Z", "reportingDateTo": f"{last}T23:59Z"}


def _feedback(state: SandboxState, account_id: str, request: dict[str, Any], revision: int) -> bytes | None:
    first, last = (marketplace_day(instant(request[name])) for name in ("dataStartTime", "dataEndTime"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = [one for day in days for one in feedback_on(state.business, account_id, day, revision)]
    rows = [_feedback_row(one) for one in found]
    return flat_file(rows_of(state, Place("amazon_sp", "feedback", account_id), rows)) if rows else None


def _feedback_row(one: FeedbackGiven) -> dict[str, str]:
    return {
        "Date": f"{one.day.month}/{one.day.day}/{one.day:%y}",
        "Rating": str(one.rating),
        "Comments": one.comment,
        "Your Response": one.response,
        "Order ID": one.order_id,
        "Rater Email": f"{one.buyer:09d}@marketplace.amazon.example",
    }


def totals(business: Business, revision: int) -> Iterator[Total]:
    """The five rates of account health as of today; the number of ratings and the stars of feedback by day."""
    for account in business.catalogue.accounts:
        for one in health_of(business, account.account_id, revision):
            yield Total("account_health", account.account_id, business.as_of, one.metric, one.rate)
        for day in business.days():
            found = feedback_on(business, account.account_id, day, revision)
            counts = Counter({"ratings": len(found), "stars": sum(one.rating for one in found)})
            for measure, count in counts.items():
                if count:
                    yield Total("feedback", account.account_id, day, measure, Decimal(count))


METRICS = tuple(RULES)
REPORT_KINDS = (
    ReportKind(HEALTH_REPORT, _health, JSON, stream="account_health"),
    ReportKind(FEEDBACK_REPORT, _feedback, stream="feedback"),
)
