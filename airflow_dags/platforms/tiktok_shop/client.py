"""TikTok Shop's Open API over plain HTTP: signed requests, renewal of the access token, lists in pages, error codes.

Every answer is {code, message, data, request_id}; a code other than 0 is a failure, also with HTTP status 200. One
code (36009004) stands for a dozen failures, which only the message tells apart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import (
    NOTHING_CHANGED,
    ConfigurationError,
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
    from airflow_dags.streams import Platform

log = logging.getLogger(__name__)
ENDPOINT = "https://open-api.tiktokglobalshop.com"
LOGIN_ENDPOINT = "https://auth.tiktok-shops.com"
LOGIN = "refreshToken"
# A request is signed once for all its attempts, and its time holds for 5 minutes.
PATIENCE = 200.0
READINGS = 3
THROTTLED = frozenset({36009002, 36009037})
UNAVAILABLE = frozenset({36009003, 36009007})
TOKEN_REFUSED = frozenset({105000, 105001, 105002, 105003, 105004, 1010000})
NOT_ALLOWED = frozenset({105005, 36009033})
SIGNATURE_REFUSED = 106001
RENEWAL = "authorise the app again in TikTok Shop and fill in the new refresh token"
MANY_MEANINGS = 36009004
_tokens: dict[str, str] = {}
_refresh_tokens: dict[str, str] = {}
_login_lock = threading.Lock()


def signature(secret: str, path: str, query: Mapping[str, Any], body: str) -> str:
    """Lower-case hex HMAC-SHA256 of secret + path + the query's names and values by name + body + secret."""
    pairs = "".join(f"{name}{query[name]}" for name in sorted(query) if name not in ("sign", "access_token"))
    return hmac.new(secret.encode(), f"{secret}{path}{pairs}{body}{secret}".encode(), hashlib.sha256).hexdigest()


class _Http(HttpClient):
    """Judges answers by TikTok's code, so that the retries see throttling that comes with status 200."""

    def _problem(self, operation: str, response: httpx.Response, expect_json: bool) -> PipelineError | None:
        body = _body_of(response)
        try:
            code = int(body["code"])
        except (KeyError, TypeError, ValueError):
            if response.is_success:
                return ServerUnavailable(f"{self.owner}: {operation} answered without a code", operation=operation)
            return super()._problem(operation, response, expect_json)
        if code == 0:
            return super()._problem(operation, response, expect_json)
        return self._problem_of_code(operation, code, str(body.get("message", "")), response)

    def _problem_of_code(self, operation: str, code: int, message: str, response: httpx.Response) -> PipelineError:
        context = {"operation": operation, "status": response.status_code, "code": code}
        said = f"code {code}{self._reason(response)}"
        what, wait = f"{self.owner}: {operation}", retry_after(response.headers.get("Retry-After"))
        if code in THROTTLED or response.status_code == 429:
            return Throttled(f"{what} was throttled ({said})", wait, **context)
        if code in UNAVAILABLE or response.status_code >= 500:
            return ServerUnavailable(f"{what} failed ({said})", retry_after=wait, **context)
        if code == MANY_MEANINGS and "timestamp" in message.lower():
            return ConfigurationError(
                f"{what} was refused: this machine's clock is {_clock_error(response)} TikTok's, which accepts 5 "
                f"minutes behind and 30 seconds ahead; {NOTHING_CHANGED}; set the clock (NTP)",
                **context,
            )
        if remedy := _login_remedy(operation, code, message):
            context["is_token"] = remedy is RENEWAL
            return LoginRefused(f"{what} was refused ({said}); {NOTHING_CHANGED}; {remedy}", **context)
        return RequestRefused(f"{what} was refused ({said}); {NOTHING_CHANGED}", **context)


def _login_remedy(operation: str, code: int, message: str) -> str | None:
    """What to do about a refused login; None where the refusal is about something else."""
    if code in TOKEN_REFUSED or (code == MANY_MEANINGS and re.search("access.token", message)):
        return RENEWAL
    if code == SIGNATURE_REFUSED or (code == MANY_MEANINGS and "app_key" in message):
        return "the signature is wrong: check app key and app secret of the connection"
    if code in NOT_ALLOWED:
        return (
            "the app isn't allowed to do this: give it the scope, or this machine's address, in TikTok's Partner "
            "Center, and authorise it again"
        )
    return RENEWAL if operation == LOGIN else None


class TikTokShop:
    """One shop's Open API."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account, self.owner = account, f"{platform.name}/{account.account_id}"
        self._secret = str(account.get("app_secret") or account.need("password"))
        self._app_key, self._cipher = account.need("app_key"), account.need("shop_cipher")
        self._endpoint = str(account.get("endpoint", ENDPOINT)).rstrip("/")
        self._login_endpoint = str(account.get("login_endpoint", LOGIN_ENDPOINT)).rstrip("/")
        self._key = f"{self._login_endpoint} {self._app_key} {account.get('refresh_token', '')}"
        secrets = [*account.secrets.values(), self._secret]
        self._http = _Http(self.owner, platform.limits, secrets=secrets, patience=PATIENCE)

    def close(self) -> None:
        self._http.close()

    def log_in(self) -> None:
        """Fetch a new access token, to see whether the credentials hold."""
        with _login_lock:
            self._renew()

    def get(self, operation: str, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's data; amounts stay text."""
        return self._call(operation, "GET", path, query, None)

    def post(self, operation: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call(operation, "POST", path, query, body)

    def rows(
        self,
        operation: str,
        path: str,
        query: Mapping[str, Any],
        *,
        body: Mapping[str, Any] | None = None,
        rows: str,
        key: str,
    ) -> list[dict[str, Any]]:
        """All rows of a list: ``rows`` names it within the data, ``key`` a row's id.

        A list that moves while it is read (orders change all the time) is read again before it is given up.
        """

        def fetch(cursor: str | None) -> Page:
            asked = {**query, "page_token": cursor} if cursor else dict(query)
            data = self.get(operation, path, asked) if body is None else self.post(operation, path, asked, body)
            found = data.get(rows) or []
            if not isinstance(found, list):
                raise ServerUnavailable(f"{self.owner}: {operation} answered no list of {rows}", operation=operation)
            return Page(found, data.get("next_page_token") or None, _count(data.get("total_count")))

        for attempt in range(1, READINGS + 1):
            try:
                return list(follow(fetch, f"{self.owner}: {operation}", key=lambda row: _key_of(row, key)))
            except PagingBroken as error:
                if attempt == READINGS:
                    raise
                log.info("%s: reading %d of a list failed (%s)", self.owner, attempt, error)
        raise AssertionError("unreachable")

    def _call(
        self, operation: str, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        token = self._token()
        try:
            return self._once(operation, method, path, query, body=body, token=token)
        except LoginRefused as error:
            if not error.context.get("is_token") or not self.account.get("refresh_token"):
                raise
        with _login_lock:
            # Another thread may have renewed it meanwhile.
            if _tokens.get(self._key, token) == token:
                self._renew()
        return self._once(operation, method, path, query, body=body, token=_tokens[self._key])

    def _once(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, Any],
        *,
        body: Mapping[str, Any] | None,
        token: str,
    ) -> dict[str, Any]:
        signed = {
            **{name: str(value) for name, value in query.items()},
            "app_key": self._app_key,
            "timestamp": str(int(time.time())),
            "shop_cipher": self._cipher,
        }
        text = "" if body is None else json.dumps(body, separators=(",", ":"))
        signed["sign"] = signature(self._secret, path, signed, text)
        headers = {"x-tts-access-token": token, "content-type": "application/json"}
        response = self._http.send(
            operation, method, self._endpoint + path, params=signed, content=text.encode() or None, headers=headers
        )
        return self._data_of(operation, response)

    def _data_of(self, operation: str, response: httpx.Response) -> dict[str, Any]:
        data = _body_of(response).get("data")
        if data is not None and not isinstance(data, dict):
            raise ServerUnavailable(f"{self.owner}: {operation} answered without data", operation=operation)
        return data or {}

    def _token(self) -> str:
        with _login_lock:
            if self._key not in _tokens and (given := self.account.get("access_token")):
                return str(given)
            if self._key not in _tokens:
                self._renew()
            return _tokens[self._key]

    def _renew(self) -> None:
        """Exchange the refresh token for an access token; the caller holds the lock.

        TikTok hands out a new refresh token as well, which this process uses from then on; the connection keeps its
        own.
        """
        query = {
            "app_key": self._app_key,
            "app_secret": self._secret,
            "refresh_token": _refresh_tokens.get(self._key) or self.account.need("refresh_token"),
            "grant_type": "refresh_token",
        }
        response = self._http.send(LOGIN, "GET", f"{self._login_endpoint}/api/v2/token/refresh", params=query)
        data = self._data_of(LOGIN, response)
        if not data.get("access_token"):
            raise ServerUnavailable(f"{self.owner}: {LOGIN} answered without a token", operation=LOGIN)
        _tokens[self._key] = str(data["access_token"])
        if data.get("refresh_token"):
            _refresh_tokens[self._key] = str(data["refresh_token"])


def _body_of(response: httpx.Response) -> dict[str, Any]:
    """The answer as JSON with amounts as the text of their digits; empty where it is none."""
    try:
        body = json.loads(response.content, parse_float=str)
    except (ValueError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _count(value: Any) -> int | None:
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        return None


def _key_of(row: Any, key: str) -> Any:
    """A row's id; a row without one is told from others by its content."""
    value = row.get(key) if isinstance(row, dict) else None
    return json.dumps(row, sort_keys=True) if value in (None, "") else str(value)


def _clock_error(response: httpx.Response) -> str:
    """How far this machine's clock is from the server's, as its Date header shows."""
    try:
        theirs = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return "far from"
    seconds = round(time.time() - theirs)
    return f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}" if abs(seconds) > 1 else "far from"
