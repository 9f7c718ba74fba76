"""Budgets of all campaigns, as they are today: one row a campaign, a snapshot a day.

Read from the lists of campaigns (Products v3, Brands v4, Display), since reports show a budget only of campaigns that
were shown. ``budget`` is in the profile's currency, a day's unless ``budget_type`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="amazon_ads",
    stream="budgets",
    mode="snapshot",
    window_column="snapshot_date",
    unique=("snapshot_date", "ad_product", "campaign_id"),
    owned=("campaign_id",),
    columns=(
        Column("snapshot_date", "date", nullable=False),
        Column("ad_product", required=True, nullable=False),
        Column("campaign_id", required=True, nullable=False),
        Column("campaign_name"),
        Column("state", required=True),
        Column("budget", "numeric", required=True),
        Column("budget_type"),
        Column("start_date", "date"),
        Column("end_date", "date"),
    ),
)
_NAMES = [column.name for column in CONTRACT.columns if column.name != "snapshot_date"]


class Budgets(PullStream):
    contract = CONTRACT

    def __init__(self, settings: StreamSettings, lists: dict[str, dict[str, str]]) -> None:
        self.settings, self._lists = settings, lists

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        rows = [row for ad_product, facts in self._lists.items() for row in _campaigns(client, ad_product, facts)]
        return Extract(table_of_rows(rows, _NAMES))


def _campaigns(client: Any, ad_product: str, facts: dict[str, str]) -> Iterator[dict[str, Any]]:
    from airflow_dags.paging import follow

    def fetch(cursor: str | None) -> Any:
        return client.list_campaigns(facts, cursor)

    for campaign in follow(fetch, f"campaigns of {ad_product}", key=_id):
        budget = campaign.get("budget")
        # Products nest the budget, Brands and Display don't.
        nested = budget if isinstance(budget, dict) else campaign
        yield {
            "ad_product": ad_product,
            # A list without one of these was changed by Amazon; ingest refuses it as that.
            "campaign_id": campaign["campaignId"],
            "campaign_name": campaign.get("name"),
            "state": str(campaign["state"] or "").upper() or None,
            "budget": nested["budget"],
            "budget_type": str(nested.get("budgetType") or "").upper() or None,
            "start_date": campaign.get("startDate"),
            "end_date": campaign.get("endDate"),
        }


def _id(campaign: Any) -> str:
    return str(campaign.get("campaignId") if isinstance(campaign, dict) else campaign)
