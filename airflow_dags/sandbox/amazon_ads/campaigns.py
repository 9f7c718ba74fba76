"""The lists of campaigns with their budgets: Sponsored Products (v3) and Brands (v4) by POST with media types of their
own and a nextToken, Display by GET with an offset."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.amazon_ads.errors import AdsError
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads_other import other_campaigns
from airflow_dags.sandbox.business.catalogue import stable_number
from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.state import SandboxState

SP_MEDIA, SB_MEDIA = "application/vnd.spCampaign.v3+json", "application/vnd.sbcampaignresource.v4+json"


def sp_budget(campaign_id: int, budget: int, revision: int) -> int:
    """Cents a day: at revision 1 some campaigns have been given more."""
    return budget + (500 if revision and stable_number(campaign_id, "raised") % 3 == 0 else 0)


def budgets_of(business: Business, account_id: str, revision: int) -> dict[str, dict[int, int]]:
    """By ad product the daily budget of each campaign in cents, as of the end of the data."""
    account = business.catalogue.account_by_id[account_id]
    own = business.catalogue.campaigns_of(account)
    return {
        "SPONSORED_PRODUCTS": {one.campaign_id: sp_budget(one.campaign_id, one.budget, revision) for one in own},
        "SPONSORED_BRANDS": {one.campaign_id: one.budget for one in other_campaigns(business, account_id, "SB")},
        "SPONSORED_DISPLAY": {one.campaign_id: one.budget for one in other_campaigns(business, account_id, "SD")},
    }


def _sp(state: SandboxState, account_id: str) -> list[dict[str, Any]]:
    account = state.business.catalogue.account_by_id[account_id]
    return [
        {
            "budget": {"budget": sp_budget(one.campaign_id, one.budget, state.revision) / 100, "budgetType": "DAILY"},
            "campaignId": str(one.campaign_id),
            "dynamicBidding": {"placementBidding": [], "strategy": "LEGACY_FOR_SALES"},
            "name": one.name,
            "startDate": "2024-01-15",
            "state": "ENABLED",
            "targetingType": "MANUAL",
        }
        for one in state.business.catalogue.campaigns_of(account)
    ]


def _sb(state: SandboxState, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "bidding": {"bidOptimization": True, "bidOptimizationStrategy": "MAXIMIZE_IMMEDIATE_SALES"},
            "brandEntityId": f"ENTITY{stable_number(account_id, 'brand') % 10**12:012d}",
            "budget": one.budget / 100,
            "budgetType": "DAILY",
            "campaignId": str(one.campaign_id),
            "isMultiAdGroupsEnabled": True,
            "name": one.name,
            "startDate": "2024-03-01",
            "state": "ENABLED",
        }
        for one in other_campaigns(state.business, account_id, "SB")
    ]


def _sd(state: SandboxState, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "campaignId": one.campaign_id,
            "name": one.name,
            "tactic": "T00030",
            "startDate": "20240301",
            "state": "enabled",
            "costType": one.cost_type.lower(),
            "budget": one.budget / 100,
            "budgetType": "daily",
            "deliveryProfile": "as_soon_as_possible",
        }
        for one in other_campaigns(state.business, account_id, "SD")
    ]


def _page(state: SandboxState, account_id: str, items: list[dict[str, Any]], media: str) -> dict[str, Any]:
    for header in ("Content-Type", "Accept"):
        if request.headers.get(header, "").lower() != media.lower():
            raise AdsError(415, f"{header} must be {media}")
    body = request.get_json(force=True, silent=True) or {}
    size = body.get("maxResults", 100)
    if not isinstance(size, int) or not 1 <= size <= 100:
        raise AdsError(400, "maxResults must be between 1 and 100")
    try:
        offset = int(base64.urlsafe_b64decode(body["nextToken"])) if body.get("nextToken") else 0
    except ValueError:
        raise AdsError(400, "nextToken is not valid") from None
    page, following = page_of(state, Place("amazon_ads", "budgets", account_id), items, offset, size)
    answer: dict[str, Any] = {"campaigns": page}
    if following is not None:
        answer["nextToken"] = base64.urlsafe_b64encode(str(following).encode()).decode()
    return answer


def add_campaign_routes(routes: Blueprint, state: SandboxState, operation: Callable) -> None:
    @routes.post("/sp/campaigns/list")
    @operation("ads.listSpCampaigns")
    def list_sp_campaigns(account_id: str) -> Response:
        items = _sp(state, account_id)
        answer = jsonify({**_page(state, account_id, items, SP_MEDIA), "totalResults": len(items)})
        answer.content_type = SP_MEDIA
        return answer

    @routes.post("/sb/v4/campaigns/list")
    @operation("ads.listSbCampaigns")
    def list_sb_campaigns(account_id: str) -> Response:
        items = _sb(state, account_id)
        answer = jsonify({**_page(state, account_id, items, SB_MEDIA), "totalCount": len(items)})
        answer.content_type = SB_MEDIA
        return answer

    @routes.get("/sd/campaigns")
    @operation("ads.listSdCampaigns")
    def list_sd_campaigns(account_id: str) -> Response:
        offset, size = (request.args.get(name, default) for name, default in (("startIndex", "0"), ("count", "100")))
        if not (offset.isdigit() and size.isdigit() and 1 <= int(size) <= 100):
            raise AdsError(400, "startIndex and count must be numbers, count at most 100")
        items, place = _sd(state, account_id), Place("amazon_ads", "budgets", account_id)
        page, _ = page_of(state, place, items, int(offset), int(size))
        return jsonify(page)
