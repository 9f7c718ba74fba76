"""Seller performance as /v3/insights/performance/<metric>/summary gives it: a rate with its standard."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.walmart_service import METRICS, rate
from airflow_dags.sandbox.state import iso

# Walmart's two shapes: an overall rate beside the seller's own, or one cumulative rate.
OVERALL = ("otd", "srr")
SHIPPING_METHODS = ("ALL_METHODS", "TwoDay", "OneDay")
DURATIONS = (14, 30, 60, 90)
STANDARDS = {
    "otd": ("90% or above", 90),
    "vtr": ("99% or above", 99),
    "srr": ("95% or above", 95),
    "cancellations": ("2% or below", 2),
    "lateShipment": ("2% or below", 2),
    "refunds": ("6% or below", 6),
}


def summary(business: Business, shop: Shop, metric: str, days: int, revision: int) -> dict[str, Any] | None:
    """The payload, or None where Walmart answers 204: no order counts."""
    if metric not in METRICS or days not in DURATIONS:
        raise LookupError(metric)
    found = rate(business, shop, metric, days=days, revision=revision)
    if found is None:
        return None
    standard = STANDARDS.get(metric, ("", None))[0]
    payload: dict[str, Any] = {
        "reportDuration": days,
        "updatedTimestamp": iso(shop.day_start(business.as_of)),
    }
    if metric in OVERALL:
        payload |= {
            "overallRate": float(found.percent),
            "overallTrend": "NEUTRAL",
            "sellerAccountableRate": float(found.accountable_percent),
            "sellerAccountableTrend": "GREEN_UP",
            "impactedCustomerCount": found.affected,
        }
    else:
        payload |= {
            "cumulativeRate": float(found.percent),
            "cumulativeRateTrend": "NEUTRAL",
            "ordersImpacted": found.affected,
            "gmvLoss": found.lost_cents / 100,
        }
    if standard:
        payload |= {"standard": standard, "performanceStandard": standard}
    return payload | {"riskLevel": "Good", "performanceRiskLevel": "Good", "recommendations": []}
