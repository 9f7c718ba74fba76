"""python-amazon-ad-api behind the pipeline's own HTTP client: its paths, bodies and login; our timeouts, retries and
errors.

The library returns a failed download as an answer and knows no Retry-After; nothing of it touches the network here.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import DocumentBroken, LoginRefused, NotReady, ServerUnavailable
from airflow_dags.http import HttpClient
from airflow_dags.paging import Page
from airflow_dags.streams import Platform

LOGIN_ENDPOINT = "https://api.amazon.com"
DOWNLOADS = 3
PAGE_SIZE = 100
OPERATIONS = {"POST": "createReport", "GET": "getReport"}
DUPLICATE = 425
_REPORT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_login_lock = threading.Lock()


class Advertiser:
    """One advertiser profile's reports."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account = account
        self._http = HttpClient(
            f"{platform.name}/{account.account_id}", platform.limits, secrets=account.secrets.values()
        )
        self._credentials = {
            "client_id": account.need("client_id"),
            "client_secret": str(account.get("client_secret") or account.need("password")),
            "refresh_token": account.need("refresh_token"),
            "profile_id": account.need("profile_id"),
        }
        self._reports = _build(account, self._credentials, self._http)

    def log_in(self) -> None:
        """Fetch a token, to see whether the credentials hold."""
        _ = self._reports.auth

    def create_report(self, name: str, start: date, end: date, configuration: dict[str, Any]) -> str:
        body = {"name": name, "startDate": str(start), "endDate": str(end), "configuration": configuration}
        answer = self._call("createReport", lambda: self._reports.post_report(body=json.dumps(body)))
        if "reportId" in answer:
            return str(answer["reportId"])
        # 425: the same report is under way already, because an answer to an earlier request was lost.
        if found := _REPORT_ID.search(str(answer.get("detail"))):
            return found.group()
        raise ServerUnavailable(
            f"amazon_ads/{self.account.account_id}: createReport answered without a report id", operation="createReport"
        )

    def get_report(self, report_id: str) -> dict[str, Any]:
        return self._call("getReport", lambda: self._reports.get_report(reportId=report_id))

    def download(self, report_id: str, name: str) -> Document:
        """Fetch a finished report; one that arrives damaged is fetched again before it is refused."""
        for attempt in range(1, DOWNLOADS + 1):
            url = self.get_report(report_id).get("url")
            if not url:
                raise NotReady(
                    f"amazon_ads/{self.account.account_id}: report {report_id} has no address yet", report_id=report_id
                )
            document = Document(
                f"{name} {report_id}", self._http.send("download", "GET", url, expect_json=False).content
            )
            try:
                document.plain()
            except DocumentBroken:
                if attempt == DOWNLOADS:
                    raise
            else:
                return document
        raise AssertionError("unreachable")

    def list_campaigns(self, facts: dict[str, str], cursor: str | None) -> Page:
        """One page of a list of campaigns; ``facts`` are its path, operation and, where the list is asked for by POST,
        its media type. Without one it is a plain list by offset, which ends with an empty page."""
        operation, media = facts["operation"], facts.get("media_type")
        if media is None:
            offset = int(cursor or 0)
            query = {"startIndex": offset, "count": PAGE_SIZE}
            found = self._send(operation, "GET", facts["path"], {}, params=query)
            return Page(self._rows(found, operation), str(offset + len(found)) if found else None)
        body = {"maxResults": PAGE_SIZE, **({"nextToken": cursor} if cursor else {})}
        headers = {"Content-Type": media, "Accept": media}
        found = self._send(operation, "POST", facts["path"], headers, content=json.dumps(body))
        total = next((found[name] for name in ("totalResults", "totalCount") if found.get(name) is not None), None)
        return Page(self._rows(found.get("campaigns"), operation), found.get("nextToken"), total)

    def _send(self, operation: str, method: str, path: str, headers: dict[str, str], **request: Any) -> Any:
        """An operation that the library doesn't have; a token that expired early is renewed once."""
        for is_last in (False, True):
            try:
                sent = {**self._reports.headers, **headers}
                answer = self._http.send(operation, method, self._reports.endpoint + path, headers=sent, **request)
                # Amounts stay as they are written.
                return json.loads(answer.text, parse_float=Decimal)
            except LoginRefused:
                if is_last:
                    raise
                _forget_token(self._reports)
        raise AssertionError("unreachable")

    def _rows(self, found: Any, operation: str) -> list[dict[str, Any]]:
        if not isinstance(found, list):
            raise ServerUnavailable(
                f"amazon_ads/{self.account.account_id}: {operation} answered no list", operation=operation
            )
        return found

    def _call(self, operation: str, action: Any) -> dict[str, Any]:
        for is_last in (False, True):
            try:
                payload = action().payload
            except LoginRefused:
                if is_last:
                    raise
                _forget_token(self._reports)
                continue
            if not isinstance(payload, dict) or not payload:
                raise ServerUnavailable(
                    f"amazon_ads/{self.account.account_id}: {operation} answered nothing", operation=operation
                )
            return payload
        raise AssertionError("unreachable")


def _build(account: Account, credentials: dict[str, str], http: HttpClient) -> Any:
    from ad_api.api import Reports
    from ad_api.auth import AccessTokenClient
    from ad_api.base import ApiResponse, Marketplaces

    login = urlsplit(str(account.get("login_endpoint", LOGIN_ENDPOINT)))

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host = f"{login.scheme}://", login.netloc

        def _request(self, url: str, data: Any, headers: Any) -> Any:
            return http.send("login", "POST", url, data=data, headers=headers).json()

        def get_auth(self) -> Any:
            with _login_lock:
                return super().get_auth()

    class Sender(Reports):  # type: ignore[misc]
        def _request(self, path: str, data: Any = None, params: Any = None, headers: Any = None) -> Any:
            query = dict(params or {})
            method = query.pop("method")
            sent = {**self.headers, **(headers or {})}
            body = data if method == "POST" else None
            answer = http.send(
                OPERATIONS[method],
                method,
                self.endpoint + path,
                answers=(DUPLICATE,),
                params=query,
                content=body,
                headers=sent,
            )
            return ApiResponse(answer.json(), None, headers=dict(answer.headers))

    region = str(account.get("region", "US"))
    reports = Sender(marketplace=Marketplaces[region], credentials=credentials)
    reports._auth = Login(credentials=reports.credentials)
    if endpoint := account.get("endpoint"):
        reports.endpoint = str(endpoint).rstrip("/")
    return reports


def _forget_token(reports: Any) -> None:
    from ad_api.auth.access_token_client import cache

    with _login_lock:
        cache.pop(reports._auth._get_cache_key(), None)
