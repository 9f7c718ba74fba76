"""TikTok's Business API over plain HTTP: the synchronous report by pages, and its error codes.

Every answer comes with HTTP status 200 and a code in its body; 0 is success.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import (
    NOTHING_CHANGED,
    LoginRefused,
    PagingBroken,
    PipelineError,
    RequestRefused,
    ServerUnavailable,
    Throttled,
)
from airflow_dags.http import HttpClient, retry_after
from airflow_dags.paging import Page, follow

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.streams import Platform

log = logging.getLogger(__name__)
ENDPOINT = "https://business-api.tiktok.com"
REPORT_PATH = "/open_api/v1.3/report/integrated/get/"
ADVERTISER_PATH = "/open_api/v1.3/advertiser/info/"
READINGS = 3
REPORT, ADVERTISER = "getReport", "getAdvertiser"
THROTTLED = frozenset({40100, 40132, 61000})
UNAVAILABLE = frozenset({40200, 40201, 40202, 60001})
TOKEN_REFUSED = frozenset({40102, 40103, 40104, 40105, 40106, 40107})
NOT_ALLOWED = frozenset({40001, 40003, 40113, 40118, 40130, 40300, 40301, 40302})
SYSTEM_ERRORS = range(50000, 60000)


class _Http(HttpClient):
    """Judges answers by TikTok's code, so that the retries see throttling that comes with status 200."""

    def _problem(self, operation: str, response: httpx.Response, expect_json: bool) -> PipelineError | None:
        body = body_of(response)
        try:
            code = int(body["code"])
        except (KeyError, TypeError, ValueError):
            if response.is_success:
                return ServerUnavailable(f"{self.owner}: {operation} answered without a code", operation=operation)
            return super()._problem(operation, response, expect_json)
        if code == 0:
            return super()._problem(operation, response, expect_json)
        said, what = f"code {code}{self._reason(response)}", f"{self.owner}: {operation}"
        return _error_of(code, said, what, response)


def _error_of(code: int, said: str, what: str, response: httpx.Response) -> PipelineError:
    context = {"operation": what.rpartition(" ")[2], "status": response.status_code, "code": code}
    wait = retry_after(response.headers.get("Retry-After"))
    if code in THROTTLED or response.status_code == 429:
        return Throttled(f"{what} was throttled ({said})", wait, **context)
    if code in UNAVAILABLE or code in SYSTEM_ERRORS or response.status_code >= 500:
        return ServerUnavailable(f"{what} failed ({said})", retry_after=wait, **context)
    refused = f"{what} was refused ({said}); {NOTHING_CHANGED}"
    if code in TOKEN_REFUSED:
        return LoginRefused(f"{refused}; authorise the app again and fill in the new access token", **context)
    if code in NOT_ALLOWED:
        return LoginRefused(f"{refused}; check the advertiser id, and that the app may read its reports", **context)
    return RequestRefused(refused, **context)


class Advertiser:
    """One advertiser's reports."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account, self.owner = account, f"{platform.name}/{account.account_id}"
        self._token = str(account.get("access_token") or account.need("password"))
        self._advertiser_id = account.need("advertiser_id")
        self._endpoint = str(account.get("endpoint", ENDPOINT)).rstrip("/")
        self._http = _Http(self.owner, platform.limits, secrets=[*account.secrets.values(), self._token])

    def close(self) -> None:
        self._http.close()

    def log_in(self) -> None:
        """Ask for the advertiser, to see whether the token holds for it."""
        self._get(ADVERTISER, ADVERTISER_PATH, {"advertiser_ids": json.dumps([self._advertiser_id])})

    def report(self, metrics: Sequence[str], window: Window, page_size: int) -> list[dict[str, Any]]:
        """The days' rows by ad group: {dimensions, metrics}; both ends of the window included.

        A list that moves while it is read is read again before it is given up.
        """
        query = {
            "advertiser_id": self._advertiser_id,
            "report_type": "BASIC",
            "service_type": "AUCTION",
            "data_level": "AUCTION_ADGROUP",
            "dimensions": json.dumps(["adgroup_id", "stat_time_day"]),
            "metrics": json.dumps(list(metrics)),
            "start_date": str(window.start),
            "end_date": str(window.end),
            "order_field": "spend",
            "order_type": "DESC",
            "page_size": str(page_size),
        }

        def fetch(cursor: str | None) -> Page:
            data = self._get(REPORT, REPORT_PATH, {**query, "page": cursor or "1"})
            rows, info = data.get("list"), data.get("page_info")
            if not isinstance(rows, list) or not isinstance(info, dict):
                raise ServerUnavailable(f"{self.owner}: {REPORT} answered no page of a list", operation=REPORT)
            page, pages = _number(info.get("page")), _number(info.get("total_page"))
            return Page(rows, str(page + 1) if page < pages else None, _number(info.get("total_number")))

        for attempt in range(1, READINGS + 1):
            try:
                return list(follow(fetch, f"{self.owner}: {REPORT}", key=_identity))
            except PagingBroken as error:
                if attempt == READINGS:
                    raise
                log.info("%s: reading %d of the report failed (%s)", self.owner, attempt, error)
        raise AssertionError("unreachable")

    def _get(self, operation: str, path: str, query: dict[str, str]) -> dict[str, Any]:
        headers = {"Access-Token": self._token}
        response = self._http.send(operation, "GET", self._endpoint + path, params=query, headers=headers)
        data = body_of(response).get("data")
        if not isinstance(data, dict):
            raise ServerUnavailable(f"{self.owner}: {operation} answered without data", operation=operation)
        return data


def body_of(response: httpx.Response) -> dict[str, Any]:
    """The answer as JSON with amounts as the text of their digits; empty where it is none."""
    try:
        body = json.loads(response.content, parse_float=str)
    except (ValueError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ServerUnavailable(f"TikTok's page information holds {value!r} for a number") from None


def _identity(row: Any) -> str:
    """A row is an ad group's day; one without dimensions is told from others by its content."""
    dimensions = row.get("dimensions") if isinstance(row, dict) else None
    return json.dumps(dimensions or row, sort_keys=True)
