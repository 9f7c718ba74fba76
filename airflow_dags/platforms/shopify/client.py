"""Shopify's Admin GraphQL API over the pipeline's HTTP client: tokens, points, and errors that come with status 200.

An app of the Dev Dashboard has a client id and a secret, for which Shopify gives tokens of 24 hours; an older custom
app has one token that doesn't end. Calls cost points: where they don't suffice the answer says how many there are and
how quickly they come back, so the client waits as long as that takes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from airflow_dags.accounts import Account
from airflow_dags.documents import Document, read_json
from airflow_dags.errors import (
    ConfigurationError,
    LoginRefused,
    PipelineError,
    RequestRefused,
    ServerUnavailable,
    Throttled,
)
from airflow_dags.http import HttpClient
from airflow_dags.streams import Platform

log = logging.getLogger(__name__)
TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 (its name)
SHOP = "query Shop { shop { name currencyCode ianaTimezone } }"
EARLY_SECONDS = 300  # a token is renewed so long before it ends
PATIENCE = 300.0  # the seconds that one call may wait for its points
ATTEMPTS = 5
_LOGIN_CODES = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE"})
_SERVER_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})


class AdminApi:
    """One shop's calls."""

    def __init__(self, account: Account, platform: Platform, sleep: Callable[[float], None] = time.sleep) -> None:
        self.account, self.title = account, f"{platform.name}/{account.account_id}"
        address = str(account.get("endpoint") or f"https://{shop_domain(account)}").rstrip("/")
        self._login_url = f"{address}/admin/oauth/access_token"
        self._url = f"{address}/admin/api/{account.get('api_version') or platform.settings['api_version']}/graphql.json"
        self._http = HttpClient(self.title, platform.limits, secrets=account.secrets.values())
        self._defaults = platform.settings
        self._sleep, self._lock = sleep, threading.Lock()
        self._client_id = account.get("client_id")
        # Without a client id the password is the token itself.
        self._token = "" if self._client_id else str(account.get("access_token") or account.need("password"))
        self._ends = 0.0

    def log_in(self) -> None:
        """See whether the login holds, and whether the shop's currency and zone are those of the connection."""
        shop = self.query("shop", SHOP).get("shop") or {}
        for name, field in (("currency", "currencyCode"), ("time_zone", "ianaTimezone")):
            given, found = self.account.get(name) or self._defaults[name], shop.get(field)
            if found and given != found:
                raise ConfigurationError(
                    f"connection {self.account.conn_id}: the shop's {name} is {found}, not {given}; correct it, or its "
                    "days and amounts would be taken for others"
                )

    def query(self, operation: str, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of one GraphQL call, numbers as the text of their digits; raises the pipeline's errors."""
        waited, attempt = 0.0, 0
        while True:
            attempt += 1
            answer = self._post(operation, {"query": text, "variables": variables or {}})
            problem = self._problem(operation, answer)
            if problem is None:
                return dict(answer["data"])
            if not problem.is_transient:
                raise problem
            pause = problem.retry_after if isinstance(problem, Throttled) else 0.5 * 2**attempt
            pause = 1.0 if pause is None else pause
            if waited + pause > PATIENCE or (attempt >= ATTEMPTS and not isinstance(problem, Throttled)):
                raise problem
            log.info("%s: %s, next in %.1f s", self.title, problem, pause)
            self._sleep(pause)
            waited += pause

    def download(self, operation: str, url: str) -> bytes:
        """A file at an address that is signed already."""
        return bytes(self._http.send(operation, "GET", url, expect_json=False).content)

    def _post(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """One answer; a token that ended on the way is renewed once."""
        for is_last in (False, True):
            token = self._valid_token()
            try:
                response = self._http.send(operation, "POST", self._url, json=body, headers={TOKEN_HEADER: token})
            except LoginRefused:
                if is_last or not self._client_id:
                    raise
                self._forget(token)
                continue
            found = read_json(Document(operation, response.content))
            return found if isinstance(found, dict) else {}
        raise AssertionError("unreachable")

    def _problem(self, operation: str, answer: dict[str, Any]) -> PipelineError | None:
        errors = answer.get("errors")
        if not errors:
            if isinstance(answer.get("data"), dict):
                return None
            return ServerUnavailable(f"{self.title}: {operation} answered without data", operation=operation)
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {"message": str(errors)}
        extensions = first.get("extensions")
        code = str(extensions.get("code") or "") if isinstance(extensions, dict) else ""
        reason = self._blotted(str(first.get("message") or code)[:300])
        prefix, context = f"{self.title}: {operation}", {"operation": operation, "code": code}
        if code == "THROTTLED":
            return Throttled(f"{prefix} was throttled", seconds_until_restored(answer), **context)
        if code in _SERVER_CODES:
            return ServerUnavailable(f"{prefix} failed ({code}: {reason})", **context)
        if code in _LOGIN_CODES:
            return LoginRefused(
                f"{prefix} was refused ({code}: {reason}); nothing was changed; give the app this access", **context
            )
        return RequestRefused(f"{prefix} was refused ({code or 'error'}: {reason}); nothing was changed", **context)

    def _blotted(self, text: str) -> str:
        for secret in filter(None, [*self.account.secrets.values(), self._token]):
            text = text.replace(secret, "***")
        return text

    def _valid_token(self) -> str:
        if not self._client_id:
            return self._token
        with self._lock:
            if time.monotonic() >= self._ends:
                secret = str(self.account.get("client_secret") or self.account.need("password"))
                form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": secret}
                answer = self._http.send("token", "POST", self._login_url, data=form).json()
                if not isinstance(answer, dict) or not answer.get("access_token"):
                    raise ServerUnavailable(f"{self.title}: token answered without a token", operation="token")
                self._token = str(answer["access_token"])
                seconds = float(answer.get("expires_in") or 0)
                self._ends = time.monotonic() + seconds - min(EARLY_SECONDS, seconds / 5)
            return self._token

    def _forget(self, token: str) -> None:
        """Drop a token that was refused, unless another thread has renewed it since."""
        with self._lock:
            if token == self._token:
                self._ends = 0.0


def shop_domain(account: Account) -> str:
    """The shop's own address at Shopify, from ``shop``: with or without .myshopify.com."""
    name = account.need("shop").removeprefix("https://").rstrip("/")
    return name if "." in name else f"{name}.myshopify.com"


def seconds_until_restored(answer: dict[str, Any]) -> float | None:
    """How long the bucket takes to hold the points that a call wanted; None where the answer doesn't say."""
    try:
        cost = answer["extensions"]["cost"]
        status = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(0.1, missing / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
