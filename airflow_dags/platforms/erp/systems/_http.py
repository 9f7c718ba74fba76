"""The HTTP client of the ERPs that are asked over the network: each system's own words for what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_dags.errors import (
    NOTHING_CHANGED,
    LoginRefused,
    PipelineError,
    RequestRefused,
    ServerUnavailable,
    Throttled,
)
from airflow_dags.http import HttpClient, retry_after

if TYPE_CHECKING:
    import httpx

    from airflow_dags.accounts import Account


class Verdict(NamedTuple):
    """What an answer says: ``kind`` is login, throttled, unavailable or refused."""

    kind: str
    said: str = ""


# A request is signed once for all its attempts, and the shortest of the systems' signatures holds for 2 minutes.
PATIENCE = 100.0
Judge = Callable[[str, "httpx.Response"], Verdict | None]


class ErpHttp(HttpClient):
    """One account's requests; ``judge`` finds the failures that don't show in the status."""

    def __init__(self, account: Account, judge: Judge) -> None:
        from airflow_dags.platforms.erp import PLATFORM

        self._judge = judge
        super().__init__(
            f"erp/{account.account_id}", PLATFORM.limits, secrets=account.secrets.values(), patience=PATIENCE
        )

    def _problem(self, operation: str, response: httpx.Response, expect_json: bool) -> PipelineError | None:
        verdict = self._judge(operation, response)
        if verdict is None:
            return super()._problem(operation, response, expect_json)
        context = {"operation": operation, "status": response.status_code}
        what, said = f"{self.owner}: {operation}", self.blotted(verdict.said)
        wait = retry_after(response.headers.get("Retry-After"))
        if verdict.kind == "login":
            return LoginRefused(
                f"{what} was refused{said}; {NOTHING_CHANGED}; check the connection's credentials", **context
            )
        if verdict.kind == "throttled":
            return Throttled(f"{what} was throttled{said}", wait, **context)
        if verdict.kind == "unavailable":
            return ServerUnavailable(f"{what} failed{said}", retry_after=wait, **context)
        return RequestRefused(f"{what} was refused{said}; {NOTHING_CHANGED}", **context)

    def blotted(self, text: str) -> str:
        """The system's words, short and without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = " ".join(text.split())[:200]
        return f" ({text})" if text else ""


def exact_json(response: httpx.Response) -> Any:
    """The answer as JSON with amounts as the text of their digits; None where it is none."""
    try:
        return json.loads(response.content, parse_float=str)
    except (ValueError, UnicodeDecodeError):
        return None
