"""python-amazon-sp-api behind the pipeline's own HTTP client.

The library builds the requests of any of its classes; this keeps what it doesn't: it takes a 503 with HTML or a 429
without an ``errors`` key for an answer, ignores Retry-After, reads amounts as floats, and documents without a charset
as ISO-8859-1. A library object keeps state of the request under way on itself, so each thread borrows one; token and
rate are one for the account.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import DocumentBroken, LoginRefused, ServerUnavailable
from airflow_dags.http import HttpClient, trusted_certificates
from airflow_dags.paging import Page, follow
from airflow_dags.streams import Platform

LOGIN_ENDPOINT = "https://api.amazon.com"
DOWNLOADS = 3
# The versions of those classes of the library that know several.
VERSIONS = {
    "Finances": "2024-06-19",
    "Orders": "2026-01-01",
    "CatalogItems": "2022-04-01",
    "ListingsItems": "2021-08-01",
}
_login_lock = threading.Lock()


class SellingPartner:
    """One account's Selling Partner API."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account = account
        self._http = HttpClient(
            f"{platform.name}/{account.account_id}", platform.limits, secrets=account.secrets.values()
        )
        self._idle: dict[str, list[Any]] = defaultdict(list)
        self._credentials = {
            "lwa_app_id": account.need("client_id"),
            "lwa_client_secret": str(account.get("client_secret") or account.need("password")),
            "refresh_token": account.need("refresh_token"),
        }

    def log_in(self) -> None:
        """Fetch a token, to see whether the credentials hold."""
        with self._borrowed("Reports") as reports:
            _ = reports.auth

    def call(self, api: str, operation: str, action: Callable[[Any], Any]) -> Any:
        """Run one call of the library's class ``api`` ("Reports", "Finances", "CatalogItems"); return its answer.

        ``action`` gets an object of the class and returns the library's ApiResponse, whose ``payload`` is a dictionary
        with amounts as Decimal; ``operation`` is Amazon's name of the operation, by which settings.yml states its rate.
        A token that expired early is renewed once. Raises the pipeline's own errors.
        """
        for is_last in (False, True):
            try:
                with self._borrowed(api) as client:
                    client._transport.operation = operation
                    answer = action(client)
            except LoginRefused:
                if is_last:
                    raise
                _forget_token(self._credentials["refresh_token"])
                continue
            if not isinstance(answer.payload, dict) or not answer.payload:
                raise ServerUnavailable(
                    f"amazon_sp/{self.account.account_id}: {operation} answered nothing", operation=operation
                )
            return answer
        raise AssertionError("unreachable")

    # -- reports ---------------------------------------------------------------------------------------------------

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
        answer = self.call("Reports", "createReport", lambda reports: reports.create_report(**body))
        return str(answer.payload["reportId"])

    def get_report(self, report_id: str) -> dict[str, Any]:
        answer = self.call("Reports", "getReport", lambda reports: reports.get_report(report_id))
        return dict(answer.payload)

    def list_reports(self, report_type: str, since: str, until: str) -> Iterator[dict[str, Any]]:
        """The finished reports of a type that were created between two instants, newest first."""
        filters = {
            "reportTypes": [report_type],
            "processingStatuses": ["DONE"],
            "createdSince": since,
            "createdUntil": until,
            "pageSize": 100,
        }

        def fetch(token: str | None) -> Page:
            # The token stands for the filters, which may not come with it.
            given = {"nextToken": token} if token else filters
            answer = self.call("Reports", "getReports", lambda reports: reports.get_reports(**given))
            return Page(answer.payload.get("reports") or [], answer.next_token)

        return follow(fetch, f"the list of {report_type}", key=lambda report: report["reportId"])

    def download(self, document_id: str, name: str) -> Document:
        """Fetch a report's document; one that arrives damaged is fetched again before it is refused."""

        def address() -> str:
            found = self.call("Reports", "getReportDocument", lambda reports: reports.get_report_document(document_id))
            return str(found.payload["url"])

        return self._fetch(f"{name} {document_id}", address)

    # -- Data Kiosk ------------------------------------------------------------------------------------------------

    def create_query(self, query: str) -> str:
        answer = self.call("DataKiosk", "createQuery", lambda kiosk: kiosk.create_query(query))
        return str(answer.payload["queryId"])

    def get_query(self, query_id: str) -> dict[str, Any]:
        answer = self.call("DataKiosk", "getQuery", lambda kiosk: kiosk.get_query(query_id))
        return {**answer.payload, "pagination": answer.pagination}

    def download_query(self, document_id: str, name: str) -> Document:
        def address() -> str:
            found = self.call("DataKiosk", "getDocument", lambda kiosk: kiosk.get_document(document_id))
            return str(found.payload["documentUrl"])

        return self._fetch(f"{name} {document_id}", address)

    # --------------------------------------------------------------------------------------------------------------

    def _fetch(self, name: str, address: Callable[[], str]) -> Document:
        """Fetch what a presigned address points to; each attempt asks for a new address, because they expire."""
        for attempt in range(1, DOWNLOADS + 1):
            response = self._http.send("download", "GET", address(), expect_json=False)
            document = Document(name, response.content, response.charset_encoding)
            try:
                document.plain()
                _refuse_cut(response, name)
            except DocumentBroken:
                if attempt == DOWNLOADS:
                    raise
            else:
                return document
        raise AssertionError("unreachable")

    @contextmanager
    def _borrowed(self, api: str) -> Iterator[Any]:
        """An object of the library's class that nobody else is using; there are never more of it than threads."""
        try:
            client = self._idle[api].pop()
        except IndexError:
            client = _build(api, self.account, self._credentials, self._http)
        try:
            yield client
        finally:
            self._idle[api].append(client)


class _Transport:
    """Takes the place of the library's transport: the same call, answered by our client or by one of our errors."""

    def __init__(self, http: HttpClient, operation: str) -> None:
        self._http, self.operation = http, operation

    def request(self, method: str, url: str, *, headers: dict[str, str], **request: Any) -> Any:
        # The library cuts the host out of the address as if it always were https.
        kept = {name: value for name, value in headers.items() if name.lower() != "host"}
        response = self._http.send(self.operation, method, url, headers=kept, **request)
        # Amounts are JSON numbers: the library would make floats of them.
        response.json = partial(json.loads, response.content, parse_float=Decimal)  # type: ignore[method-assign]
        return response

    def close(self) -> None:
        pass


def _build(api: str, account: Account, credentials: dict[str, str], http: HttpClient) -> Any:
    import sp_api.api
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
    client = getattr(sp_api.api, api)(
        marketplace=marketplace,
        credentials=credentials,
        auth_token_client_class=Login,
        verify=trusted_certificates(),
        **({"version": VERSIONS[api]} if api in VERSIONS else {}),
    )
    if endpoint := account.get("endpoint"):
        client.endpoint = str(endpoint).rstrip("/")
    client._transport = _Transport(http, api)
    return client


def _refuse_cut(response: Any, name: str) -> None:
    """A body that was sent with Content-Encoding: gzip is unpacked already; a stream that ended early looks whole."""
    unpacking = getattr(getattr(response, "_decoder", None), "decompressor", None)
    if unpacking is not None and not getattr(unpacking, "eof", True):
        raise DocumentBroken(f"{name} is truncated: the gzip stream ends early; nothing was changed; download it again")


def _forget_token(refresh_token: str) -> None:
    from sp_api.auth._core import build_cache_key
    from sp_api.auth.access_token_client import cache

    with _login_lock:
        cache.pop(build_cache_key(refresh_token), None)
