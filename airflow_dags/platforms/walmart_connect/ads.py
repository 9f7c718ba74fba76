"""Sponsored Search by day, campaign, ad group and item: snapshot reports version 2 of type adItem.

Sales are attributed within 14 or 30 days of the click and restated for as long, so a window is replaced as a whole.
Days that Walmart has no report of yet are not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract
from airflow_dags.streams import ReportStatus, ReportStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

STATES = {"done": "done", "failed": "failed", "expired": "failed"}
NOTHING_YET = "nothing-until-"


def _column(name: str, metric: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    """A column under its own name (which is also how the Ad Center spells it) and under the metric's."""
    return Column(name, kind, required, nullable, sources=(metric, name))  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="walmart_connect",
    stream="ads",
    mode="window",
    report_name="Walmart Connect's item report (snapshot v2, adItem)",
    window_column="date",
    unique=("date", "campaign_id", "ad_group_id", "item_id"),
    owned=("campaign_id",),
    columns=(
        _column("date", "date", "date", required=True, nullable=False),
        _column("campaign_id", "campaignId", required=True, nullable=False),
        _column("campaign_name", "campaignName"),
        _column("ad_group_id", "adGroupId", required=True, nullable=False),
        _column("ad_group_name", "adGroupName"),
        _column("item_id", "itemId", required=True, nullable=False),
        _column("item_name", "itemName"),
        _column("impressions", "numAdsShown", "bigint", required=True),
        _column("clicks", "numAdsClicks", "bigint", required=True),
        _column("ad_spend", "adSpend", "numeric", required=True),
        _column("attributed_orders_14days", "attributedOrders14days", "integer"),
        _column("attributed_sales_14days", "attributedSales14days", "numeric", required=True),
        _column("attributed_sales_30days", "attributedSales30days", "numeric"),
        _column("units_sold_14days", "unitsSold14days", "integer"),
        _column("units_sold_30days", "unitsSold30days", "integer"),
    ),
)


class Ads(ReportStream):
    """One report type, asked for with exactly the contract's columns."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = CONTRACT, settings
        self._report_type = str((settings.options or {})["reportType"])

    @property
    def fingerprint(self) -> str:
        return f"reportType={self._report_type}"

    def request(self, client: Any, account: Account, window: Window) -> str:
        latest = client.latest_report_dates().get(self._report_type)
        if latest is not None and window.start > latest:
            return f"{NOTHING_YET}{window.start}"
        return str(
            client.create_snapshot(
                {
                    "advertiserId": int(client.advertiser_id),
                    "reportType": self._report_type,
                    "startDate": str(window.start),
                    "endDate": str(window.end if latest is None else min(window.end, latest)),
                    "reportMetrics": [column.names[0] for column in CONTRACT.columns],
                }
            )
        )

    def check(self, client: Any, report_id: str) -> ReportStatus:
        if report_id.startswith(NOTHING_YET):
            return ReportStatus("empty")
        answer = client.snapshot(report_id)
        status = str(answer.get("jobStatus"))
        state = STATES.get(status, "requested")
        reason = f"Walmart Connect gave up on snapshot {report_id}: {status}" if state == "failed" else None
        # The address holds for a day, so what is kept is the snapshot's id.
        return ReportStatus(state, report_id if state == "done" else None, reason)  # type: ignore[arg-type]

    def download(self, client: Any, document_id: str) -> Document:
        return client.download(document_id, "ads")  # type: ignore[no-any-return]
