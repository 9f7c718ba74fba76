"""Ad groups by day: what they cost and what they sold, complete for their days and restated for weeks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.errors import WrongDocument
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document


def _column(name: str, *sources: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    """The first source is the API's name, the others are those of exports; its own name always holds."""
    names = tuple(dict.fromkeys((*sources, name)))
    return Column(name, kind, required, nullable, sources=names)  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="tiktok_ads",
    stream="ad_groups",
    mode="window",
    report_name="TikTok Ads' report by ad group and day",
    window_column="date",
    unique=("date", "ad_group_id"),
    owned=("ad_group_id",),
    columns=(
        _column("date", "stat_time_day", "By Day", kind="date", required=True, nullable=False),
        _column("campaign_id"),
        _column("campaign_name"),
        _column("ad_group_id", "adgroup_id", "Ad group ID", required=True, nullable=False),
        _column("ad_group_name", "adgroup_name"),
        _column("currency"),
        _column("spend", "spend", "Cost", kind="numeric", required=True),
        _column("impressions", kind="bigint", required=True),
        _column("clicks", "clicks", "Clicks (destination)", kind="bigint", required=True),
        _column("conversions", "conversion", kind="integer"),
        # Purchases in the TikTok shop and their gross revenue.
        _column("shop_purchases", "onsite_shopping", "Purchases (TikTok Shop)", kind="integer"),
        _column("shop_purchase_value", "total_onsite_shopping_value", "Gross revenue (TikTok Shop)", kind="numeric"),
        # Payments on a website with TikTok's pixel; the API calls their value a rate.
        _column("website_purchases", "complete_payment", "Payments completed (website)", kind="integer"),
        _column(
            "website_purchase_value",
            "total_complete_payment_rate",
            "Payment completion value (website)",
            kind="numeric",
        ),
    ),
    ignored=frozenset(
        [
            "CPC (destination)",
            "CPM",
            "CTR (destination)",
            "Cost per conversion",
            "Conversion rate (CVR)",
            "Account name",
        ]
    ),
)
DIMENSIONS = ("adgroup_id", "stat_time_day")
METRICS = tuple(column.names[0] for column in CONTRACT.columns if column.names[0] not in DIMENSIONS)
NOTHING = ("-", "--", "N/A", "")


class AdGroups(PullStream):
    contract = CONTRACT

    def __init__(self, settings: StreamSettings) -> None:
        self.settings = settings
        self._page_size = int((settings.options or {}).get("page_size", 1000))

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        return self._extract(client.report(METRICS, window, self._page_size), "the report")

    def read(self, document: Document, account: Account, day: date) -> Extract:
        """Ads Manager's export (CSV or Excel), or the API's own answer."""
        from airflow_dags.documents import read_json, read_table

        if document.plain().lstrip()[:1] in (b"{", b"["):
            content = read_json(document)
            if isinstance(content, Mapping):
                content = _mapping(content.get("data", content)).get("list")
            if not isinstance(content, list):
                raise WrongDocument(
                    f"{document.name} is not {CONTRACT.report_name} (a JSON list of rows); nothing was changed; check "
                    f"--stream"
                )
            return self._extract(content, document.name)
        table, broken = read_table(document)
        names = table.column_names
        rows = [dict(zip(names, row, strict=True)) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]
        has_totals = any(_is_total(cell) for cell in (rows[-1].values() if rows else ()))
        extract = self._extract(rows[:-1] if has_totals else rows, document.name)
        # The line of totals may be shorter than the others.
        extract.broken = [line for line in broken if not _is_total(line[2])]
        return extract

    def recognises(self, names: Collection[str]) -> float:
        """The API's rows have two parts."""
        present = {normalise(name) for name in names}
        if {"dimensions", "metrics"} <= present or {"list", "page_info"} <= present:
            return 1.0
        return super().recognises(names)

    def _extract(self, values: Iterable[Any], name: str) -> Extract:
        import pyarrow as pa

        from airflow_dags.documents import table_of_objects

        rows = [_row(value) for value in values]
        if rows:
            return Extract(table_of_objects(rows, name))
        names = [column.names[0] for column in CONTRACT.columns if column.required]
        return Extract(pa.table({name: pa.array([], pa.string()) for name in names}))


def _is_total(cell: Any) -> bool:
    return str(cell or "").lstrip('"').startswith("Total of ")


def _row(value: Any) -> dict[str, Any]:
    """A row of the API in its two parts, or of an export in one; TikTok writes a dash where a metric doesn't apply."""
    whole = _mapping(value)
    parts = (whole,) if "dimensions" not in whole else (_mapping(whole["dimensions"]), _mapping(whole.get("metrics")))
    cells = {name: cell for part in parts for name, cell in part.items()}
    return {name: _cell(name, cell) for name, cell in cells.items()}


def _cell(name: str, cell: Any) -> Any:
    text = str(cell).strip() if isinstance(cell, str) else cell
    if text in NOTHING:
        return None
    column = CONTRACT.by_source.get(normalise(name))
    if isinstance(text, str) and column is not None:
        if column.type == "date":
            return text.removesuffix(" 00:00:00")
        if column.type in ("numeric", "bigint", "integer"):
            return text.removeprefix("$").replace(",", "")
    return text


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
