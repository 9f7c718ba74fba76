"""Sessions of the online store: one row a day of the shop's own zone, asked for in ShopifyQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import RequestRefused, ServerUnavailable
from airflow_dags.platforms.shopify.bulk import inner
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

METRICS = ("sessions", "online_store_visitors", "pageviews", "sessions_that_completed_checkout")
ASK = """
query Sessions($query: String!) {
  shopifyqlQuery(query: $query) { tableData { columns { name dataType } rows } parseErrors }
}
"""
CONTRACT = Contract(
    platform="shopify",
    stream="sessions",
    mode="window",
    report_name="Shopify sessions over time (ShopifyQL, or the export of that report)",
    window_column="day",
    unique=("day",),
    columns=(
        Column("day", "date", required=True, nullable=False, sources=("day", "Day")),
        Column("sessions", "bigint", required=True, sources=("sessions", "Sessions")),
        # Distinct on the day: days don't add up to the visitors of a month.
        Column("visitors", "bigint", sources=("online_store_visitors", "Online store visitors", "visitors")),
        Column("page_views", "bigint", sources=("pageviews", "Pageviews", "page_views")),
        Column(
            "converted_sessions",
            "bigint",
            sources=(
                "sessions_that_completed_checkout",
                "Sessions that completed checkout",
                "Sessions completed checkout",
                "converted_sessions",
            ),
        ),
    ),
    ignored=frozenset(
        ["Conversion rate", "Sessions with cart additions", "Sessions that reached checkout", "Added to cart rate"]
    ),
)


class Sessions(PullStream):
    """Sessions by day; the last days are counted further, so a few are read again."""

    def __init__(self, settings: StreamSettings) -> None:
        self.contract, self.settings = CONTRACT, settings

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        query = shopifyql(window)
        found = client.query("shopifyqlQuery", ASK, {"query": query}).get("shopifyqlQuery") or {}
        if errors := found.get("parseErrors"):
            reason = errors[0] if isinstance(errors, list) else errors
            raise RequestRefused(
                f"{client.title}: Shopify doesn't understand the question for sessions ({str(reason)[:200]}); nothing "
                "was changed; check the app's scope read_reports and the API's version"
            )
        table = found.get("tableData")
        if not isinstance(table, dict) or not isinstance(table.get("rows"), list):
            raise ServerUnavailable(f"{client.title}: shopifyqlQuery answered without a table")
        rows = [as_row(row, table.get("columns") or []) for row in table["rows"]]
        names = list(dict.fromkeys(name for row in rows for name in row)) or ["day", *METRICS]
        return Extract(table_of_rows(rows, names), window=window)


def shopifyql(window: Window) -> str:
    return f"FROM sessions SHOW {', '.join(METRICS)} GROUP BY day SINCE {window.start} UNTIL {window.end} ORDER BY day"


def as_row(row: Any, columns: list[Any]) -> dict[str, Any]:
    """Rows are objects by column; older answers had lists in the order of the columns. A day may come with a time."""
    if isinstance(row, list):
        row = dict(zip([inner(column, "name") for column in columns], row, strict=False))
    found = dict(row)
    if isinstance(found.get("day"), str) and "T" in found["day"]:
        found["day"] = found["day"][:10]
    return found
