"""Walmart Marketplace API v3 over the pipeline's HTTP client: a token for client credentials, renewed while a run goes
on, and lists that come in pages.

A refusal for too many requests names the instant at which tokens are there again (x-next-replenish-time) instead of
Retry-After.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from airflow_dags.accounts import Account
from airflow_dags.documents import Document, read_json
from airflow_dags.errors import LoginRefused, PipelineError, Throttled
from airflow_dags.http import HttpClient
from airflow_dags.streams import Platform

ENDPOINT = "https://marketplace.walmartapis.com"
SERVICE = "Walmart Marketplace"
JSON = "application/json"
REPLENISH_HEADERS = ("x-next-replenish-time", "x-next-replenishment-time")
NO_CONTENT = 204
EARLY_SECONDS = 60  # a token is renewed so long before it ends


def replenish_seconds(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds until Walmart has tokens again; the header is an instant in milliseconds (or seconds) since 1970."""
    for name in REPLENISH_HEADERS:
        try:
            instant = float(headers.get(name) or "")
        except ValueError:
            continue
        seconds = instant / 1000 if instant > 10**11 else instant
        return max(0.0, seconds - (time.time() if now is None else now))
    return None


class WalmartHttp(HttpClient):
    """Reads Walmart's own way to say when the next request may come; 204 is an answer, though it has no JSON."""

    def _problem(self, operation: str, response: httpx.Response, expect_json: bool) -> PipelineError | None:
        if response.status_code == NO_CONTENT:
            return None
        problem = super()._problem(operation, response, expect_json)
        if isinstance(problem, Throttled) and problem.retry_after is None:
            wait = replenish_seconds(response.headers)
            if wait is not None:
                return Throttled(problem.message, wait, operation=operation, status=response.status_code)
        return problem


class Marketplace:
    """One seller's calls."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account, self.title = account, f"{platform.name}/{account.account_id}"
        self._endpoint = str(account.get("endpoint", ENDPOINT)).rstrip("/")
        secret = str(account.get("client_secret") or account.need("password"))
        credentials = f"{account.need('client_id')}:{secret}"
        self._basic = "Basic " + base64.b64encode(credentials.encode()).decode()
        self._http = WalmartHttp(self.title, platform.limits, secrets=[*account.secrets.values(), self._basic])
        self._token, self._ends = "", 0.0
        self._lock = threading.Lock()

    def log_in(self) -> None:
        """Fetch a token, to see whether the credentials hold."""
        self._forget("")
        self._valid_token()

    def get(self, operation: str, path: str, params: Mapping[str, Any] | None = None, accept: str = JSON) -> Any:
        """A good answer (httpx.Response); a token that ended on the way is renewed once."""
        for is_last in (False, True):
            token = self._valid_token()
            headers = {**self._headers(accept), "WM_SEC.ACCESS_TOKEN": token}
            try:
                url = f"{self._endpoint}{path}"
                return self._http.send(
                    operation, "GET", url, params=params, headers=headers, expect_json=accept == JSON
                )
            except LoginRefused:
                if is_last:
                    raise
                self._forget(token)
        raise AssertionError("unreachable")

    def get_json(self, operation: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, numbers as the text of their digits; None for 204 (no data)."""
        answer = self.get(operation, path, params)
        if answer.status_code == NO_CONTENT:
            return None
        return read_json(Document(operation, answer.content))

    def _headers(self, accept: str) -> dict[str, str]:
        return {"Accept": accept, "WM_SVC.NAME": SERVICE, "WM_QOS.CORRELATION_ID": str(uuid4())}

    def _valid_token(self) -> str:
        with self._lock:
            if time.monotonic() >= self._ends:
                answer = self._http.send(
                    "token",
                    "POST",
                    f"{self._endpoint}/v3/token",
                    data={"grant_type": "client_credentials"},
                    headers={**self._headers(JSON), "Authorization": self._basic},
                ).json()
                self._token = str(answer["access_token"])
                seconds = float(answer.get("expires_in") or 0)
                self._ends = time.monotonic() + seconds - min(EARLY_SECONDS, seconds / 5)
            return self._token

    def _forget(self, token: str) -> None:
        """Drop a token that was refused, unless another thread has renewed it since."""
        with self._lock:
            if token in ("", self._token):
                self._ends = 0.0
