"""Listings Items 2021-08-01 (searchListingsItems) and Catalog Items 2022-04-01 (searchCatalogItems, getCatalogItem)
with summaries and sales ranks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.amazon_sp.calls import SpError, invalid, operation
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import MARKETPLACE_ID, Sku, stable_number
from airflow_dags.sandbox.business.ranks import ranks_of
from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.platforms import Total
from airflow_dags.sandbox.state import SandboxState

MOST_IDENTIFIERS = MOST_ITEMS = 20
DATA_SETS = {"summaries", "salesRanks"}


def catalog_item(state: SandboxState, sku: Sku, included: set[str]) -> dict[str, Any]:
    """An item with the data sets that were asked for; a product without a rank has an empty list of ranks."""
    item: dict[str, Any] = {"asin": sku.asin}
    if "summaries" in included:
        item["summaries"] = [{"marketplaceId": MARKETPLACE_ID, "brand": sku.brand, "itemName": sku.name}]
    if "salesRanks" in included:
        ranks, category = ranks_of(state.business, sku, state.revision), sku.cell.category
        node = str(10**10 + stable_number(category, "node") % 10**10)
        item["salesRanks"] = (
            [{"marketplaceId": MARKETPLACE_ID}]
            if ranks is None
            else [
                {
                    "marketplaceId": MARKETPLACE_ID,
                    "classificationRanks": [
                        {
                            "classificationId": node,
                            "title": category.capitalize(),
                            "link": f"https://www.amazon.com/gp/bestsellers/{category}/{node}",
                            "rank": ranks.classification,
                        }
                    ],
                    "displayGroupRanks": [
                        {
                            "websiteDisplayGroup": f"{category}_display_on_website",
                            "title": f"All {category}",
                            "link": f"https://www.amazon.com/gp/bestsellers/{category}",
                            "rank": ranks.display_group,
                        }
                    ],
                }
            ]
        )
    return item


def _skus(state: SandboxState, account_id: str) -> list[Sku]:
    return sorted((sku for sku in state.business.catalogue.skus if sku.account_id == account_id), key=lambda s: s.sku)


def _included(default: str) -> set[str]:
    included = set(filter(None, request.args.get("includedData", default).split(",")))
    if included - DATA_SETS:
        raise invalid(f"includedData {sorted(included - DATA_SETS)} is not valid here")
    if request.args.get("marketplaceIds") != MARKETPLACE_ID:
        raise invalid(f"marketplaceIds {request.args.get('marketplaceIds')!r}: the seller sells in {MARKETPLACE_ID}")
    return included


def _paged(state: SandboxState, account_id: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    size, token = request.args.get("pageSize", "10"), request.args.get("pageToken")
    if not size.isdigit() or not 1 <= int(size) <= MOST_ITEMS:
        raise invalid(f"pageSize must be between 1 and {MOST_ITEMS}")
    try:
        offset = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        raise invalid("pageToken is not valid") from None
    page, following = page_of(state, Place("amazon_sp", "rank", account_id), items, offset, int(size))
    answer: dict[str, Any] = {"numberOfResults": len(items), "items": page}
    if following is not None:
        answer["pagination"] = {"nextToken": base64.urlsafe_b64encode(str(following).encode()).decode()}
    return answer


def add_routes(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/listings/2021-08-01/items/<seller_id>")
    @operation(state, "searchListingsItems")
    def search_listings_items(account_id: str, seller_id: str) -> Response:
        _included("summaries")
        if seller_id != state.credentials.seller_id(account_id):
            raise SpError(403, "Unauthorized", "Access to requested resource is denied.", "Not this seller.")
        items = [
            {"sku": sku.sku, "summaries": [{"marketplaceId": MARKETPLACE_ID, "asin": sku.asin, "itemName": sku.name}]}
            for sku in _skus(state, account_id)
        ]
        return jsonify(_paged(state, account_id, items))

    @routes.get("/catalog/2022-04-01/items")
    @operation(state, "searchCatalogItems")
    def search_catalog_items(account_id: str) -> Response:
        included = _included("summaries")
        identifiers = list(filter(None, request.args.get("identifiers", "").split(",")))
        if not 1 <= len(identifiers) <= MOST_IDENTIFIERS or request.args.get("identifiersType") != "ASIN":
            raise invalid(f"identifiers must be 1 to {MOST_IDENTIFIERS} of identifiersType ASIN")
        wanted = [sku for sku in _skus(state, account_id) if sku.asin in identifiers]
        return jsonify(_paged(state, account_id, [catalog_item(state, sku, included) for sku in wanted]))

    @routes.get("/catalog/2022-04-01/items/<asin>")
    @operation(state, "getCatalogItem")
    def get_catalog_item(account_id: str, asin: str) -> Response:
        included = _included("summaries")
        for sku in _skus(state, account_id):
            if sku.asin == asin:
                return jsonify(catalog_item(state, sku, included))
        raise SpError(404, "NOT_FOUND", f"Requested item '{asin}' not found")


def totals(business: Business, revision: int) -> Iterator[Total]:
    """The sum of all ranks, by classification and by display group, as of today."""
    for account in business.catalogue.accounts:
        found = [ranks_of(business, sku, revision) for sku in business.catalogue.skus if sku.cell.account is account]
        for measure in ("classification", "display_group"):
            total = sum(getattr(ranks, measure) for ranks in found if ranks)
            yield Total("rank", account.account_id, business.as_of, measure, Decimal(total))
