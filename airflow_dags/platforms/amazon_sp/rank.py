"""Best-seller ranks (Catalog Items 2022-04-01, salesRanks): one row a product and category, a snapshot a day.

Which products an account sells is asked of its listings (Listings Items 2021-08-01); their ranks come twenty products a
request. A product has a rank in each of its browse nodes (classification) and in the store that shows it (display
group); one without a rank has no row. The lower the rank, the better it sells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import ServerUnavailable
from airflow_dags.platforms.amazon_sp.reports import SpStream
from airflow_dags.streams import PullStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="amazon_sp",
    stream="rank",
    mode="snapshot",
    window_column="snapshot_date",
    unique=("snapshot_date", "asin", "rank_kind", "category_id"),
    columns=(
        Column("snapshot_date", "date", nullable=False),
        Column("asin", required=True, nullable=False),
        # classification or display_group
        Column("rank_kind", required=True, nullable=False),
        Column("category_id", required=True, nullable=False),
        Column("category_title"),
        Column("rank", "integer", required=True, nullable=False),
    ),
)
_NAMES = [column.name for column in CONTRACT.columns if column.name != "snapshot_date"]
_PAGE = 20
_KINDS = (
    ("classification", "classificationRanks", "classificationId"),
    ("display_group", "displayGroupRanks", "websiteDisplayGroup"),
)


class Rank(SpStream, PullStream):
    contract = CONTRACT

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        marketplace_id = self.marketplace_id(account)
        asins = _asins(client, account.need("seller_id"), marketplace_id)
        rows = [
            row
            for start in range(0, len(asins), _PAGE)
            for item in _items(client, asins[start : start + _PAGE], marketplace_id)
            for row in _ranks(item, marketplace_id)
        ]
        return Extract(table_of_rows(rows, _NAMES))


def _asins(client: Any, seller_id: str, marketplace_id: str) -> list[str]:
    """The products of the account's listings, each once; a listing without a product has no rank."""
    given = {"marketplaceIds": marketplace_id, "includedData": "summaries", "pageSize": _PAGE}

    def call(api: Any, more: dict[str, Any]) -> Any:
        return api.search_listings_items(seller_id, **more)

    listings = _pages(client, ("ListingsItems", "searchListingsItems"), call, given)
    found = (part.get("asin") for listing in listings for part in listing.get("summaries") or [])
    return sorted({str(asin) for asin in found if asin})


def _items(client: Any, asins: list[str], marketplace_id: str) -> Iterator[dict[str, Any]]:
    given = {
        "identifiers": ",".join(asins),
        "identifiersType": "ASIN",
        "marketplaceIds": marketplace_id,
        "includedData": "salesRanks",
        "pageSize": _PAGE,
    }
    return _pages(
        client, ("CatalogItems", "searchCatalogItems"), lambda api, more: api.search_catalog_items(**more), given
    )


def _pages(client: Any, operation: tuple[str, str], call: Any, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from airflow_dags.paging import Page, follow

    def fetch(token: str | None) -> Page:
        more = {**given, **({"pageToken": token} if token else {})}
        answer = client.call(*operation, lambda api: call(api, more))
        items = answer.payload.get("items")
        if not isinstance(items, list):
            raise ServerUnavailable(f"amazon_sp/{client.account.account_id}: {operation[1]} answered no list")
        return Page(items, answer.next_token, answer.payload.get("numberOfResults"))

    return follow(fetch, operation[1], key=lambda item: item.get("sku") or item.get("asin"))


def _ranks(item: dict[str, Any], marketplace_id: str) -> Iterator[dict[str, Any]]:
    for ranks in item.get("salesRanks") or []:
        if ranks.get("marketplaceId") != marketplace_id:
            continue
        for kind, part, identity in _KINDS:
            for one in ranks.get(part) or []:
                yield {
                    "asin": item.get("asin"),
                    "rank_kind": kind,
                    "category_id": one.get(identity),
                    "category_title": one.get("title"),
                    "rank": one.get("rank"),
                }
