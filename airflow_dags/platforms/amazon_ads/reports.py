"""Reports of the Ads API v3: daily rows, complete for their dates, restated for weeks.

A window is replaced as a whole, so that a day which a restatement left without rows is left without rows here too.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, Window
from airflow_dags.errors import WrongDocument
from airflow_dags.streams import ReportStatus, ReportStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

STATES = {"COMPLETED": "done", "FAILED": "failed"}
_ATTRIBUTION_DAYS = (1, 7, 14, 30)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def column(name: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    return Column(name, kind, required, nullable, sources=(_camel(name),))  # type: ignore[arg-type]


def figures() -> tuple[Column, ...]:
    """Impressions to sales, with the four attribution windows; sellers' figures use 7 days."""
    return (
        column("impressions", "bigint", required=True),
        column("clicks", "bigint", required=True),
        column("cost", "numeric", required=True),
        *(column(f"purchases_{days}d", "integer", required=days == 7) for days in _ATTRIBUTION_DAYS),
        *(column(f"sales_{days}d", "numeric", required=days == 7) for days in _ATTRIBUTION_DAYS),
    )


CAMPAIGNS = Contract(
    platform="amazon_ads",
    stream="sp_campaigns",
    mode="window",
    report_name="spCampaigns by campaign and ad group",
    window_column="date",
    unique=("date", "campaign_id", "ad_group_id"),
    owned=("campaign_id",),
    columns=(
        column("date", "date", required=True, nullable=False),
        column("campaign_id", required=True, nullable=False),
        column("campaign_name"),
        column("campaign_status"),
        column("campaign_budget_amount", "numeric"),
        column("campaign_budget_currency_code"),
        column("ad_group_id", required=True, nullable=False),
        column("ad_group_name"),
        *figures(),
    ),
)

ADVERTISED_PRODUCT = Contract(
    platform="amazon_ads",
    stream="sp_advertised_product",
    mode="window",
    report_name="spAdvertisedProduct",
    window_column="date",
    unique=("date", "campaign_id", "ad_group_id", "ad_id", "advertised_sku", "advertised_asin"),
    owned=("campaign_id",),
    columns=(
        column("date", "date", required=True, nullable=False),
        column("campaign_id", required=True, nullable=False),
        column("ad_group_id", required=True, nullable=False),
        column("ad_id"),
        column("advertised_asin", required=True),
        column("advertised_sku", required=True),
        column("campaign_name"),
        column("ad_group_name"),
        column("campaign_budget_currency_code"),
        *figures(),
    ),
)


class AdsReport(ReportStream):
    """One report type, asked for with exactly the contract's columns."""

    def __init__(self, contract: Contract, settings: StreamSettings) -> None:
        self.contract, self.settings = contract, settings
        self._options = dict(settings.options or {})

    @property
    def fingerprint(self) -> str:
        return " ".join(f"{name}={value}" for name, value in sorted(self._options.items()))

    def configuration(self) -> dict[str, Any]:
        return {
            "adProduct": self._options["adProduct"],
            "groupBy": str(self._options["groupBy"]).split(","),
            "columns": [column.names[0] for column in self.contract.columns],
            "reportTypeId": self._options["reportTypeId"],
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        }

    def request(self, client: Any, account: Account, window: Window) -> str:
        return str(client.create_report(f"{self.name} {window}", window.start, window.end, self.configuration()))

    def check(self, client: Any, report_id: str) -> ReportStatus:
        report = client.get_report(report_id)
        state = STATES.get(report["status"], "requested")
        reason = (
            f"Amazon gave up on report {report_id}: {report.get('failureReason') or 'no reason'}"
            if state == "failed"
            else None
        )
        # The address expires within the hour, so what is kept is the report's id: its address is asked for when it is
        # downloaded.
        return ReportStatus(state, report_id if state == "done" else None, reason)  # type: ignore[arg-type]

    def download(self, client: Any, document_id: str) -> Document:
        return client.download(document_id, self.name)  # type: ignore[no-any-return]

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_json, read_table

        if document.start(1) == b"{":
            read_json(document)
            raise WrongDocument(
                f"{document.name} is not {self.contract.report_name} (a JSON list of rows); nothing was changed; "
                f"check --stream"
            )
        return self._extract(*read_table(document))

    def _extract(self, table: Any, broken: list[tuple[int, str, str]]) -> Extract:
        import pyarrow as pa

        if not table.num_rows and not table.num_columns:
            # An empty list has no columns either: it is a window without rows, not a wrong document.
            table = pa.table({column.names[0]: pa.array([], pa.string()) for column in self.contract.columns})
        return Extract(table, broken=broken)
