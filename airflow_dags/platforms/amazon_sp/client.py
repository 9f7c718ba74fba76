"""python-amazon-sp-api behind the pipeline's own HTTP client.

The library builds the requests; this keeps what it doesn't: it takes a 503 with HTML or a 429 without an ``errors``
key for an answer, ignores Retry-After, and reads documents without a charset as ISO-8859-1. A library object keeps
state of the request under way on itself, so each thread borrows one; token and rate are one for the account.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import DocumentBroken, LoginRefused, ServerUnavailable
from airflow_dags.http import HttpClient, trusted_certificates
from airflow_dags.streams import Platform

LOGIN_ENDPOINT = "https://api.amazon.com"
DOWNLOADS = 3
_login_lock = threading.Lock()


class SellingPartner:
    """One account's Reports API."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account = account
        self._http = HttpClient(
            f"{platform.name}/{account.account_id}", platform.limits, secrets=account.secrets.values()
        )
        self._idle: list[Any] = []
        self._credentials = {
            "lwa_app_id": account.need("client_id"),
            "lwa_client_secret": str(account.get("client_secret") or account.need("password")),
            "refresh_token": account.need("refresh_token"),
        }

    def log_in(self) -> None:
        """Fetch a token, to see whether the credentials hold."""
        with self._reports() as reports:
            _ = reports.auth

    def create_report(
        self, report_type: str, marketplace_id: str, start: str, end: str, options: dict[str, str]
    ) -> str:
        body: dict[str, Any] = {
            "reportType": report_type,
            "marketplaceIds": [marketplace_id],
            "dataStartTime": start,
            "dataEndTime": end,
        }
        if options:
            body["reportOptions"] = options
        return str(self._call("createReport", lambda reports: reports.create_report(**body))["reportId"])

    def get_report(self, report_id: str) -> dict[str, Any]:
        return self._call("getReport", lambda reports: reports.get_report(report_id))

    def download(self, document_id: str, name: str) -> Document:
        """Fetch a document; one that arrives damaged is fetched again before it is refused."""
        for attempt in range(1, DOWNLOADS + 1):
            found = self._call("getReportDocument", lambda reports: reports.get_report_document(document_id))
            response = self._http.send("download", "GET", found["url"], expect_json=False)
            document = Document(f"{name} {document_id}", response.content, response.charset_encoding)
            try:
                document.plain()
            except DocumentBroken:
                if attempt == DOWNLOADS:
                    raise
            else:
                return document
        raise AssertionError("unreachable")

    def _call(self, operation: str, action: Any) -> dict[str, Any]:
        """Run one library call; a token that expired early is renewed once."""
        for is_last in (False, True):
            try:
                with self._reports() as reports:
                    reports._transport.operation = operation
                    payload = action(reports).payload
            except LoginRefused:
                if is_last:
                    raise
                _forget_token(self._credentials["refresh_token"])
                continue
            if not isinstance(payload, dict) or not payload:
                raise ServerUnavailable(
                    f"amazon_sp/{self.account.account_id}: {operation} answered nothing", operation=operation
                )
            return payload
        raise AssertionError("unreachable")

    @contextmanager
    def _reports(self) -> Iterator[Any]:
        """A library object that nobody else is using; there are never more than threads."""
        try:
            reports = self._idle.pop()
        except IndexError:
            reports = _build(self.account, self._credentials, self._http)
        try:
            yield reports
        finally:
            self._idle.append(reports)


class _Transport:
    """Takes the place of the library's transport: the same call, answered by our client or by one of our errors."""

    def __init__(self, http: HttpClient, operation: str) -> None:
        self._http, self.operation = http, operation

    def request(self, method: str, url: str, *, headers: dict[str, str], **request: Any) -> Any:
        # The library cuts the host out of the address as if it always were https.
        kept = {name: value for name, value in headers.items() if name.lower() != "host"}
        return self._http.send(self.operation, method, url, headers=kept, **request)

    def close(self) -> None:
        pass


def _build(account: Account, credentials: dict[str, str], http: HttpClient) -> Any:
    from sp_api.api import Reports
    from sp_api.auth import AccessTokenClient
    from sp_api.base import Marketplaces

    login = urlsplit(str(account.get("login_endpoint", LOGIN_ENDPOINT)))

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host = f"{login.scheme}://", login.netloc

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._transport = _Transport(http, "login")

        def get_auth(self) -> Any:
            with _login_lock:
                return super().get_auth()

    wanted = account.get("marketplace_id")
    marketplace = next((m for m in Marketplaces if m.marketplace_id == wanted), Marketplaces.US)
    # The library would read the certificates anew for each object, although nothing of it touches the network.
    reports = Reports(
        marketplace=marketplace,
        credentials=credentials,
        auth_token_client_class=Login,
        verify=trusted_certificates(),  # type: ignore[arg-type]
    )
    if endpoint := account.get("endpoint"):
        reports.endpoint = str(endpoint).rstrip("/")
    reports._transport = _Transport(http, "reports")
    return reports


def _forget_token(refresh_token: str) -> None:
    from sp_api.auth._core import build_cache_key
    from sp_api.auth.access_token_client import cache

    with _login_lock:
        cache.pop(build_cache_key(refresh_token), None)
