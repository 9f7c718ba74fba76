"""Seller performance of a day: one row a metric and window, the rate and its standard as Walmart gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.walmart.cells import field_names, inner, table_of, unknown
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="walmart",
    stream="performance",
    mode="snapshot",
    report_name="Walmart seller performance",
    window_column="snapshot_date",
    unique=("snapshot_date", "metric", "report_days"),
    columns=(
        Column("snapshot_date", "date"),
        Column("metric", required=True, nullable=False),
        Column("report_days", "integer", required=True, nullable=False),
        # Per cent. Some metrics have an overall rate beside the one that the seller answers for, others one rate.
        Column("rate", "numeric", required=True),
        Column("seller_accountable_rate", "numeric"),
        Column("trend"),
        # In Walmart's words, as "90% or above".
        Column("standard"),
        Column("risk_level"),
        Column("orders_impacted", "integer"),
        Column("customers_impacted", "integer"),
        Column("gmv_loss", "numeric"),
        Column("updated_at", "timestamp"),
    ),
)
# What Walmart publishes of a summary; what else comes is news.
FIELDS = field_names(
    "reportDuration updatedTimestamp shippingMethod overallRate overallTrend sellerAccountableRate "
    "sellerAccountableTrend cumulativeRate cumulativeRateTrend impactedCustomerCount impactedCustomerTrend gmvLoss "
    "gmvLossTrend ordersImpacted ordersImpactedTrend standard performanceStandard riskLevel performanceRiskLevel "
    "sellerAccountableDrivers nonAccountableDrivers recommendations"
)


class Performance(PullStream):
    """The metrics of ``settings.options``, each with the days of its window."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = CONTRACT, settings

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        rows = []
        for metric, days in (self.settings.options or {}).items():
            path = f"/v3/insights/performance/{metric}/summary"
            answer = client.get_json(f"performance {metric}", path, {"reportDuration": str(days)})
            # No answer (204): Walmart has nothing to judge by; a missing rate is not a rate of zero.
            if (payload := inner(answer, "payload")) is not None:
                rows.append(_row(metric, days, payload))
        return Extract(table_of(rows, CONTRACT, but="snapshot_date"))


def _row(metric: str, days: Any, payload: Any) -> dict[str, Any]:
    overall, cumulative = inner(payload, "overallRate"), inner(payload, "cumulativeRate")
    return {
        "metric": metric,
        "report_days": inner(payload, "reportDuration") or str(days),
        "rate": overall if overall is not None else cumulative,
        "seller_accountable_rate": inner(payload, "sellerAccountableRate"),
        "trend": inner(payload, "overallTrend") or inner(payload, "cumulativeRateTrend"),
        "standard": inner(payload, "performanceStandard") or inner(payload, "standard"),
        "risk_level": inner(payload, "performanceRiskLevel") or inner(payload, "riskLevel"),
        "orders_impacted": inner(payload, "ordersImpacted"),
        "customers_impacted": inner(payload, "impactedCustomerCount"),
        "gmv_loss": inner(payload, "gmvLoss"),
        "updated_at": inner(payload, "updatedTimestamp"),
        **(unknown(payload, FIELDS, "summary") if isinstance(payload, dict) else {}),
    }
