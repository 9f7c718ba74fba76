"""TikTok's Business API v1.3: the synchronous report by ad group and day, and the advertiser's own facts.

Every answer has HTTP status 200 and a code of its own, throttled and refused ones too.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.business.catalogue import stable_number
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.tiktok_ads import TiktokAdRow, ads_of_day
from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.state import SandboxState, new_id

PLATFORM = "tiktok_ads"
SHOPS = "tiktok_shop"
MAX_DAYS, MAX_PAGE_SIZE = 30, 1000
DIMENSIONS = ["adgroup_id", "stat_time_day"]


class AdsError(Exception):
    def __init__(self, code: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after = code, message, retry_after

    def response(self) -> Response:
        answer = jsonify({"code": self.code, "message": self.message, "request_id": new_id(), "data": {}})
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def access_token(state: SandboxState, account_id: str) -> str:
    return state.credentials.secret("access", PLATFORM, account_id)[:40]


def advertiser_id(state: SandboxState, account_id: str) -> str:
    return str(7 * 10**18 + stable_number(state.business.seed, account_id, "advertiser") % 10**17)


def _shop(state: SandboxState) -> Shop:
    """The shop whose advertiser's token the request has."""
    given = request.headers.get("Access-Token", "")
    if not given:
        raise AdsError(40104, "Access token is empty")
    for shop in state.business.shops_of(SHOPS):
        if hmac.compare_digest(access_token(state, shop.account_id).encode(), given.encode("utf-8", "replace")):
            return shop
    raise AdsError(40105, "Access token is incorrect or has been revoked.")


def _operation(state: SandboxState) -> Callable:
    """Checks the token, sets the account and takes a token of its rate; the function's name is the operation."""

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def serve() -> Response:
            try:
                shop = _shop(state)
                g.account_id = shop.account_id
                wait = state.buckets.take(function.__name__, shop.account_id)
                if wait is not None:
                    raise AdsError(40100, "Requests made too frequently", wait)
                answer = {"code": 0, "message": "OK", "request_id": new_id(), "data": function(shop)}
                return jsonify(answer)
            except AdsError as error:
                return error.response()

        return serve

    return decorate


def _list(name: str) -> list[Any]:
    try:
        value = json.loads(request.args.get(name, ""))
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise AdsError(40002, f"{name}: Not a valid list.")
    return value


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise AdsError(40002, f"{name}: Not a valid date.") from None


def _number(name: str, default: int, largest: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise AdsError(40002, f"{name}: Must be between 1 and {largest}.")
    return int(text)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _metrics(shop: Shop, row: TiktokAdRow) -> dict[str, str]:
    """All metrics of a row as text; a dash where one doesn't apply: the shop has no website."""
    return {
        "campaign_id": row.ad_group.campaign_id,
        "campaign_name": row.ad_group.campaign_name,
        "adgroup_name": row.ad_group.name,
        "currency": shop.currency,
        "spend": _money(row.cost),
        "impressions": str(row.impressions),
        "clicks": str(row.clicks),
        "conversion": str(row.orders),
        "onsite_shopping": str(row.orders),
        "total_onsite_shopping_value": _money(row.sales),
        "complete_payment": "-",
        "total_complete_payment_rate": "-",
    }


def _rows(state: SandboxState, shop: Shop) -> list[dict[str, Any]]:
    start, end = _day("start_date"), _day("end_date")
    if not 0 <= (end - start).days < MAX_DAYS:
        raise AdsError(40002, f"The time span must not exceed {MAX_DAYS} days when stat_time_day is a dimension.")
    wanted = _list("metrics")
    rows = []
    for day in (start + timedelta(days=number) for number in range((end - start).days + 1)):
        for row in ads_of_day(state.business, shop, day, state.revision):
            metrics = _metrics(shop, row)
            if unknown := sorted(set(wanted) - set(metrics)):
                raise AdsError(40002, f"metrics: Invalid metric fields: {unknown}")
            dimensions = {"adgroup_id": row.ad_group.ad_group_id, "stat_time_day": f"{day} 00:00:00"}
            rows.append({"dimensions": dimensions, "metrics": {name: metrics[name] for name in wanted}})
    return sorted(rows, key=lambda row: -float(row["metrics"].get("spend", 0)))


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=f"/{PLATFORM}")

    @routes.get("/open_api/v1.3/report/integrated/get/")
    @_operation(state)
    def getReport(shop: Shop) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        given = request.args
        if given.get("advertiser_id") != advertiser_id(state, shop.account_id):
            raise AdsError(40001, "You don't have permission to this advertiser.")
        if given.get("report_type") != "BASIC" or given.get("data_level") != "AUCTION_ADGROUP":
            raise AdsError(40002, "report_type and data_level: the sandbox has BASIC by AUCTION_ADGROUP only.")
        if _list("dimensions") != DIMENSIONS:
            raise AdsError(40002, f"dimensions: the sandbox has {DIMENSIONS} only.")
        size, page = _number("page_size", 10, MAX_PAGE_SIZE), _number("page", 1, 10**6)
        found = _rows(state, shop)
        # Pages may be smaller than what was asked for.
        size = max(1, min(size, -(-len(found) // state.options.least_pages)))
        rows, _ = page_of(state, Place(PLATFORM, "ad_groups", shop.account_id), found, (page - 1) * size, size)
        pages = -(-len(found) // size)
        info = {"page": page, "page_size": size, "total_number": len(found), "total_page": pages}
        return {"list": rows, "page_info": info}

    @routes.get("/open_api/v1.3/advertiser/info/")
    @_operation(state)
    def getAdvertiser(shop: Shop) -> dict[str, Any]:  # noqa: N802
        own = advertiser_id(state, shop.account_id)
        if _list("advertiser_ids") != [own]:
            raise AdsError(40001, "You don't have permission to this advertiser.")
        facts = {"advertiser_id": own, "name": shop.name, "currency": shop.currency, "timezone": shop.time_zone}
        return {"list": [facts]}

    return routes
